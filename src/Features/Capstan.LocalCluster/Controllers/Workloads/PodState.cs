using Capstan.Resources;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>What workload controllers ask of a pod.</summary>
internal static class PodState
{
    /// <summary>Neither finished nor being deleted: it counts as a replica.</summary>
    public static bool IsActive(KubernetesObject pod) =>
        pod.DeletionTimestamp is null && pod.Status.Text("phase") is not ("Succeeded" or "Failed");

    /// <summary>Its Ready condition holds.</summary>
    public static bool IsReady(KubernetesObject pod) => pod.Condition("Ready")?.Text("status") == "True";

    /// <summary>Ready for at least this long.</summary>
    public static bool IsAvailable(KubernetesObject pod, int minReadySeconds, DateTimeOffset now)
    {
        if (!IsReady(pod))
        {
            return false;
        }

        var since = ObjectFields.ReadTimestamp(pod.Condition("Ready")?.Text("lastTransitionTime") ?? "");
        return minReadySeconds == 0 || (since is { } start && start.AddSeconds(minReadySeconds) <= now);
    }

    /// <summary>A pod made from a template (ReplicaSet and Job use the same shape).</summary>
    public static KubernetesObject FromTemplate(KubernetesObject owner, Capstan.Yaml.YamlMap template)
    {
        var metadata = template["metadata"] as Capstan.Yaml.YamlMap ?? Capstan.Yaml.YamlMap.Empty;
        metadata = metadata.Without("name").Without("creationTimestamp").With("generateName", owner.Name + "-").With("namespace", owner.Namespace);
        var pod = Capstan.Yaml.YamlMap.Of(
            ("apiVersion", "v1"),
            ("kind", "Pod"),
            ("metadata", metadata),
            ("spec", template["spec"] ?? Capstan.Yaml.YamlMap.Empty));
        return new KubernetesObject(pod).ControlledBy(owner);
    }
}
