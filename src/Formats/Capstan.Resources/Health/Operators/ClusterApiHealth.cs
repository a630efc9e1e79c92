namespace Capstan.Resources;

/// <summary>Cluster API and Karpenter: clusters, machines and nodes that are made elsewhere.</summary>
internal static class ClusterApiHealth
{
    public static IEnumerable<KeyValuePair<GroupKind, Func<KubernetesObject, HealthAssessment?>>> Rules =>
    [
        .. ConditionHealth.For("cluster.x-k8s.io", Of, "Cluster", "Machine", "MachineDeployment", "MachineSet", "MachinePool"),
        .. ConditionHealth.For("controlplane.cluster.x-k8s.io", Of, "KubeadmControlPlane"),
        .. ConditionHealth.For("karpenter.sh", static live => ConditionHealth.Of(live, "Ready"), "NodePool", "NodeClaim"),
        .. ConditionHealth.For("karpenter.k8s.aws", static live => ConditionHealth.Of(live, "Ready"), "EC2NodeClass"),
    ];

    // Since v1beta2 the condition is called Available for what has replicas and clusters.
    private static HealthAssessment? Of(KubernetesObject live) =>
        live.Spec.IsTrue("paused") ? HealthAssessment.Suspended($"{live.GroupKind.Kind} is paused")
        : live.Status.Text("phase") == "Failed" ? HealthAssessment.Degraded(live.Status.Text("failureMessage") is { Length: > 0 } why ? why : "Failed")
        : live.Condition("Ready") is null && live.Condition("Available") is not null ? ConditionHealth.Of(live, "Available")
        : live.Condition("Ready") is { } ready && ready.Text("severity") == "Info" && ready.Text("status") == "False" ? HealthAssessment.Progressing(ConditionHealth.Message(ready))
        : ConditionHealth.Of(live, "Ready");
}
