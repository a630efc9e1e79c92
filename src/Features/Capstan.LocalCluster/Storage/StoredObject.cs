using Capstan.Yaml;

namespace Capstan.LocalCluster.Storage;

/// <summary>
/// One version of an object as it was committed: its bytes, and its tree as long as somebody uses it. Ten thousand objects are kept as
/// bytes; a tree costs about ten times as much.
/// </summary>
internal sealed class StoredObject
{
    private byte[] _bytes;
    private WeakReference<YamlMap>? _tree;

    public StoredObject(StoreKey key, long revision, byte[] json, YamlMap? tree = null)
    {
        Key = key;
        Revision = revision;
        _bytes = json;
        if (tree is not null)
        {
            _tree = new WeakReference<YamlMap>(tree);
        }
    }

    public StoreKey Key { get; }

    /// <summary>The revision at which this version was written; its <c>resourceVersion</c>.</summary>
    public long Revision { get; }

    /// <summary>The whole object as compact JSON, resourceVersion included.</summary>
    public byte[] Json => SmallJson.Text(_bytes);

    /// <summary>How many bytes <see cref="Json"/> has.</summary>
    public int Size => SmallJson.Length(_bytes);

    /// <summary>The object as a tree. A row that is no JSON map (a damaged disk) reads as an empty one rather than stopping the server.</summary>
    public YamlMap Tree
    {
        get
        {
            if (_tree is { } known && known.TryGetTarget(out var tree))
            {
                return tree;
            }

            tree = Parse();
            _tree = new WeakReference<YamlMap>(tree);
            return tree;
        }
    }

    public string Uid => Tree.At("metadata", "uid")?.AsString() ?? "";

    /// <summary>Keeps the bytes in less room from now on.</summary>
    public void Shrink()
    {
        _bytes = SmallJson.Shrink(_bytes);
        if (_tree?.TryGetTarget(out _) == false)
        {
            _tree = null;
        }
    }

    private YamlMap Parse()
    {
        try
        {
            return JsonText.Read(Json, StoreLimits.Reading) as YamlMap ?? YamlMap.Empty;
        }
        catch (YamlException)
        {
            return YamlMap.Empty;
        }
    }
}
