using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Health;

/// <summary>The health of one object.</summary>
/// <param name="Status">Argo CD's word.</param>
/// <param name="Message">What there is to say of it.</param>
public sealed record ObjectHealth(string Status, string Message = "")
{
    /// <summary>The health of a live object; null for a kind without a rule.</summary>
    public static ObjectHealth? Of(KubernetesObject live) => live.DeletionTimestamp is not null
        ? new ObjectHealth("Progressing", "Pending deletion")
        : (live.GroupKind.Group, live.Kind) switch
        {
            ("apps", "Deployment") => Deployment(live),
            ("apps", "StatefulSet" or "ReplicaSet") => Replicas(live),
            ("apps", "DaemonSet") => Counted(live, Number(live.Status["desiredNumberScheduled"], 0), Number(live.Status["numberAvailable"], 0)),
            ("batch", "Job") => Job(live),
            ("", "Pod") => Pod(live),
            ("", "PersistentVolumeClaim") => new ObjectHealth(live.Status["phase"]?.AsString() switch { "Bound" => "Healthy", "Lost" => "Degraded", _ => "Progressing" }),
            ("argoproj.io", "Application") => new ObjectHealth(live.Status.At("health", "status")?.AsString() ?? "Progressing"),
            _ => null,
        };

    private static ObjectHealth Deployment(KubernetesObject live)
    {
        if (live.Spec["paused"] is YamlScalar { Text: "true" })
        {
            return new ObjectHealth("Suspended", "Deployment is paused");
        }

        if (Condition(live, "Progressing") is { } progressing && progressing["reason"]?.AsString() == "ProgressDeadlineExceeded")
        {
            return new ObjectHealth("Degraded", $"Deployment \"{live.Name}\" exceeded its progress deadline");
        }

        return Replicas(live);
    }

    private static ObjectHealth Replicas(KubernetesObject live)
    {
        var wanted = Number(live.Spec["replicas"], 1);
        var updated = Number(live.Status["updatedReplicas"], live.Kind == "ReplicaSet" ? wanted : 0);
        var ready = Number(live.Status[live.Kind == "Deployment" ? "availableReplicas" : "readyReplicas"], 0);
        return Counted(live, wanted, Math.Min(updated, ready));
    }

    private static ObjectHealth Counted(KubernetesObject live, long wanted, long ready) =>
        Number(live.Status["observedGeneration"], 0) < live.Generation ? new ObjectHealth("Progressing", "Waiting for rollout to finish: observed generation less than desired generation")
        : ready < wanted ? new ObjectHealth("Progressing", $"Waiting for rollout to finish: {ready} of {wanted} replicas are available")
        : new ObjectHealth("Healthy");

    private static ObjectHealth Job(KubernetesObject live) =>
        IsTrue(Condition(live, "Failed")) ? new ObjectHealth("Degraded", Condition(live, "Failed")?["message"]?.AsString() ?? "")
        : IsTrue(Condition(live, "Complete")) ? new ObjectHealth("Healthy")
        : live.Spec["suspend"] is YamlScalar { Text: "true" } ? new ObjectHealth("Suspended")
        : new ObjectHealth("Progressing");

    private static ObjectHealth Pod(KubernetesObject live) => live.Status["phase"]?.AsString() switch
    {
        "Succeeded" => new ObjectHealth("Healthy"),
        "Failed" => new ObjectHealth("Degraded", live.Status["message"]?.AsString() ?? ""),
        "Running" when IsTrue(Condition(live, "Ready")) => new ObjectHealth("Healthy"),
        _ => new ObjectHealth("Progressing"),
    };

    private static YamlMap? Condition(KubernetesObject live, string type) =>
        (live.Status["conditions"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().FirstOrDefault(c => c["type"]?.AsString() == type);

    private static bool IsTrue(YamlMap? condition) => condition?["status"]?.AsString() == "True";

    private static long Number(YamlNode? node, long absent) => node is YamlScalar scalar && scalar.TryGetInteger(out var number) ? number : absent;
}
