using Capstan.Expressions;
using Capstan.Workflows.Files.Schema;
using Capstan.Workflows.Places;
using Capstan.Yaml;

namespace Capstan.Workflows.Files;

/// <summary>Checks a tree against the shape that it should have, and every expression in it against its place. The reader's depth limit
/// bounds the recursion.</summary>
internal sealed class SchemaCheck(SourceText source, Action<Position, string> report)
{
    /// <summary>Checks a node and all below it.</summary>
    public void Check(YamlNode node, Shape shape, Place? above = null)
    {
        var place = shape.Place ?? above ?? Place.None;
        IReadOnlyList<Shape> options = shape is ChoiceShape choice ? choice.Options : [shape];
        switch (node)
        {
            case YamlScalar scalar:
                CheckScalar(scalar, options, place);
                break;
            case YamlList list:
                CheckList(list, options, place);
                break;
            case YamlMap map:
                CheckMap(map, options, place);
                break;
        }
    }

    private void CheckScalar(YamlScalar scalar, IReadOnlyList<Shape> options, Place place)
    {
        var value = CoreScalars.Read(scalar);
        if (value.Kind == ValueKind.String && TemplateText.HasExpression(value.Text))
        {
            if (ParseTemplate(scalar, value.Text, place) is not { } template) return;
            if (Literal(template) is not { } literal)
            {
                if (place.Language.Contexts.Count == 0) report(scalar.Position, "A template expression is not allowed in this context");
                return;
            }

            value = literal;
        }

        if (options.Any(o => Fits(value, o)) || (value.Kind != ValueKind.String && options.Any(o => Fits(ExpressionValue.Of(value.Text), o)))) return;
        report(scalar.Position, $"Unexpected value '{value.Text}'");
    }

    private static bool Fits(ExpressionValue value, Shape shape) => shape switch
    {
        AnyShape => true,
        NullShape => value.Kind == ValueKind.Null,
        FlagShape => value.Kind == ValueKind.Boolean,
        NumberShape => value.Kind == ValueKind.Number,
        TextShape { Exactly: { } word } => value.Kind == ValueKind.String && value.Text == word,
        TextShape { NotEmpty: true } => value.Kind == ValueKind.String && value.Text.Length > 0,
        TextShape => value.Kind == ValueKind.String,
        _ => false,
    };

    private void CheckList(YamlList list, IReadOnlyList<Shape> options, Place place)
    {
        var item = options.Select(o => o switch { ListShape l => l.Item, AnyShape a => a, _ => null }).FirstOrDefault(i => i is not null);
        if (item is null)
        {
            report(list.Position, "A sequence was not expected");
            return;
        }

        foreach (var each in list) Check(each, item, place);
    }

    private void CheckMap(YamlMap map, IReadOnlyList<Shape> options, Place place)
    {
        var shapes = options.Select(o => o as MapShape ?? (o is AnyShape any ? new MapShape([], any) : null)).OfType<MapShape>().ToList();
        if (shapes.Count == 0)
        {
            report(map.Position, "A mapping was not expected");
            return;
        }

        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var hasExpressionKey = false;
        foreach (var entry in map)
        {
            if (TemplateText.HasExpression(entry.Key))
            {
                hasExpressionKey = true;
                CheckExpressionKey(entry, place);
            }
            else if (!seen.Add(entry.Key))
            {
                report(entry.KeyPosition, $"'{entry.Key}' is already defined");
            }
            else
            {
                CheckEntry(entry, ref shapes, place);
            }
        }

        CheckWhole(map, shapes, seen, hasExpressionKey);
    }

    private void CheckExpressionKey(YamlEntry entry, Place place)
    {
        if (place.Language.Contexts.Count == 0)
        {
            report(entry.KeyPosition, "A template expression is not allowed in this context");
            return;
        }

        ParseTemplate(new YamlScalar(entry.Key, ScalarKind.String, ScalarStyle.Plain, entry.KeyPosition), entry.Key, place);
        Check(entry.Value, new AnyShape(), place);
    }

    private void CheckEntry(YamlEntry entry, ref List<MapShape> shapes, Place place)
    {
        // A key that only some of the shapes have decides between them.
        var having = shapes.Where(s => s.Find(entry.Key) is not null).ToList();
        if (having.Count > 0)
        {
            shapes = having;
            Check(entry.Value, having[^1].Find(entry.Key)!.Value, place);
        }
        else if (shapes[0].Loose is { } loose)
        {
            if (entry.Key.Length == 0) report(entry.KeyPosition, "Unexpected value ''");
            Check(entry.Value, loose, place);
        }
        else
        {
            report(entry.KeyPosition, $"Unexpected value '{entry.Key}'");
        }
    }

    private void CheckWhole(YamlMap map, List<MapShape> shapes, HashSet<string> seen, bool hasExpressionKey)
    {
        if (shapes.Count > 1)
        {
            var deciding = shapes.SelectMany(s => s.Keys).GroupBy(k => k.Name, StringComparer.Ordinal).Where(g => g.Count() == 1).Select(g => g.Key).Order(StringComparer.Ordinal);
            report(map.Position, $"There's not enough info to determine what you meant. Add one of these properties: {string.Join(", ", deciding)}");
        }
        else if (!hasExpressionKey)
        {
            foreach (var key in shapes[0].Keys.Where(k => k.Required && !seen.Contains(k.Name))) report(map.Position, $"Required property is missing: {key.Name}");
        }
    }

    private TemplateText? ParseTemplate(YamlScalar scalar, string text, Place place)
    {
        if (text.Trim() is ['$', '{', '{', .. var inside, '}', '}'] && inside.Trim() == "insert") return null;
        var wrong = new List<ExpressionException>();
        var template = TemplateText.TryParse(text, place.Language, wrong);
        foreach (var mistake in wrong) report(source.Locate(scalar, text, Math.Max(0, mistake.Offset)), mistake.Problem);
        return template;
    }

    // ${{ 'text' }} is the text itself: the way to write what would otherwise be an expression.
    private static ExpressionValue? Literal(TemplateText template) =>
        template.Segments is [{ Expression.Root: LiteralNode { Value: { Kind: ValueKind.String } text } }] ? text : null;
}
