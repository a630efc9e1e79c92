using Capstan.Expressions;
using Capstan.Workflows.Files;
using Capstan.Workflows.Places;
using Capstan.Yaml;

namespace Capstan.Workflows.Planning;

/// <summary>Values of parts of a file, with every expression in them evaluated. The reader's depth limit bounds the recursion.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="language">The functions, with what they do in this job.</param>
/// <param name="context">The contexts.</param>
public sealed class NodeEvaluator(string path, ExpressionLanguage language, EvaluationContext context)
{
    /// <summary>The value of a part; null of nothing.</summary>
    /// <exception cref="WorkflowException">An expression fails; the message has path and line.</exception>
    public ExpressionValue Value(YamlNode? node) => node switch
    {
        null => ExpressionValue.Null,
        YamlScalar scalar => Scalar(scalar),
        YamlList list => new ArrayValue([.. list.Select(Value)]),
        YamlMap map => Map(map),
        _ => ExpressionValue.Null,
    };

    /// <summary>The text of a field; empty of nothing.</summary>
    /// <exception cref="WorkflowException">An expression fails.</exception>
    public string Text(Field? field) => field is null ? "" : Evaluate(field.Text, field.Position).Text;

    /// <summary>A map of texts; empty of nothing.</summary>
    /// <exception cref="WorkflowException">An expression fails, or the value is no map.</exception>
    public IReadOnlyList<KeyValuePair<string, string>> Texts(YamlNode? node) => Value(node) switch
    {
        ObjectValue map => [.. map.Entries.Select(e => new KeyValuePair<string, string>(e.Key, e.Value.Text))],
        { Kind: ValueKind.Null } => [],
        _ => throw new WorkflowException($"{path}:{node!.Position}: is no map of names to values"),
    };

    /// <summary>Whether a condition holds.</summary>
    /// <exception cref="WorkflowException">It cannot be evaluated.</exception>
    public bool Holds(Field? condition, bool succeeded)
    {
        if (condition is null) return succeeded;
        try
        {
            return Condition.Parse(condition.Text, language).Holds(context, succeeded);
        }
        catch (ExpressionException wrong)
        {
            throw new WorkflowException($"{path}:{condition.Position}: if: {wrong.Message}", wrong);
        }
    }

    private ExpressionValue Scalar(YamlScalar scalar)
    {
        var value = CoreScalars.Read(scalar);
        return value.Kind == ValueKind.String && TemplateText.HasExpression(value.Text) ? Evaluate(value.Text, scalar.Position) : value;
    }

    private ObjectValue Map(YamlMap map)
    {
        var entries = new List<KeyValuePair<string, ExpressionValue>>();
        foreach (var entry in map)
        {
            var value = Value(entry.Value);
            if (!TemplateText.HasExpression(entry.Key)) entries.Add(new(entry.Key, value));
            else if (entry.Key.Trim(' ', '$', '{', '}') == "insert" && value is ObjectValue inserted) entries.AddRange(inserted.Entries);
            else entries.Add(new(Evaluate(entry.Key, entry.KeyPosition).Text, value));
        }

        return new ObjectValue(entries, caseSensitive: true);
    }

    private ExpressionValue Evaluate(string text, Position position)
    {
        if (!TemplateText.HasExpression(text)) return ExpressionValue.Of(text);
        try
        {
            return TemplateText.Parse(text, language).Evaluate(context);
        }
        catch (ExpressionException wrong)
        {
            throw new WorkflowException($"{path}:{position}: {wrong.Message}", wrong);
        }
    }
}
