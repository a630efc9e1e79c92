using Capstan.Resources;

namespace Capstan.Kubernetes;

/// <summary>The objects and states of a cache, with their indexes and subscribers. Knows nothing of where they come from.</summary>
internal sealed class CacheStore(Func<CachedObject, string?> index, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<GroupKind, Dictionary<(string Space, string Name), CachedObject>> _objects = [];
    private readonly Dictionary<(GroupKind Kind, string Space), Dictionary<string, CachedObject>> _spaces = [];
    private readonly Dictionary<GroupKind, KindState> _kinds = [];
    private readonly Dictionary<string, HashSet<ObjectKey>> _indexed = [];
    private readonly Dictionary<string, HashSet<ObjectKey>> _owned = [];
    private ChangeFeed[] _feeds = [];
    private ClusterState _cluster = new(false, time.GetUtcNow(), "not asked yet");

    public ClusterState Cluster
    {
        get
        {
            lock (_lock)
            {
                return _cluster;
            }
        }
    }

    public IReadOnlyList<KindState> Kinds
    {
        get
        {
            lock (_lock)
            {
                return [.. _kinds.Values];
            }
        }
    }

    public KindState Kind(GroupKind kind)
    {
        lock (_lock)
        {
            return _kinds.GetValueOrDefault(kind) ?? new KindState(kind, KindPhase.NotHeld, DateTimeOffset.MinValue);
        }
    }

    public CachedObject? Find(ObjectKey key)
    {
        lock (_lock)
        {
            return FindLocked(key);
        }
    }

    public IReadOnlyList<CachedObject> List(GroupKind kind, string space)
    {
        lock (_lock)
        {
            return space.Length > 0
                ? _spaces.TryGetValue((kind, space), out var names) ? [.. names.Values] : []
                : _objects.TryGetValue(kind, out var objects) ? [.. objects.Values] : [];
        }
    }

    public IReadOnlyList<CachedObject> Indexed(string entry) => Of(_indexed, entry);

    public IReadOnlyList<CachedObject> OwnedBy(string uid) => Of(_owned, uid);

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _objects.Values.Sum(o => o.Count);
            }
        }
    }

    public ChangeFeed Subscribe(bool withCurrent)
    {
        var feed = new ChangeFeed(Unsubscribe);
        lock (_lock)
        {
            _feeds = [.. _feeds, feed];
            if (withCurrent)
            {
                foreach (var current in _objects.Values.SelectMany(o => o.Values))
                {
                    feed.Add(new ObjectChanged(current.Key, null, current));
                }

                foreach (var kind in _kinds.Values)
                {
                    feed.Add(new KindChanged(kind));
                }

                feed.Add(new ClusterChanged(_cluster));
            }
        }

        return feed;
    }

    /// <summary>Puts an object in the place of the one of its name.</summary>
    public void Set(CachedObject @object)
    {
        lock (_lock)
        {
            SetLocked(@object);
        }
    }

    /// <summary>Takes an object away.</summary>
    public void Remove(ObjectKey key)
    {
        lock (_lock)
        {
            RemoveLocked(key);
        }
    }

    /// <summary>Puts a whole list in the place of what is held of its kind, in one step.</summary>
    public void Replace(GroupKind kind, IReadOnlyCollection<CachedObject> list)
    {
        lock (_lock)
        {
            if (_objects.TryGetValue(kind, out var held))
            {
                var listed = list.Select(o => (o.Namespace, o.Name)).ToHashSet();
                foreach (var (space, name) in held.Keys.Where(k => !listed.Contains(k)).ToList())
                {
                    RemoveLocked(new ObjectKey(kind, space, name));
                }
            }

            foreach (var @object in list)
            {
                SetLocked(@object);
            }
        }
    }

    /// <summary>Holds all objects in less room; for a moment in which little happens.</summary>
    public void Shrink()
    {
        List<CachedObject> all;
        lock (_lock)
        {
            all = [.. _objects.Values.SelectMany(o => o.Values)];
        }

        foreach (var held in all)
        {
            held.Shrink();
        }
    }

    /// <summary>Makes the index anew, each object being given by the function.</summary>
    public void Reindex(Func<CachedObject, CachedObject> again)
    {
        lock (_lock)
        {
            _indexed.Clear();
            foreach (var objects in _objects.Values)
            {
                foreach (var (place, held) in objects.ToList())
                {
                    var now = objects[place] = again(held);
                    if (index(now) is { } entry)
                    {
                        Add(_indexed, entry, now.Key);
                    }
                }
            }
        }
    }

    public void SetKind(KindState state)
    {
        lock (_lock)
        {
            if (_kinds.TryGetValue(state.Kind, out var known))
            {
                state = state with { WentBackAt = state.WentBackAt ?? known.WentBackAt };
                if (known.Phase == state.Phase && known.Cause == state.Cause && known.WentBackAt == state.WentBackAt)
                {
                    return;
                }

                state = known.Phase == state.Phase ? state with { Since = known.Since } : state;
            }

            _kinds[state.Kind] = state;
            Publish(new KindChanged(state));
        }
    }

    /// <summary>Forgets a kind that the cluster does not serve any more, with its objects.</summary>
    public void Drop(GroupKind kind)
    {
        lock (_lock)
        {
            foreach (var (space, name) in _objects.GetValueOrDefault(kind)?.Keys.ToList() ?? [])
            {
                RemoveLocked(new ObjectKey(kind, space, name));
            }

            _objects.Remove(kind);
            if (_kinds.Remove(kind))
            {
                Publish(new KindChanged(new KindState(kind, KindPhase.NotHeld, time.GetUtcNow())));
            }
        }
    }

    /// <returns>Whether that was news.</returns>
    public bool SetCluster(bool reachable, string cause)
    {
        lock (_lock)
        {
            if (_cluster.IsReachable == reachable && _cluster.Cause == cause)
            {
                return false;
            }

            var turned = _cluster.IsReachable != reachable;
            _cluster = new ClusterState(reachable, turned ? time.GetUtcNow() : _cluster.Since, cause);
            Publish(new ClusterChanged(_cluster));
            return turned;
        }
    }

    private void SetLocked(CachedObject @object)
    {
        var kind = @object.Kind.GroupKind;
        if (!_objects.TryGetValue(kind, out var objects))
        {
            _objects[kind] = objects = [];
        }

        var place = (@object.Namespace, @object.Name);
        var known = objects.GetValueOrDefault(place);
        if (known is not null && known.ResourceVersion == @object.ResourceVersion && known.Uid == @object.Uid && known.Kind == @object.Kind)
        {
            return;
        }

        if (known is not null)
        {
            Unindex(known);
        }

        objects[place] = @object;
        if (!_spaces.TryGetValue((kind, @object.Namespace), out var names))
        {
            _spaces[(kind, @object.Namespace)] = names = [];
        }

        names[@object.Name] = @object;
        var key = @object.Key;
        if (index(@object) is { } entry)
        {
            Add(_indexed, entry, key);
        }

        foreach (var owner in @object.Owners)
        {
            Add(_owned, owner.Uid, key);
        }

        Publish(new ObjectChanged(key, known, @object));
    }

    private void RemoveLocked(ObjectKey key)
    {
        if (_objects.TryGetValue(key.GroupKind, out var objects) && objects.Remove((key.Namespace, key.Name), out var known))
        {
            Unindex(known);
            if (_spaces.TryGetValue((key.GroupKind, key.Namespace), out var names) && names.Remove(key.Name) && names.Count == 0)
            {
                _spaces.Remove((key.GroupKind, key.Namespace));
            }

            Publish(new ObjectChanged(key, known, null));
        }
    }

    private void Unindex(CachedObject known)
    {
        if (index(known) is { } entry)
        {
            Remove(_indexed, entry, known.Key);
        }

        foreach (var owner in known.Owners)
        {
            Remove(_owned, owner.Uid, known.Key);
        }
    }

    private CachedObject? FindLocked(ObjectKey key) => _objects.GetValueOrDefault(key.GroupKind)?.GetValueOrDefault((key.Namespace, key.Name));

    private IReadOnlyList<CachedObject> Of(Dictionary<string, HashSet<ObjectKey>> map, string entry)
    {
        lock (_lock)
        {
            return map.TryGetValue(entry, out var keys) ? [.. keys.Select(FindLocked).OfType<CachedObject>()] : [];
        }
    }

    private static void Add(Dictionary<string, HashSet<ObjectKey>> map, string entry, ObjectKey key)
    {
        if (!map.TryGetValue(entry, out var keys))
        {
            map[entry] = keys = [];
        }

        keys.Add(key);
    }

    private static void Remove(Dictionary<string, HashSet<ObjectKey>> map, string entry, ObjectKey key)
    {
        if (map.TryGetValue(entry, out var keys) && keys.Remove(key) && keys.Count == 0)
        {
            map.Remove(entry);
        }
    }

    private void Publish(CacheChange change)
    {
        foreach (var feed in _feeds)
        {
            feed.Add(change);
        }
    }

    private void Unsubscribe(ChangeFeed feed)
    {
        lock (_lock)
        {
            _feeds = [.. _feeds.Where(f => !ReferenceEquals(f, feed))];
        }
    }
}
