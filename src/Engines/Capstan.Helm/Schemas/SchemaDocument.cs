using System.Globalization;
using Capstan.Yaml;

namespace Capstan.Helm.Schemas;

/// <summary>A schema with its parts that references can name. References to files and to the network are never followed.</summary>
internal sealed class SchemaDocument
{
    private const int MaxDepth = 500;

    private readonly Dictionary<string, YamlNode> _named = new(StringComparer.Ordinal);
    private readonly YamlNode _root;

    public SchemaDocument(YamlNode root)
    {
        _root = root;
        Draft = DraftOf((root as YamlMap)?["$schema"]?.AsString());
        Collect(root, 0);
    }

    /// <summary>4, 6, 7, 2019 or 2020.</summary>
    public int Draft { get; }

    /// <summary>The whole schema.</summary>
    public YamlNode Root => _root;

    /// <summary>The schema that a reference names.</summary>
    /// <exception cref="SchemaException">It lies elsewhere, or is not there.</exception>
    public YamlNode Resolve(string reference)
    {
        if (_named.TryGetValue(reference, out var named))
        {
            return named;
        }

        var hash = reference.IndexOf('#', StringComparison.Ordinal);
        var document = hash < 0 ? reference : reference[..hash];
        var start = _root;
        if (document.Length > 0 && !_named.TryGetValue(document, out start!))
        {
            throw new SchemaException(
                $"\"$ref\": \"{reference}\" points out of the schema; references to files and to the network are not followed");
        }

        var pointer = hash < 0 ? "" : Uri.UnescapeDataString(reference[(hash + 1)..]);
        if (pointer.Length == 0)
        {
            return start;
        }

        return pointer[0] == '/'
            ? Walk(start, pointer) ?? throw new SchemaException($"json-pointer in \"file:///values.schema.json{reference}\" not found")
            : throw new SchemaException($"\"$ref\": \"{reference}\" names no anchor of the schema");
    }

    private static YamlNode? Walk(YamlNode node, string pointer)
    {
        YamlNode? at = node;
        foreach (var part in pointer.Split('/').Skip(1))
        {
            var key = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            at = at switch
            {
                YamlMap map => map[key],
                YamlList list when int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var i) && i < list.Count => list[i],
                _ => null,
            };
        }

        return at;
    }

    private static int DraftOf(string? uri) => uri switch
    {
        null => 2020,
        _ when uri.Contains("draft-04", StringComparison.Ordinal) => 4,
        _ when uri.Contains("draft-06", StringComparison.Ordinal) => 6,
        _ when uri.Contains("draft-07", StringComparison.Ordinal) => 7,
        _ when uri.Contains("2019-09", StringComparison.Ordinal) => 2019,
        _ when uri.Contains("2020-12", StringComparison.Ordinal) || uri.Contains("json-schema.org/schema", StringComparison.Ordinal) => 2020,
        _ => throw new SchemaException($"the dialect \"{uri}\" of the schema is not known"),
    };

    private void Collect(YamlNode node, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new SchemaException($"the schema is nested more than {MaxDepth} deep");
        }

        switch (node)
        {
            case YamlMap map:
                if ((map["$id"] ?? map["id"])?.AsString() is { } id)
                {
                    _named.TryAdd(id, map);
                }

                if ((map["$anchor"] ?? map["$dynamicAnchor"])?.AsString() is { } anchor)
                {
                    _named.TryAdd("#" + anchor, map);
                }

                foreach (var (_, value) in map)
                {
                    Collect(value, depth + 1);
                }

                break;
            case YamlList list:
                foreach (var item in list)
                {
                    Collect(item, depth + 1);
                }

                break;
        }
    }
}
