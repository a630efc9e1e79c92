using System.Collections.Concurrent;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>Reads the table of types (grammar: README.md beside it). Types are parsed when they are first asked for.</summary>
internal sealed class SchemaTable
{
    private readonly Dictionary<string, string> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<GroupVersionKind, string> _kinds = [];
    private readonly ConcurrentDictionary<string, SchemaNode> _types = new(StringComparer.Ordinal);

    private SchemaTable(TextReader reader)
    {
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith("@ ", StringComparison.Ordinal))
            {
                var parts = line.Split(' ');
                _kinds[GroupVersionKind.From(parts[1], parts[2])] = parts[3];
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                var end = line.AsSpan().IndexOfAny(' ', '!');
                _lines[line[..end]] = line[end..];
            }
        }
    }

    public IEnumerable<GroupVersionKind> Kinds => _kinds.Keys;

    public static SchemaTable ReadEmbedded()
    {
        using var stream = typeof(SchemaTable).Assembly.GetManifestResourceStream("built-in-types.txt")
            ?? throw new InvalidOperationException("The table of built-in types is not in the program.");
        using var reader = new StreamReader(stream);
        return new SchemaTable(reader);
    }

    public static SchemaTable Read(TextReader reader) => new(reader);

    public SchemaNode? Root(GroupVersionKind kind) => _kinds.TryGetValue(kind, out var name) ? Type(name) : null;

    /// <summary>A type of the table; null for a name that is none.</summary>
    public SchemaNode? Find(string name) => _lines.ContainsKey(name) ? Type(name) : null;

    public SchemaNode Type(string name) => _types.GetOrAdd(name, ParseType);

    private SchemaNode ParseType(string name)
    {
        if (!_lines.TryGetValue(name, out var line))
        {
            return SchemaNode.Deduced;
        }

        if (line.StartsWith(" = ", StringComparison.Ordinal))
        {
            return new SchemaTypeParser(line[3..], this).Parse().Node;
        }

        var atomic = line[0] == '!';
        var fields = new Dictionary<string, SchemaField>(StringComparer.Ordinal);
        foreach (var text in line[(atomic ? 1 : 0)..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var field = ParseField(text);
            fields[field.Name] = field;
        }

        return new SchemaNode(null, null, new MapShape(fields, null, atomic)) { Name = name };
    }

    // name:TYPE[~strategies[/mergeKey]][^][&|?][=default]
    private SchemaField ParseField(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var parser = new SchemaTypeParser(text[(colon + 1)..], this);
        var type = parser.Parse();
        var rest = parser.Rest;
        var equals = rest.IndexOf('=', StringComparison.Ordinal);
        var head = equals < 0 ? rest : rest[..equals];
        var empty = head.EndsWith('&') ? EmptyForm.Struct : head.EndsWith('?') ? EmptyForm.Null : EmptyForm.Absent;
        head = head.TrimEnd('&', '?');
        var required = head.EndsWith('^');
        head = head.TrimEnd('^').TrimStart('~');
        var slash = head.IndexOf('/', StringComparison.Ordinal);
        var strategies = (slash < 0 ? head : head[..slash]).Split(',');
        return new SchemaField(text[..colon], type)
        {
            Default = equals < 0 ? null : JsonText.Read(rest[(equals + 1)..]),
            Required = required,
            WhenEmpty = empty,
            PatchMerges = strategies.Contains("merge"),
            PatchRetainsKeys = strategies.Contains("retainKeys"),
            PatchMergeKey = slash < 0 ? "" : head[(slash + 1)..],
        };
    }
}
