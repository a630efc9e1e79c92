using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Kubernetes;

/// <summary>Who owns an object.</summary>
/// <param name="Kind">The owner's kind.</param>
/// <param name="Name">The owner's name; it is in the same namespace, or cluster-scoped.</param>
/// <param name="Uid">The owner's uid.</param>
/// <param name="IsController">Whether it is the one owner that manages the object.</param>
public readonly record struct OwnerReference(GroupVersionKind Kind, string Name, string Uid, bool IsController);

/// <summary>
/// One object as the cache holds it: what is asked of all objects is at hand, the rest stays bytes until <see cref="Read"/>. Immutable.
/// </summary>
public sealed class CachedObject : IObjectBody
{
    private byte[] _json;
    private WeakReference<YamlMap>? _tree;
    private readonly KeyValuePair<string, string>[] _marks;

    internal CachedObject(in ObjectHeader header, GroupVersionKind kind, byte[] json)
    {
        Kind = kind;
        Namespace = header.Namespace;
        Name = header.Name;
        Uid = header.Uid;
        ResourceVersion = header.ResourceVersion;
        Generation = header.Generation;
        IsBeingDeleted = header.IsBeingDeleted;
        Owners = header.Owners;
        _marks = header.Marks;
        _json = json;
    }

    /// <summary>The kind, in the version in which it was read.</summary>
    public GroupVersionKind Kind { get; }

    /// <summary><c>metadata.namespace</c>; empty for cluster-scoped objects.</summary>
    public string Namespace { get; }

    /// <summary><c>metadata.name</c>.</summary>
    public string Name { get; }

    /// <summary>Which object it is.</summary>
    public ObjectKey Key => new(Kind.GroupKind, Namespace, Name);

    /// <summary><c>metadata.uid</c>.</summary>
    public string Uid { get; }

    /// <summary><c>metadata.resourceVersion</c>.</summary>
    public string ResourceVersion { get; }

    /// <summary><c>metadata.generation</c>; 0 when absent.</summary>
    public long Generation { get; }

    /// <summary>Whether <c>metadata.deletionTimestamp</c> is set.</summary>
    public bool IsBeingDeleted { get; }

    /// <summary><c>metadata.ownerReferences</c>.</summary>
    public IReadOnlyList<OwnerReference> Owners { get; }

    /// <summary>How many bytes are held.</summary>
    public int Size => _json.Length;

    /// <summary>The object; its tree is read when it is asked for, and stays at hand as long as somebody uses it.</summary>
    public KubernetesObject Object => new(this);

    /// <summary>The value of a label or annotation among <see cref="LiveCacheOptions.Marks"/>; null when it is absent.</summary>
    public string? Mark(string name)
    {
        foreach (var (key, value) in _marks)
        {
            if (key == name)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>The whole object with its tree. Keep it while it is needed, and no longer.</summary>
    public KubernetesObject Read() => new(((IObjectBody)this).ReadBody());

    /// <summary>The bytes as JSON.</summary>
    internal byte[] Json() => SmallJson.Text(_json);

    /// <summary>Holds the bytes in less room from now on; see <see cref="SmallJson"/>.</summary>
    internal void Shrink()
    {
        _json = SmallJson.Shrink(_json);
        if (_tree?.TryGetTarget(out _) == false)
        {
            _tree = null;
        }
    }

    YamlMap IObjectBody.ReadBody()
    {
        if (_tree is { } known && known.TryGetTarget(out var tree))
        {
            return tree;
        }

        tree = WireJson.WithKind(WireJson.Map(SmallJson.Text(_json)), Kind).Body;
        _tree = new WeakReference<YamlMap>(tree);
        return tree;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Key}@{ResourceVersion}";
}
