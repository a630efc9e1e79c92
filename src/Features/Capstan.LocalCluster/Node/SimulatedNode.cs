using Capstan.LocalCluster.Controllers;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Node;

/// <summary>
/// Stands for a node where no container engine is at hand: it takes every pod and reports it running, without running anything, and says
/// so in its labels, its Ready condition and each pod's status message.
/// </summary>
internal sealed class SimulatedNode : IController
{
    public const string Name = "simulated";
    public const string SimulatedLabel = "capstan.dev/simulated";
    private const string Explanation = "simulated: no container is run";

    /// <summary>How long the pod of a Job is shown as running before it is shown as done.</summary>
    private static readonly TimeSpan JobPodRuns = TimeSpan.FromSeconds(1);

    public GroupKind Kind => Kinds.Pod;

    public IReadOnlyList<GroupKind> Owns { get; } = [];

    /// <summary>The Node object, written at start.</summary>
    public static KubernetesObject NodeObject(DateTimeOffset now)
    {
        var stamp = ObjectFields.Timestamp(now);
        var capacity = YamlMap.Of(("cpu", "8"), ("memory", "16Gi"), ("pods", "110000"), ("ephemeral-storage", "100Gi"));
        return new KubernetesObject(YamlMap.Of(
            ("apiVersion", "v1"),
            ("kind", "Node"),
            ("metadata", YamlMap.Of(
                ("name", Name),
                ("labels", YamlMap.Of(("kubernetes.io/hostname", Name), ("kubernetes.io/os", "linux"), (SimulatedLabel, "true"))))),
            ("spec", YamlMap.Empty),
            ("status", YamlMap.Of(
                ("capacity", capacity),
                ("allocatable", capacity),
                ("conditions", new YamlList([YamlMap.Of(
                    ("type", "Ready"), ("status", "True"), ("reason", "Simulated"), ("message", Explanation),
                    ("lastHeartbeatTime", stamp), ("lastTransitionTime", stamp))])),
                ("addresses", new YamlList([YamlMap.Of(("type", "InternalIP"), ("address", "127.0.0.1")), YamlMap.Of(("type", "Hostname"), ("address", Name))])),
                ("nodeInfo", YamlMap.Of(
                    ("kubeletVersion", "capstan-simulated"), ("containerRuntimeVersion", "none://simulated"), ("operatingSystem", "linux"),
                    ("architecture", "amd64"), ("osImage", "simulated"), ("kernelVersion", "simulated"), ("machineID", ""), ("systemUUID", ""),
                    ("bootID", ""), ("kubeProxyVersion", "")))))));
    }

    /// <summary>Whether a stored node already says what a fresh one would, whenever it was said.</summary>
    public static bool Reports(KubernetesObject known, KubernetesObject fresh) => Untimed(known.Status).Equals(Untimed(fresh.Status));

    private static YamlMap Untimed(YamlMap status) => status.With("conditions", new YamlList((status["conditions"] as YamlList ?? YamlList.Empty)
        .OfType<YamlMap>().Select(c => c.Without("lastHeartbeatTime").Without("lastTransitionTime"))));

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        var node = subject.Spec.Text("nodeName");
        if (subject.DeletionTimestamp is not null)
        {
            return node is Name or "" ? new ControllerPlan([new ObjectWrite.Delete(subject, Now: true)]) : ControllerPlan.Nothing;
        }

        // Nothing has to be fetched or started, so the pod runs in the version that assigns it.
        if (node.Length == 0 && subject.Status.Text("phase") is not ("Succeeded" or "Failed"))
        {
            var assigned = subject.With(["spec", "nodeName"], Name);
            var running = new ObjectWrite.UpdateWhole(assigned.With(["status"], Explained(PodReport.Running(assigned, now))));
            return new ControllerPlan([running], EndsBySelf(subject) ? JobPodRuns : null);
        }

        if (node != Name || subject.Status.Text("phase") is "Succeeded" or "Failed")
        {
            return ControllerPlan.Nothing;
        }

        if (subject.Status.Text("phase") != "Running")
        {
            return new ControllerPlan([Report(subject, PodReport.Running(subject, now))], EndsBySelf(subject) ? JobPodRuns : null);
        }

        if (!EndsBySelf(subject))
        {
            return ControllerPlan.Nothing;
        }

        var started = ObjectFields.ReadTimestamp(subject.Status.Text("startTime")) ?? now;
        var left = started + JobPodRuns - now;
        return left <= TimeSpan.Zero ? new ControllerPlan([Report(subject, PodReport.Succeeded(subject, now))]) : new ControllerPlan([], left);
    }

    private static bool EndsBySelf(KubernetesObject pod) => pod.Spec.Text("restartPolicy") is "Never" or "OnFailure";

    private static ObjectWrite.UpdateStatus Report(KubernetesObject pod, YamlMap status) =>
        new(pod.With(["status"], Explained(status)));

    private static YamlMap Explained(YamlMap status) => status.With("message", Explanation);
}
