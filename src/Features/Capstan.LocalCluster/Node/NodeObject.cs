using System.Globalization;
using Capstan.Containers.Discovery;
using Capstan.Resources;
using Capstan.Yaml;
using Fields = Capstan.LocalCluster.Controllers.ObjectFields;

namespace Capstan.LocalCluster.Node;

/// <summary>The Node on which containers run.</summary>
internal static class NodeObject
{
    public const string Name = "capstan";

    /// <summary>The node's address, as pods and people on this machine know it.</summary>
    public const string Address = "127.0.0.1";

    private const long MostPods = 250;

    /// <summary>The object, written at start.</summary>
    public static KubernetesObject Of(EngineInfo engine, DateTimeOffset now)
    {
        var stamp = Fields.Timestamp(now);
        var capacity = YamlMap.Of(
            ("cpu", engine.Processors.ToString(CultureInfo.InvariantCulture)),
            ("memory", $"{engine.MemoryBytes / 1024}Ki"),
            ("pods", MostPods.ToString(CultureInfo.InvariantCulture)),
            ("ephemeral-storage", "100Gi"));
        return new KubernetesObject(YamlMap.Of(
            ("apiVersion", "v1"),
            ("kind", "Node"),
            ("metadata", YamlMap.Of(
                ("name", Name),
                ("labels", YamlMap.Of(
                    ("kubernetes.io/hostname", Name), ("kubernetes.io/os", "linux"), ("kubernetes.io/arch", engine.Architecture),
                    ("node-role.kubernetes.io/control-plane", ""))))),
            ("spec", YamlMap.Empty),
            ("status", YamlMap.Of(
                ("capacity", capacity),
                ("allocatable", capacity),
                ("conditions", YamlList.Create(
                [
                    Condition("MemoryPressure", false, "KubeletHasSufficientMemory", "the node has memory", stamp),
                    Condition("DiskPressure", false, "KubeletHasNoDiskPressure", "the node has disk space", stamp),
                    Condition("PIDPressure", false, "KubeletHasSufficientPID", "the node has process ids", stamp),
                    Condition("Ready", true, "KubeletReady", $"pods are containers of {engine}", stamp),
                ])),
                ("addresses", YamlList.Create([YamlMap.Of(("type", "InternalIP"), ("address", Address)), YamlMap.Of(("type", "Hostname"), ("address", Name))])),
                ("nodeInfo", YamlMap.Of(
                    ("kubeletVersion", "capstan"), ("containerRuntimeVersion", $"{engine.Name}://{engine.Version}"), ("operatingSystem", "linux"),
                    ("architecture", engine.Architecture), ("osImage", "linux"), ("kernelVersion", engine.Kernel), ("machineID", ""), ("systemUUID", ""),
                    ("bootID", ""), ("kubeProxyVersion", "capstan")))))));
    }

    private static YamlMap Condition(string type, bool holds, string reason, string message, string stamp) => YamlMap.Of(
        ("type", type), ("status", holds ? "True" : "False"), ("reason", reason), ("message", message), ("lastHeartbeatTime", stamp), ("lastTransitionTime", stamp));
}
