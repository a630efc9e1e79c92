using Capstan.LocalCluster.Storage;
using Capstan.Resources;
using Capstan.Yaml;
using LabelSelector = Capstan.LocalCluster.ApiServer.Objects.LabelSelector;

namespace Capstan.LocalCluster.Controllers.Running;

/// <summary>
/// Who owns whom, kept up with every commit: it is told of a change in the store's own order before the writer hears that the change is
/// done, so a controller always sees its own writes. Holds keys only; the objects are read from the store.
/// </summary>
internal sealed class ClusterIndex(ObjectStore store) : IClusterView
{
    private readonly Lock _gate = new();
    private readonly Dictionary<StoreKey, Entry> _entries = [];
    private readonly Dictionary<string, StoreKey> _byUid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<StoreKey>> _dependents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<StoreKey>> _byNamespace = new(StringComparer.Ordinal);
    private readonly Dictionary<(GroupKind, string), HashSet<StoreKey>> _orphans = [];
    private readonly Dictionary<GroupKind, string> _resources = [];
    private readonly LabelIndex _labels = new();

    /// <summary>Takes a committed change in.</summary>
    public IndexedChange Apply(StoreEvent change)
    {
        lock (_gate)
        {
            _entries.Remove(change.Object.Key, out var before);
            if (before is not null)
            {
                Remove(change.Object.Key, before);
            }

            var after = change.Kind == StoreEventKind.Deleted ? null : Entry.Of(change.Object.Tree);
            if (after is not null)
            {
                Add(change.Object.Key, after);
            }

            return new IndexedChange(change.Object.Key, before, after);
        }
    }

    /// <summary>An object by its place in the store, or null.</summary>
    public KubernetesObject? Get(StoreKey key) => store.Get(key) is { } stored ? new KubernetesObject(stored.Tree) : null;

    /// <inheritdoc/>
    public KubernetesObject? Get(ObjectKey key)
    {
        string? resource;
        lock (_gate)
        {
            resource = _resources.GetValueOrDefault(key.GroupKind);
        }

        return resource is null ? null : Get(new StoreKey(resource, key.Namespace, key.Name));
    }

    /// <inheritdoc/>
    public IReadOnlyList<KubernetesObject> ControlledBy(GroupKind kind, string ns, string ownerUid) =>
        Read(_dependents, ownerUid, entry => entry.GroupKind == kind && entry.ControllerUid == ownerUid)
            .Where(o => o.Namespace == ns).ToList();

    /// <inheritdoc/>
    public IReadOnlyList<KubernetesObject> Orphans(GroupKind kind, string ns) => Read(_orphans, (kind, ns), _ => true);

