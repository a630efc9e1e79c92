using Capstan.Resources;

namespace Capstan.Kubernetes;

/// <summary>What a cache holds, and how much of it.</summary>
public sealed record LiveCacheOptions
{
    private static readonly HashSet<GroupKind> Noise =
    [
        // Changed all the time, never delivered, and read directly where they are needed.
        new("", "Event"), new("events.k8s.io", "Event"), new("coordination.k8s.io", "Lease"),
        new("", "Endpoints"), new("discovery.k8s.io", "EndpointSlice"), new("", "ComponentStatus"),
        new("metrics.k8s.io", "PodMetrics"), new("metrics.k8s.io", "NodeMetrics"),

        // The same objects as in networking.k8s.io, apps and policy, once more.
        new("extensions", "Ingress"), new("extensions", "Deployment"), new("extensions", "DaemonSet"),
        new("extensions", "ReplicaSet"), new("extensions", "NetworkPolicy"), new("extensions", "PodSecurityPolicy"),
    ];

    /// <summary>
    /// Which kinds are held from the start; all that can be listed and watched but those that only make noise. Others start when
    /// <see cref="LiveCache.EnsureAsync"/> asks for them.
    /// </summary>
    public Func<ApiResource, bool> Holds { get; init; } = static resource => !Noise.Contains(resource.Kind.GroupKind);

    /// <summary>The labels and annotations that are at hand as <see cref="CachedObject.Mark"/>.</summary>
    public IReadOnlyList<string> Marks { get; init; } = [];

    /// <summary>
    /// The entry of the index under which <see cref="LiveCache.Indexed"/> finds an object, made of its marks (a tracking annotation, say);
    /// null for none.
    /// </summary>
    public Func<CachedObject, string?> Index { get; init; } = static _ => null;

    /// <summary>Of which objects managedFields need not be held.</summary>
    public Func<MarkedObject, bool> DropsManagedFields { get; init; } = static _ => false;

    /// <summary>How many kinds are listed at the same time.</summary>
    public int ListsAtOnce { get; init; } = 6;
}

/// <summary>What is known of an object while it enters the cache.</summary>
public readonly struct MarkedObject
{
    private readonly ObjectHeader _header;

    internal MarkedObject(GroupKind kind, in ObjectHeader header)
    {
        Kind = kind;
        _header = header;
    }

    /// <summary>The kind.</summary>
    public GroupKind Kind { get; }

    /// <summary>The owners.</summary>
    public IReadOnlyList<OwnerReference> Owners => _header.Owners;

    /// <summary>The value of a label or annotation among <see cref="LiveCacheOptions.Marks"/>; null when it is absent.</summary>
    public string? Mark(string name)
    {
        foreach (var (key, value) in _header.Marks)
        {
            if (key == name)
            {
                return value;
            }
        }

        return null;
    }
}
