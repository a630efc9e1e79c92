using Capstan.Yaml;

namespace Capstan.Kustomize.SourceMaps;

/// <summary>What set a node of a resource's tree. What is below it was set with it, unless it has origins of its own.</summary>
/// <param name="origin">What set it.</param>
/// <param name="node">The node as it was set.</param>
/// <param name="followsLines">Whether nodes below it stand at lines of their own in the origin's file.</param>
internal sealed class OriginNode(FieldOrigin origin, YamlNode node, bool followsLines)
{
    private Dictionary<string, OriginNode>? _fields;
    private OriginNode[]? _items;

    public FieldOrigin Origin => origin;

    /// <summary>The origin of a field, or of an item of a list by its index; null when there is none.</summary>
    public OriginNode? Below(string step) => node switch
    {
        YamlList => int.TryParse(step, out var index) ? Item(index) : null,
        YamlMap map => _fields?.GetValueOrDefault(step) ?? (map[step] is { } value ? SetWith(value) : null),
        _ => null,
    };

    public OriginNode? Item(int index) =>
        node is not YamlList list || index < 0 || index >= list.Count ? null : _items?[index] ?? SetWith(list[index]);

    /// <summary>The origins of a node that takes this one's place.</summary>
    /// <param name="before">The node that this one tells of.</param>
    /// <param name="after">The node of now.</param>
    /// <param name="by">Makes the origin of what is new.</param>
    public OriginNode Follow(YamlNode before, YamlNode after, Func<YamlNode, OriginNode> by)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        return (before, after) switch
        {
            _ when ReferenceEquals(before, after) => this,
            (YamlMap old, YamlMap now) => Map(old, now, by),
            (YamlList old, YamlList now) => List(old, now, by),
            _ => before.Equals(after) ? this : by(after),
        };
    }

    private OriginNode SetWith(YamlNode below) =>
        new(followsLines && below.Position.Line > 0 ? origin with { Line = below.Position.Line } : origin, below, followsLines);

    private OriginNode Map(YamlMap old, YamlMap now, Func<YamlNode, OriginNode> by)
    {
        var fields = new Dictionary<string, OriginNode>(now.Count, StringComparer.Ordinal);
        foreach (var (key, value) in now)
        {
            fields[key] = old[key] is { } before && Below(key) is { } known ? known.Follow(before, value, by) : by(value);
        }

        return new OriginNode(origin, now, followsLines) { _fields = fields };
    }

    // Patches put new items in front, so that an item is found again by what it is or by its name, and only then by its place.
    private OriginNode List(YamlList old, YamlList now, Func<YamlNode, OriginNode> by)
    {
        var (same, named) = (new Dictionary<YamlNode, int>(), new Dictionary<string, int>(StringComparer.Ordinal));
        for (var i = old.Count - 1; i >= 0; i--)
        {
            same[old[i]] = i;
            if (NameOf(old[i]) is { } name)
            {
                named[name] = i;
            }
        }

        var items = new OriginNode[now.Count];
        for (var i = 0; i < now.Count; i++)
        {
            var at = same.TryGetValue(now[i], out var equal) ? equal
                : NameOf(now[i]) is { } name ? named.GetValueOrDefault(name, -1)
                : old.Count == now.Count ? i : -1;
            items[i] = at >= 0 && Item(at) is { } known ? known.Follow(old[at], now[i], by) : by(now[i]);
        }

        return new OriginNode(origin, now, followsLines) { _items = items };
    }

    private static string? NameOf(YamlNode item) => (item as YamlMap)?["name"]?.AsString();
}
