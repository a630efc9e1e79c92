using Capstan.Expressions;

namespace Capstan.Workflows.Places;

/// <summary>An <c>if</c>. It is an expression with or without <c>${{ }}</c>; without a status function it holds only while everything before succeeded.</summary>
public sealed class Condition
{
    private static readonly string[] StatusFunctions = ["success", "failure", "always", "cancelled"];

    private readonly TemplateText _template;

    private Condition(TemplateText template)
    {
        _template = template;
        AsksForStatus = template.Expressions
            .SelectMany(s => s.Expression!.Root.All()).OfType<CallNode>()
            .Any(c => StatusFunctions.Contains(c.Name, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Whether it asks itself how things went before.</summary>
    public bool AsksForStatus { get; }

    /// <summary>Whether text stands beside an expression: the whole is then a text, and always true.</summary>
    public bool IsAlwaysTrue => _template.Segments.Count > 1;

    /// <summary>The expressions in it.</summary>
    public IEnumerable<ExpressionNode> Roots => _template.Expressions.Select(s => s.Expression!.Root);

    /// <summary>Reads a condition.</summary>
    /// <exception cref="ExpressionException">It is no expression of the place.</exception>
    public static Condition Parse(string text, ExpressionLanguage language)
    {
        if (string.IsNullOrWhiteSpace(text)) return new Condition(TemplateText.Parse("${{ success() }}", language));
        if (TemplateText.HasExpression(text)) return new Condition(TemplateText.Parse(text, language));
        try
        {
            return new Condition(TemplateText.Parse("${{" + text + "}}", language));
        }
        catch (ExpressionException wrong)
        {
            throw new ExpressionException(wrong.Problem, text, wrong.Offset < 0 ? -1 : wrong.Offset - "${{".Length, wrong);
        }
    }

    /// <summary>Whether it holds.</summary>
    /// <param name="context">The contexts, with the functions of the language that parsed it.</param>
    /// <param name="succeeded">Whether everything before succeeded.</param>
    /// <exception cref="ExpressionException">It cannot be evaluated.</exception>
    public bool Holds(EvaluationContext context, bool succeeded) => (AsksForStatus || succeeded) && _template.Evaluate(context).IsTruthy;
}