    /// <inheritdoc/>
    public ObjectKey? Find(string uid)
    {
        lock (_gate)
        {
            return _byUid.TryGetValue(uid, out var key) ? new ObjectKey(_entries[key].GroupKind, key.Namespace, key.Name) : null;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<KubernetesObject> Dependents(string uid) => Read(_dependents, uid, _ => true);

    /// <inheritdoc/>
    public IReadOnlyList<KubernetesObject> InNamespace(string ns) => Read(_byNamespace, ns, _ => true);

    /// <inheritdoc/>
    public IEnumerable<KubernetesObject> List(GroupKind kind, string? ns)
    {
        string? resource;
        lock (_gate)
        {
            resource = _resources.GetValueOrDefault(kind);
        }

        return resource is null ? [] : store.Snapshot(resource).Table.In(ns).Select(o => new KubernetesObject(o.Tree));
    }

    /// <inheritdoc/>
    public IEnumerable<KubernetesObject> Selected(string ns, YamlMap selector)
    {
        List<StoreKey> keys;
        lock (_gate)
        {
            keys = [.. _labels.PodsWith(ns, selector)];
        }

        var wanted = LabelSelector.FromLabels(selector);
        return keys.Select(Get).OfType<KubernetesObject>().Where(pod => wanted.Matches(pod.Labels));
    }

    /// <inheritdoc/>
    public IEnumerable<KubernetesObject> Selecting(string ns, YamlMap labels)
    {
        List<StoreKey> keys;
        lock (_gate)
        {
            keys = [.. _labels.ServicesFor(ns, labels)];
        }

        return keys.Select(Get).OfType<KubernetesObject>()
            .Where(service => service.Spec["selector"] is YamlMap { Count: > 0 } selector && LabelSelector.FromLabels(selector).Matches(labels));
    }

    /// <inheritdoc/>
    public IEnumerable<KubernetesObject> TokensOf(string ns, string account)
    {
        List<StoreKey> keys;
        lock (_gate)
        {
            keys = [.. _labels.TokensOf(ns, account)];
        }

        return keys.Select(Get).OfType<KubernetesObject>();
    }

    /// <summary>Where the objects of one of some kinds lie in a namespace.</summary>
    public IReadOnlyList<StoreKey> Places(string ns, Func<GroupKind, bool> kinds)
    {
        lock (_gate)
        {
            return _byNamespace.TryGetValue(ns, out var keys) ? [.. keys.Where(k => kinds(_entries[k].GroupKind))] : [];
        }
    }

    /// <summary>Where an object lies in the store; null when no object of its kind was ever there.</summary>
    public StoreKey? Place(ObjectKey key)
    {
        lock (_gate)
        {
            return _resources.TryGetValue(key.GroupKind, out var resource) ? new StoreKey(resource, key.Namespace, key.Name) : null;
        }
    }

    /// <summary>Where the object with a uid lies; null when no object has it.</summary>
    public StoreKey? Locate(string uid)
    {
        lock (_gate)
        {
            return _byUid.TryGetValue(uid, out var key) ? key : null;
        }
    }

    /// <summary>Where the dependents of a uid lie.</summary>
    public IReadOnlyList<StoreKey> DependentKeys(string uid)
    {
        lock (_gate)
        {
            return _dependents.TryGetValue(uid, out var keys) ? [.. keys] : [];
        }
    }

    private List<KubernetesObject> Read<TKey>(Dictionary<TKey, HashSet<StoreKey>> index, TKey at, Func<Entry, bool> wanted)
        where TKey : notnull
    {
        List<StoreKey> keys;
        lock (_gate)
        {
            keys = index.TryGetValue(at, out var found) ? found.Where(k => wanted(_entries[k])).ToList() : [];
        }

        return keys.Select(Get).OfType<KubernetesObject>().ToList();
    }

    private void Add(StoreKey key, Entry entry)
    {
        _entries[key] = entry;
        _byUid[entry.Uid] = key;
        _resources[entry.GroupKind] = key.Resource;
        foreach (var owner in entry.OwnerUids)
        {
            Put(_dependents, owner, key);
        }

        if (key.Namespace.Length > 0)
        {
            Put(_byNamespace, key.Namespace, key);
        }

        if (entry.IsOrphan)
        {
            Put(_orphans, (entry.GroupKind, key.Namespace), key);
        }

        _labels.Add(key, entry.GroupKind, entry.Labels);
    }

    private void Remove(StoreKey key, Entry entry)
    {
        if (_byUid.TryGetValue(entry.Uid, out var holder) && holder == key)
        {
            _byUid.Remove(entry.Uid);
        }

        foreach (var owner in entry.OwnerUids)
        {
            Take(_dependents, owner, key);
        }

        Take(_byNamespace, key.Namespace, key);
        Take(_orphans, (entry.GroupKind, key.Namespace), key);
        _labels.Remove(key, entry.GroupKind, entry.Labels);
    }

    private static void Put<TKey>(Dictionary<TKey, HashSet<StoreKey>> index, TKey at, StoreKey key)
        where TKey : notnull
    {
        if (!index.TryGetValue(at, out var keys))
        {
            index[at] = keys = [];
        }

        keys.Add(key);
    }

    private static void Take<TKey>(Dictionary<TKey, HashSet<StoreKey>> index, TKey at, StoreKey key)
        where TKey : notnull
    {
        if (index.TryGetValue(at, out var keys) && keys.Remove(key) && keys.Count == 0)
        {
            index.Remove(at);
        }
    }

    /// <summary>What the index keeps of an object.</summary>
    internal sealed record Entry(GroupKind GroupKind, string Uid, string? ControllerUid, IReadOnlyList<string> OwnerUids, bool IsDeleting, IReadOnlyList<LabelPair> Labels)
    {
        /// <summary>A kind that controllers adopt, without a controller.</summary>
        public bool IsOrphan => ControllerUid is null && (GroupKind == Kinds.Pod || GroupKind == Kinds.ReplicaSet);

        public static Entry Of(YamlMap tree)
        {
            var subject = new KubernetesObject(tree);
            var owners = subject.Metadata["ownerReferences"] as YamlList;
            IReadOnlyList<string> uids = owners is null ? [] : owners.OfType<YamlMap>().Select(o => o.Text("uid")).Where(u => u.Length > 0).ToArray();
            var kind = subject.GroupKind;
            return new Entry(kind, subject.Uid, subject.ControllerUid(), uids, subject.DeletionTimestamp is not null, LabelIndex.Of(subject, kind));
        }
    }
}

/// <summary>One committed change as the index saw it.</summary>
/// <param name="Key">Where the object lies.</param>
/// <param name="Before">What was known of it; null when it is new.</param>
/// <param name="After">What is known now; null when it is gone.</param>
internal readonly record struct IndexedChange(StoreKey Key, ClusterIndex.Entry? Before, ClusterIndex.Entry? After);
