using Capstan.Resources;

namespace Capstan.Kubernetes;

/// <summary>How far the cache is with a kind.</summary>
public enum KindPhase
{
    /// <summary>The cluster does not serve it, or the cache does not hold it.</summary>
    NotHeld,

    /// <summary>It is being listed for the first time.</summary>
    Listing,

    /// <summary>All its objects are held, and changes are followed.</summary>
    Synced,

    /// <summary>It cannot be listed or watched. What is held of it may be stale or missing: nothing may be pruned by it.</summary>
    Failed,
}

/// <summary>How far the cache is with a kind, since when and why.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Phase">How far.</param>
/// <param name="Since">When this phase began.</param>
/// <param name="Cause">Why it failed; empty otherwise.</param>
public sealed record KindState(GroupKind Kind, KindPhase Phase, DateTimeOffset Since, string Cause = "")
{
    /// <summary>
    /// When the cluster's versions were last seen to go backwards, as after its store was restored from a backup; null when never. What was
    /// done between backup and restore is undone then, and a mass of differences is to be expected.
    /// </summary>
    public DateTimeOffset? WentBackAt { get; init; }
}

/// <summary>Whether the cluster answers.</summary>
/// <param name="IsReachable">Whether it does.</param>
/// <param name="Since">Since when.</param>
/// <param name="Cause">Why it does not; empty when it does.</param>
public sealed record ClusterState(bool IsReachable, DateTimeOffset Since, string Cause = "");

/// <summary>Something that changed in the cache.</summary>
public abstract record CacheChange;

/// <summary>An object came, changed or went. Several changes of one object may arrive as one, from the first old to the last new state.</summary>
/// <param name="Key">Which object.</param>
/// <param name="Old">Its state before; null when it was not there.</param>
/// <param name="New">Its state now; null when it is gone.</param>
public sealed record ObjectChanged(ObjectKey Key, CachedObject? Old, CachedObject? New) : CacheChange;

/// <summary>A kind became synced, failed, came or went.</summary>
/// <param name="State">How it is now.</param>
public sealed record KindChanged(KindState State) : CacheChange;

/// <summary>The cluster became reachable or unreachable.</summary>
/// <param name="State">How it is now.</param>
public sealed record ClusterChanged(ClusterState State) : CacheChange;
