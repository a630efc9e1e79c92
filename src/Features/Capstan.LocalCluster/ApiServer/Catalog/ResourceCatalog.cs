using System.Collections.Frozen;
using Capstan.Resources;

namespace Capstan.LocalCluster.ApiServer.Catalog;

/// <summary>Every resource that is served now. Custom ones come and go with their definitions; readers see one consistent set.</summary>
internal sealed class ResourceCatalog
{
    private readonly Lock _gate = new();
    private volatile Snapshot _current = new(BuiltInResources.All);

    public IReadOnlyList<ServedResource> All => _current.All;

    /// <summary>Counts the changes; discovery documents are cached by it.</summary>
    public long Version => _current.Number;

    /// <summary>The resource at a group, version and plural name; null when it is not served.</summary>
    public ServedResource? Find(string group, string version, string plural) =>
        _current.ByPlural.TryGetValue((group, plural), out var found) && found.Versions.Contains(version) ? found : null;

    /// <summary>The resource of a kind, in whatever version; null when it is not served.</summary>
    public ServedResource? Find(GroupKind kind) => _current.ByKind.GetValueOrDefault(kind);

    /// <summary>The resource stored under a name; null when it is not served any more.</summary>
    public ServedResource? FindStored(string storeName) => _current.ByStoreName.GetValueOrDefault(storeName);

    public void Set(ServedResource custom) => Change(all => [.. all.Where(r => r.Qualified != custom.Qualified), custom]);

    public void Remove(string qualified) => Change(all => [.. all.Where(r => r.Qualified != qualified)]);

    private void Change(Func<IReadOnlyList<ServedResource>, IReadOnlyList<ServedResource>> change)
    {
        lock (_gate)
        {
            _current = new Snapshot(change(_current.All)) { Number = _current.Number + 1 };
        }
    }

    private sealed class Snapshot(IReadOnlyList<ServedResource> all)
    {
        public IReadOnlyList<ServedResource> All { get; } = all;

        public long Number { get; init; }

        public FrozenDictionary<(string Group, string Plural), ServedResource> ByPlural { get; } = all.ToFrozenDictionary(r => (r.Group, r.Plural));

        public FrozenDictionary<GroupKind, ServedResource> ByKind { get; } =
            all.DistinctBy(r => new GroupKind(r.Group, r.Kind)).ToFrozenDictionary(r => new GroupKind(r.Group, r.Kind));

        public FrozenDictionary<string, ServedResource> ByStoreName { get; } =
            all.DistinctBy(r => r.StoreName).ToFrozenDictionary(r => r.StoreName, StringComparer.Ordinal);
    }
}
