using Capstan.Delivery.Tracking;
using Capstan.Kubernetes;
using Capstan.Resources;

namespace Capstan.Delivery.Projects;

/// <summary>
/// What a project says of objects in its destinations' namespaces that nobody delivers (Argo CD, user-guide/orphaned-resources.md).
/// </summary>
/// <param name="Warns">Whether each of its Applications has a condition that names them.</param>
/// <param name="Ignored">Those that are meant to be there.</param>
internal sealed record OrphanRules(bool Warns, IReadOnlyList<ProjectKind> Ignored)
{
    private static readonly GroupKind Secret = new("", "Secret");

    /// <summary>The orphans of a namespace, sorted: what nobody owns, no Application is marked on or wants, and no cluster makes by itself.</summary>
    /// <param name="live">What is live in the cluster.</param>
    /// <param name="space">The namespace.</param>
    /// <param name="tracking">How objects are tracked there.</param>
    /// <param name="isWanted">Whether an Application wants an object, which may not carry its mark yet.</param>
    public IReadOnlyList<ObjectKey> Find(LiveCache live, string space, TrackingRules tracking, Func<ObjectKey, bool> isWanted) =>
    [
        .. live.Kinds.Where(k => k.Phase == KindPhase.Synced).SelectMany(k => live.List(k.Kind, space))
            .Where(o => o.Namespace == space && o.Owners.Count == 0 && tracking.InstanceOf(o) is null && !IsOfTheCluster(o) && !isWanted(o.Key) && !Ignored.Any(i => i.Matches(o.Key)))
            .Select(o => o.Key).OrderBy(k => k.ToString(), StringComparer.Ordinal),
    ];

    private static bool IsOfTheCluster(CachedObject held) => (held.Kind.Group, held.Kind.Kind, held.Name) switch
    {
        ("", "ServiceAccount", "default") or ("", "ConfigMap", "kube-root-ca.crt") => true,
        ("", "Service", "kubernetes") => held.Namespace == "default",
        ("", "Secret", _) => held.Key.GroupKind == Secret && held.Read().Body["type"]?.AsString() == "kubernetes.io/service-account-token",
        _ => false,
    };
}
