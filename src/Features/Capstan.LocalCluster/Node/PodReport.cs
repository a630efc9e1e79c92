using Capstan.LocalCluster.Controllers;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Node;

/// <summary>The status of a pod as a kubelet words it.</summary>
internal static class PodReport
{
    /// <summary>All containers run and are ready.</summary>
    public static YamlMap Running(KubernetesObject pod, DateTimeOffset now)
    {
        var stamp = ObjectFields.Timestamp(now);
        var state = YamlMap.Of(("running", YamlMap.Of(("startedAt", stamp))));
        return Status(pod, "Running", ready: true, stamp, stamp, state);
    }

    /// <summary>All containers ended with exit code 0.</summary>
    public static YamlMap Succeeded(KubernetesObject pod, DateTimeOffset now)
    {
        var stamp = ObjectFields.Timestamp(now);
        var started = pod.Status.Text("startTime");
        var state = YamlMap.Of(("terminated", YamlMap.Of(
            ("exitCode", 0L), ("reason", "Completed"), ("startedAt", started), ("finishedAt", stamp))));
        return Status(pod, "Succeeded", ready: false, started, stamp, state);
    }

    private static YamlMap Status(KubernetesObject pod, string phase, bool ready, string started, string stamp, YamlMap state)
    {
        var qos = pod.Status["qosClass"] ?? "BestEffort";
        var reason = ready ? "" : "PodCompleted";
        var status = YamlMap.Of(
            ("phase", phase),
            ("conditions", new YamlList(
            [
                Condition("PodReadyToStartContainers", true, stamp),
                Condition("Initialized", true, stamp),
                Condition("Ready", ready, stamp, reason),
                Condition("ContainersReady", ready, stamp, reason),
                Condition("PodScheduled", true, stamp),
            ])),
            ("hostIP", "127.0.0.1"),
            ("podIP", Address(pod.Uid)),
            ("podIPs", new YamlList([YamlMap.Of(("ip", Address(pod.Uid)))])),
            ("startTime", started),
            ("containerStatuses", Containers(pod.Spec["containers"] as YamlList, ready, state)),
            ("qosClass", qos));
        var init = pod.Spec["initContainers"] as YamlList;
        return init is { Count: > 0 }
            ? status.With("initContainerStatuses", Containers(init, ready: true, YamlMap.Of(("terminated", YamlMap.Of(("exitCode", 0L), ("reason", "Completed"))))))
            : status;
    }

    private static YamlList Containers(YamlList? containers, bool ready, YamlMap state) => new((containers ?? YamlList.Empty)
        .OfType<YamlMap>()
        .Select(c => (YamlNode)YamlMap.Of(
            ("name", c.Text("name")),
            ("state", state),
            ("lastState", YamlMap.Empty),
            ("ready", ready),
            ("restartCount", 0L),
            ("image", c.Text("image")),
            ("imageID", ""),
            ("started", ready))));

    private static YamlMap Condition(string type, bool holds, string stamp, string reason = "")
    {
        var condition = YamlMap.Of(("type", type), ("status", holds ? "True" : "False"), ("lastProbeTime", YamlScalar.Null), ("lastTransitionTime", stamp));
        return reason.Length == 0 ? condition : condition.With("reason", reason);
    }

    // An address of the simulated network, the same for a pod as long as it lives; nothing listens there.
    private static string Address(string uid)
    {
        var hash = 17u;
        foreach (var letter in uid)
        {
            hash = (hash * 31) + letter;
        }

        return $"10.244.{(hash >> 8) % 256}.{(hash % 254) + 1}";
    }
}
