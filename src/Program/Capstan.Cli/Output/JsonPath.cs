using System.Globalization;
using System.Text;
using Capstan.Yaml;

namespace Capstan.Cli.Output;

/// <summary>kubectl's JSONPath templates: text with <c>{.a.b}</c>, <c>[0]</c>, <c>[*]</c>, <c>['a.b']</c>, <c>{"\n"}</c> and
/// <c>{range …}…{end}</c>. Filters and recursive descent are refused by name.</summary>
internal sealed class JsonPath
{
    private readonly IReadOnlyList<Part> _parts;

    private JsonPath(IReadOnlyList<Part> parts) => _parts = parts;

    public static JsonPath Parse(string template)
    {
        // kubectl takes a bare path too: `.metadata.name`.
        if (template.StartsWith('.') && !template.Contains('{', StringComparison.Ordinal)) template = "{" + template + "}";
        var open = new Stack<(string Path, List<Part> Parts)>();
        var parts = new List<Part>();
        for (var at = 0; at < template.Length;)
        {
            if (template[at] != '{')
            {
                var next = template.IndexOf('{', at) is var i and >= 0 ? i : template.Length;
                parts.Add(new Text(template[at..next]));
                at = next;
                continue;
            }
            var close = ClosingBrace(template, at);
            var inner = template[(at + 1)..close].Trim();
            at = close + 1;
            if (inner.StartsWith("range ", StringComparison.Ordinal))
            {
                open.Push((inner["range ".Length..].Trim(), parts));
                parts = [];
            }
            else if (inner == "end")
            {
                if (!open.TryPop(out var outer)) throw new FormatException("{end} without {range}");
                outer.Parts.Add(new Range(Steps(outer.Path), parts));
                parts = outer.Parts;
            }
            else if (inner is ['"', .., '"'] or ['\'', .., '\''])
            {
                parts.Add(new Text(inner[1..^1].Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal)));
            }
            else
            {
                parts.Add(new Values(Steps(inner)));
            }
        }
        return open.Count == 0 ? new JsonPath(parts) : throw new FormatException("{range} without {end}");
    }

    public string Apply(YamlNode node)
    {
        var text = new StringBuilder();
        foreach (var part in _parts) part.Write(node, text);
        return text.ToString();
    }

    private static int ClosingBrace(string template, int at)
    {
        var quote = '\0';
        for (var i = at + 1; i < template.Length; i++)
        {
            if (quote != '\0') quote = template[i] == quote ? '\0' : quote;
            else if (template[i] is '"' or '\'') quote = template[i];
            else if (template[i] == '}') return i;
        }
        throw new FormatException($"the brace at {at + 1} is not closed");
    }

    private static List<Step> Steps(string path)
    {
        var steps = new List<Step>();
        for (var at = path.StartsWith('$') || path.StartsWith('@') ? 1 : 0; at < path.Length;)
        {
            if (path[at] == '[')
            {
                var close = path.IndexOf(']', at) is var i and > 0 ? i : throw new FormatException($"{path}: the bracket is not closed");
                steps.Add(Bracket(path[(at + 1)..close].Trim(), path));
                at = close + 1;
                continue;
            }
            if (path[at] == '.') at++;
            if (at < path.Length && path[at] == '.') throw new FormatException($"{path}: recursive descent (..) is not served");
            var name = new StringBuilder();
            for (; at < path.Length && path[at] is not ('.' or '['); at++)
            {
                if (path[at] == '\\' && at + 1 < path.Length) at++;
                name.Append(path[at]);
            }
            if (name.Length > 0) steps.Add(name.ToString() == "*" ? new Step(null, null) : new Step(name.ToString(), null));
        }
        return steps;
    }

    private static Step Bracket(string inner, string path) => inner switch
    {
        "*" => new Step(null, null),
        ['\'', .., '\''] or ['"', .., '"'] => new Step(inner[1..^1], null),
        _ when int.TryParse(inner, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) => new Step(null, index),
        _ => throw new FormatException($"{path}: [{inner}] is not served; use a number, * or a quoted name"),
    };

    /// <summary>One step: a field's name, a list's index, or (neither) everything within.</summary>
    private sealed record Step(string? Name, int? Index)
    {
        public IEnumerable<YamlNode> From(YamlNode node) => (this, node) switch
        {
            ({ Name: { } name }, YamlMap map) => map[name] is { } value ? [value] : [],
            ({ Index: { } index }, YamlList list) => (index < 0 ? list.Count + index : index) is var i && i >= 0 && i < list.Count ? [list[i]] : [],
            ({ Name: null, Index: null }, YamlList list) => list,
            ({ Name: null, Index: null }, YamlMap map) => map.Select(e => e.Value),
            _ => [],
        };
    }

    private abstract record Part
    {
        public abstract void Write(YamlNode node, StringBuilder text);

        protected static IEnumerable<YamlNode> Follow(YamlNode node, IEnumerable<Step> steps) =>
            steps.Aggregate((IEnumerable<YamlNode>)[node], (nodes, step) => nodes.SelectMany(step.From));
    }

    private sealed record Text(string Content) : Part
    {
        public override void Write(YamlNode node, StringBuilder text) => text.Append(Content);
    }

    private sealed record Values(IReadOnlyList<Step> Path) : Part
    {
        public override void Write(YamlNode node, StringBuilder text) =>
            text.AppendJoin(' ', Follow(node, Path).Select(n => n is YamlScalar scalar ? (scalar.IsNull ? "" : scalar.Text) : JsonText.Write(n)));
    }

    private sealed record Range(IReadOnlyList<Step> Path, IReadOnlyList<Part> Body) : Part
    {
        public override void Write(YamlNode node, StringBuilder text)
        {
            foreach (var item in Follow(node, Path))
            {
                foreach (var part in Body) part.Write(item, text);
            }
        }
    }
}
