using Capstan.Kustomize.Identity;

namespace Capstan.Kustomize.Resources;

/// <summary>The resources of a build in their order, found by identity without a search.</summary>
internal sealed class ResourceSet
{
    // Entries are never taken out: a look-up asks the resource whether it still has (or had) the identity.
    private readonly Dictionary<ResourceId, List<Resource>> _byId = [];
    private List<Resource> _all = [];
    private bool _hasDeleted;

    public IReadOnlyList<Resource> All => _all;

    public int Count => _all.Count;

    /// <summary>Adds a resource at the end.</summary>
    /// <exception cref="KustomizeException">Another resource has its identity.</exception>
    public void Append(Resource resource)
    {
        if (WithCurrentId(resource.Id) is [var other, ..])
        {
            throw new KustomizeException(
                $"may not add resource with an already registered id: {resource.Id} ({resource.Id.ForPeople} is also in {Place(other)})",
                resource.File, new(resource.Line, resource.Line > 0 ? 1 : 0));
        }

        resource.Order = _all.Count;
        resource.Set = this;
        _hasDeleted |= resource.IsDeleted;
        _all.Add(resource);
        Learn(resource);
    }

    public void AppendAll(IEnumerable<Resource> resources)
    {
        foreach (var resource in resources)
        {
            Append(resource);
        }
    }

    /// <summary>Adds what generators made; they may replace or merge into what is there.</summary>
    /// <returns>The resource whose place it took; null when it is new.</returns>
    public Resource? Absorb(Resource resource)
    {
        var matches = WithAnyId(resource.Id);
        switch (matches)
        {
            case []:
                if (resource.Behavior is GenerationBehavior.Merge or GenerationBehavior.Replace)
                {
                    throw new KustomizeException($"id {resource.Id} does not exist; cannot merge or replace");
                }

                Append(resource);
                return null;
            case [var old]:
                if (resource.Behavior is not (GenerationBehavior.Merge or GenerationBehavior.Replace))
                {
                    throw new KustomizeException($"id {resource.Id} exists; behavior must be merge or replace");
                }

                Generators.GeneratedMerge.Into(resource, old);
                resource.Order = old.Order;
                resource.Set = this;
                _all[old.Order] = resource;
                Learn(resource);
                return old;
            default:
                throw new KustomizeException($"found multiple objects [{Names(matches)}] that could accept merge of {resource.Id}");
        }
    }

    /// <summary>The resources that have this identity now.</summary>
    public List<Resource> WithCurrentId(ResourceId id) => Find(id, resource => resource.Id.Means(id));

    /// <summary>The resources that have or had this identity.</summary>
    public List<Resource> WithAnyId(ResourceId id) => Find(id, resource => !resource.IsDeleted && resource.Had(id));

    /// <summary>The one resource that has or had this identity.</summary>
    /// <exception cref="KustomizeException">There is none, or several.</exception>
    public Resource One(ResourceId id) => WithAnyId(id) switch
    {
        [var one] => one,
        [] => throw new KustomizeException($"no matches for Id {id}; failed to find unique target for patch {id}"),
        var several => throw new KustomizeException($"multiple matches for Id {id} ({Names(several)}); failed to find unique target for patch {id}"),
    };

    /// <summary>Forgets the resources that a patch deleted.</summary>
    public void DropDeleted()
    {
        // Asked after each patch, so that it must not look at all resources each time.
        if (_hasDeleted)
        {
            _hasDeleted = false;
            Keep(_all.Where(r => !r.IsDeleted));
        }
    }

    /// <summary>Says that a resource of the set is deleted by now.</summary>
    public void LearnDeletion() => _hasDeleted = true;

    /// <summary>Puts the resources in another order, or leaves some out.</summary>
    public void Keep(IEnumerable<Resource> resources)
    {
        var kept = new List<Resource>(resources);
        foreach (var gone in _all)
        {
            gone.Order = -1;
        }

        _all = kept;
        for (var i = 0; i < _all.Count; i++)
        {
            _all[i].Order = i;
        }
    }

    /// <summary>That no two resources have the same identity by now.</summary>
    public void RefuseDuplicates()
    {
        var seen = new HashSet<ResourceId>(_all.Count);
        foreach (var resource in _all)
        {
            if (!seen.Add(resource.Id.Key))
            {
                throw new KustomizeException($"may not add resource with an already registered id: {resource.Id}");
            }
        }
    }

    /// <summary>Learns a resource's identities of now.</summary>
    public void Learn(Resource resource)
    {
        foreach (var id in resource.AllIds())
        {
            if (!_byId.TryGetValue(id.Key, out var list))
            {
                _byId[id.Key] = list = [];
            }

            if (!list.Contains(resource))
            {
                list.Add(resource);
            }
        }
    }

    private static string Names(IEnumerable<Resource> resources) => string.Join(", ", resources.Select(r => $"{r.Id.ForPeople} ({Place(r)})"));

    private static string Place(Resource resource) => resource.Line > 0 ? $"{resource.File}:{resource.Line}" : resource.File;

    private List<Resource> Find(ResourceId id, Predicate<Resource> matches)
    {
        if (!_byId.TryGetValue(id.Key, out var list))
        {
            return [];
        }

        var found = list.FindAll(r => r.Order >= 0 && r.Order < _all.Count && ReferenceEquals(_all[r.Order], r) && matches(r));
        found.Sort((a, b) => a.Order.CompareTo(b.Order));
        return found;
    }
}
