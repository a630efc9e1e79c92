namespace Capstan.Yaml;

/// <summary>
/// A tree kept as its JSON: a tenth of the memory, for what is kept long and read now and then. The tree itself stays at hand as long as
/// somebody uses it. Positions and styles are not kept.
/// </summary>
public sealed class PackedTree
{
    private static readonly ReadLimits Limits = new()
    {
        MaxBytes = int.MaxValue,
        MaxNodes = int.MaxValue,
        MaxDepth = 100_000,
        DuplicateKeys = DuplicateKeys.LastWins,
    };

    private readonly byte[] _json;
    private WeakReference<YamlMap>? _tree;

    /// <summary>Packs a tree.</summary>
    public PackedTree(YamlMap tree)
    {
        _json = JsonText.WriteBytes(tree);
        _tree = new WeakReference<YamlMap>(tree);
    }

    /// <summary>The tree as compact JSON.</summary>
    public ReadOnlyMemory<byte> Json => _json;

    /// <summary>The tree.</summary>
    public YamlMap Read()
    {
        if (_tree is { } known && known.TryGetTarget(out var tree))
        {
            return tree;
        }

        tree = (YamlMap)JsonText.Read(_json, Limits);
        _tree = new WeakReference<YamlMap>(tree);
        return tree;
    }
}
