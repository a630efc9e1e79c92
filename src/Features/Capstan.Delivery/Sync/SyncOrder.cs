using Capstan.Resources;

namespace Capstan.Delivery.Sync;

/// <summary>
/// The order in which objects are applied: by the rank of their kind, then by name; deletion goes the other way round. The ranks are
/// Argo CD's (gitops-engine, pkg/sync/sync_tasks.go); kinds that are not listed, custom resources above all, come after all listed ones.
/// </summary>
public static class SyncOrder
{
    private static readonly string[] Kinds =
    [
        "Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodSecurityPolicy", "PodDisruptionBudget", "ServiceAccount", "Secret",
        "SecretList", "ConfigMap", "StorageClass", "PersistentVolume", "PersistentVolumeClaim", "CustomResourceDefinition", "ClusterRole",
        "ClusterRoleList", "ClusterRoleBinding", "ClusterRoleBindingList", "Role", "RoleList", "RoleBinding", "RoleBindingList", "Service",
        "DaemonSet", "Pod", "ReplicationController", "ReplicaSet", "Deployment", "HorizontalPodAutoscaler", "StatefulSet", "Job", "CronJob",
        "IngressClass", "Ingress", "APIService",
    ];

    private static readonly Dictionary<string, int> Ranks = Kinds.Select((kind, rank) => (kind, rank)).ToDictionary(p => p.kind, p => p.rank);

    /// <summary>The place of a kind in the order; smaller is earlier.</summary>
    public static int Rank(GroupKind kind) => Ranks.TryGetValue(kind.Kind, out var rank) ? rank : Kinds.Length;

    /// <summary>Compares two objects by the order in which they are applied.</summary>
    public static int Compare(ObjectKey left, ObjectKey right)
    {
        var order = Rank(left.GroupKind).CompareTo(Rank(right.GroupKind));
        order = order != 0 ? order : string.CompareOrdinal(left.GroupKind.Kind, right.GroupKind.Kind);
        order = order != 0 ? order : string.CompareOrdinal(left.GroupKind.Group, right.GroupKind.Group);
        order = order != 0 ? order : string.CompareOrdinal(left.Name, right.Name);
        return order != 0 ? order : string.CompareOrdinal(left.Namespace, right.Namespace);
    }
}
