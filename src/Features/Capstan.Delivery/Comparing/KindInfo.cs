using Capstan.Resources;

namespace Capstan.Delivery.Comparing;

/// <summary>What a cluster says of a kind.</summary>
/// <param name="Namespaced">Whether its objects live in namespaces.</param>
/// <param name="Listable">Whether its objects can be listed now. What cannot be listed is never pruned, since absence cannot be told.</param>
public sealed record KindInfo(bool Namespaced, bool Listable = true);

/// <summary>Looks a kind up in a cluster; null when the cluster does not serve it.</summary>
public delegate KindInfo? KindLookup(GroupVersionKind kind);
