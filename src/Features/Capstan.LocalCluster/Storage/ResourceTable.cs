using System.Collections.Immutable;

namespace Capstan.LocalCluster.Storage;

/// <summary>The objects of one resource at one moment, ordered by namespace and name. Immutable: who holds it reads one moment.</summary>
internal sealed class ResourceTable
{
    public static readonly ResourceTable Empty = new(ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, StoredObject>>(StringComparer.Ordinal), 0);

    private static readonly ImmutableSortedDictionary<string, StoredObject> NoObjects =
        ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);

    private readonly ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>> _namespaces;

    private ResourceTable(ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, StoredObject>> namespaces, int count)
    {
        _namespaces = namespaces;
        Count = count;
    }

    public int Count { get; }

    public StoredObject? Get(string space, string name) =>
        _namespaces.TryGetValue(space, out var objects) && objects.TryGetValue(name, out var found) ? found : null;

    public ResourceTable With(StoredObject item)
    {
        var objects = _namespaces.GetValueOrDefault(item.Key.Namespace, NoObjects);
        var changed = objects.SetItem(item.Key.Name, item);
        return new ResourceTable(_namespaces.SetItem(item.Key.Namespace, changed), Count + changed.Count - objects.Count);
    }

    public ResourceTable Without(StoreKey key)
    {
        if (!_namespaces.TryGetValue(key.Namespace, out var objects))
        {
            return this;
        }

        var changed = objects.Remove(key.Name);
        var namespaces = changed.IsEmpty ? _namespaces.Remove(key.Namespace) : _namespaces.SetItem(key.Namespace, changed);
        return new ResourceTable(namespaces, Count + changed.Count - objects.Count);
    }

    /// <summary>The objects of a namespace, or of all when it is null.</summary>
    public IEnumerable<StoredObject> In(string? space) => space is null
        ? _namespaces.Values.SelectMany(n => n.Values)
        : _namespaces.GetValueOrDefault(space, NoObjects).Values;
}
