using Capstan.Yaml;

namespace Capstan.Kustomize.Spec;

/// <summary>A map of a specification that must be understood completely: fields that nobody asked for are errors.</summary>
internal sealed class SpecMap
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    public SpecMap(string file, YamlNode node, string what)
    {
        File = file;
        What = what;
        Map = node as YamlMap ?? throw new KustomizeException($"{what} must be a map, it is {node.Description}", file, node.Position);
    }

    public string File { get; }

    public string What { get; }

    public YamlMap Map { get; }

    public Position Position => Map.Position;

    /// <summary>The value of a field; null when it is absent or null. Names count without regard to case, as in Go's JSON.</summary>
    public YamlNode? Node(string name)
    {
        _known.Add(name);
        var node = Map[name];
        if (node is null)
        {
            foreach (var entry in Map)
            {
                if (string.Equals(entry.Key, name, StringComparison.OrdinalIgnoreCase))
                {
                    node = entry.Value;
                }
            }
        }

        return node is null || node.IsNull ? null : node;
    }

    public string Text(string name) => OptionalText(name) ?? "";

    public string? OptionalText(string name) => Node(name) is { } node ? TextOf(node, name) : null;

    public bool Flag(string name) => Node(name) switch
    {
        null => false,
        YamlScalar { Kind: ScalarKind.Boolean } flag => flag.Text == "true",
        var other => throw Wrong(name, "true or false", other),
    };

    public long Number(string name) => Node(name) switch
    {
        null => 0,
        YamlScalar scalar when scalar.TryGetInteger(out var number) => number,
        var other => throw Wrong(name, "an integer", other),
    };

    /// <summary>A list of texts; null when absent.</summary>
    public IReadOnlyList<SpecText>? Texts(string name) =>
        Node(name) is { } node ? [.. ListOf(node, name).Select(item => new SpecText(item.IsNull ? "" : TextOf(item, name), item.Position))] : null;

    /// <summary>A map of texts; null when absent.</summary>
    public IReadOnlyDictionary<string, string>? TextMap(string name)
    {
        if (Node(name) is not { } node)
        {
            return null;
        }

        var map = node as YamlMap ?? throw Wrong(name, "a map of texts", node);
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in map)
        {
            result[key] = value.IsNull ? "" : TextOf(value, $"{name}.{key}");
        }

        return result;
    }

    public SpecMap? Child(string name) => Node(name) is { } node ? new SpecMap(File, node, name) : null;

    public IReadOnlyList<T> List<T>(string name, Func<SpecMap, T> read) => OptionalList(name, read) ?? [];

    public IReadOnlyList<T>? OptionalList<T>(string name, Func<SpecMap, T> read)
    {
        if (Node(name) is not { } node)
        {
            return null;
        }

        var result = new List<T>();
        foreach (var item in ListOf(node, name))
        {
            var map = new SpecMap(File, item.IsNull ? YamlMap.Empty : item, $"an item of {name}");
            result.Add(read(map));
            map.RefuseUnknown();
        }

        return result;
    }

    /// <summary>That the map has no field that was not asked for.</summary>
    public void RefuseUnknown()
    {
        foreach (var entry in Map)
        {
            if (!_known.Contains(entry.Key))
            {
                throw new KustomizeException(
                    $"invalid Kustomization: unknown field \"{entry.Key}\" in {What}; known are {string.Join(", ", _known.Order(StringComparer.Ordinal))}", File, entry.KeyPosition);
            }
        }
    }

    private YamlList ListOf(YamlNode node, string name) => node as YamlList ?? throw Wrong(name, "a list", node);

    private string TextOf(YamlNode node, string name) => node.AsString() ?? throw Wrong(name, "a string", node);

    private KustomizeException Wrong(string name, string wanted, YamlNode found) =>
        new($"invalid Kustomization: {name} must be {wanted}, it is {found.Description}", File, found.Position);
}

/// <summary>A text of a specification and where it stands.</summary>
/// <param name="Text">The text.</param>
/// <param name="Position">Where it stands.</param>
/// <param name="IsOptional">Whether what it names may be absent.</param>
internal readonly record struct SpecText(string Text, Position Position, bool IsOptional = false);
