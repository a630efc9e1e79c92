using Capstan.Expressions.Evaluating;

namespace Capstan.Expressions;

/// <summary>A parsed expression. It does not change and may be evaluated by several threads.</summary>
public sealed class Expression
{
    private readonly ExpressionLanguage _language;

    internal Expression(string text, ExpressionNode root, ExpressionLanguage language) => (Text, Root, _language) = (text, root, language);

    /// <summary>The text that was parsed.</summary>
    public string Text { get; }

    /// <summary>Its tree.</summary>
    public ExpressionNode Root { get; }

    /// <summary>Evaluates it.</summary>
    /// <exception cref="ExpressionException">A function refuses its arguments, or a limit is passed.</exception>
    public ExpressionValue Evaluate(EvaluationContext context) => new Evaluator(this, _language, context).Evaluate();
}
