using System.Globalization;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>Which nodes a DaemonSet's pod fits, and the pod for one of them.</summary>
internal static class DaemonPod
{
    // What every daemon tolerates (Kubernetes, AddOrUpdateDaemonPodTolerations).
    private static readonly (string Key, string Effect)[] Tolerated =
    [
        ("node.kubernetes.io/not-ready", "NoExecute"), ("node.kubernetes.io/unreachable", "NoExecute"), ("node.kubernetes.io/disk-pressure", "NoSchedule"),
        ("node.kubernetes.io/memory-pressure", "NoSchedule"), ("node.kubernetes.io/pid-pressure", "NoSchedule"), ("node.kubernetes.io/unschedulable", "NoSchedule"),
    ];

    public static bool Fits(KubernetesObject set, KubernetesObject node)
    {
        var spec = Revisions.Template(set)["spec"] as YamlMap ?? YamlMap.Empty;
        if (spec.Text("nodeName") is { Length: > 0 } name && name != node.Name)
        {
            return false;
        }

        var selector = spec["nodeSelector"] as YamlMap ?? YamlMap.Empty;
        return selector.All(s => s.Value.Equals(node.Labels[s.Key])) && NodeAffinity.Admits(spec, node)
            && (node.Spec["taints"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().All(t => t.Text("effect") == "PreferNoSchedule" || Tolerates(spec, t));
    }

    public static KubernetesObject Make(KubernetesObject set, KubernetesObject revision, string node)
    {
        var pod = PodState.FromTemplate(set, Revisions.Template(revision));
        var tolerations = (pod.Spec["tolerations"] as YamlList ?? YamlList.Empty).Concat(Tolerated.Select(t => (YamlNode)YamlMap.Of(
            ("key", t.Key), ("operator", "Exists"), ("effect", t.Effect)))).Distinct();
        var term = YamlMap.Of(("matchFields", YamlList.Create([YamlMap.Of(("key", "metadata.name"), ("operator", "In"), ("values", YamlList.Create([node])))])));
        return pod.WithLabel(Revisions.Label, Revisions.HashOf(revision))
            .WithLabel("pod-template-generation", set.Generation.ToString(CultureInfo.InvariantCulture))
            .With(["spec", "tolerations"], new YamlList(tolerations))
            .With(["spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"], YamlMap.Of(("nodeSelectorTerms", YamlList.Create([term]))))
            .With(["spec", "nodeName"], node);
    }

    /// <summary>The node that a pod is on, or is meant for.</summary>
    public static string NodeOf(KubernetesObject pod)
    {
        if (pod.Spec.Text("nodeName") is { Length: > 0 } name)
        {
            return name;
        }

        var terms = pod.Spec.At("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms") as YamlList;
        var fields = (terms is { Count: > 0 } ? terms[0] as YamlMap : null)?["matchFields"] as YamlList;
        return (fields is { Count: > 0 } ? fields[0] as YamlMap : null)?["values"] is YamlList { Count: > 0 } values ? values[0].AsString() ?? "" : "";
    }

    public static int MaxUnavailable(KubernetesObject set, int nodes)
    {
        var given = set.Spec.At("updateStrategy", "rollingUpdate", "maxUnavailable");
        if (given is YamlScalar scalar && scalar.TryGetInteger(out var number))
        {
            return (int)Math.Clamp(number, 0, int.MaxValue);
        }

        return given?.AsString() is ['0' or '1' or '2' or '3' or '4' or '5' or '6' or '7' or '8' or '9', ..] text && int.TryParse(text.TrimEnd('%'), out var percent)
            ? (nodes * Math.Min(percent, 100) + 99) / 100 : 1;
    }

    private static bool Tolerates(YamlMap spec, YamlMap taint)
    {
        if (Tolerated.Any(t => t.Key == taint.Text("key") && t.Effect == taint.Text("effect")))
        {
            return true;
        }

        return (spec["tolerations"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Any(t =>
            (t.Text("effect").Length == 0 || t.Text("effect") == taint.Text("effect"))
            && (t.Text("key").Length == 0 ? t.Text("operator") == "Exists" : t.Text("key") == taint.Text("key"))
            && (t.Text("operator") == "Exists" || t.Text("value") == taint.Text("value")));
    }
}
