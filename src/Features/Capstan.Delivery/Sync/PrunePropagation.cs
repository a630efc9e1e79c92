using Capstan.Kubernetes;
using Capstan.Resources;

namespace Capstan.Delivery.Sync;

/// <summary>
/// How deletions reach what an object owns. Foreground, as Argo CD does, so that an object is gone only when its dependents are; but
/// kinds that own nothing are deleted at once, which spares the garbage collector a round for each of them.
/// </summary>
internal static class PrunePropagation
{
    private static readonly HashSet<string> OwnNothing = new(StringComparer.Ordinal)
    {
        "ConfigMap", "Secret", "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "NetworkPolicy", "LimitRange",
        "ResourceQuota", "PodDisruptionBudget", "PersistentVolumeClaim", "Namespace", "HorizontalPodAutoscaler", "Pod",
    };

    public static DeletePropagation Of(GroupKind kind) => OwnNothing.Contains(kind.Kind) ? DeletePropagation.Background : DeletePropagation.Foreground;
}
