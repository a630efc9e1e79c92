using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Actions;

/// <summary>Restart, scale, pause and resume of what runs pods.</summary>
internal static class WorkloadActions
{
    private const string RestartedAt = "kubectl.kubernetes.io/restartedAt";
    private const long MostReplicas = 100_000;
    private static readonly GroupKind Deployment = new("apps", "Deployment");
    private static readonly GroupKind StatefulSet = new("apps", "StatefulSet");
    private static readonly GroupKind DaemonSet = new("apps", "DaemonSet");

    public static readonly IReadOnlyList<BuiltInAction> All =
    [
        new("restart", [Deployment, StatefulSet, DaemonSet], live => !Flag(live, "paused"),
            (live, inputs) => new(live.With(["spec", "template", "metadata", "annotations", RestartedAt], inputs.Time))),
        new("scale", [Deployment, StatefulSet, new("argoproj.io", "Rollout")], _ => true,
            (live, inputs) => new(live.With(["spec", "replicas"], inputs.Number("replicas", 0, MostReplicas)))) { Parameters = [new("replicas")] },
        new("pause", [Deployment], live => !Flag(live, "paused"), (live, _) => new(live.With(["spec", "paused"], true))),
        new("resume", [Deployment], live => Flag(live, "paused"), (live, _) => new(live.With(["spec", "paused"], false))),
    ];

    internal static bool Flag(KubernetesObject live, string field) => live.Spec[field] is YamlScalar { Kind: ScalarKind.Boolean, Text: "true" };
}
