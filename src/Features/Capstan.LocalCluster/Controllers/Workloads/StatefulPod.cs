using System.Globalization;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>The pods of a StatefulSet: their numbers, names and volumes.</summary>
internal static class StatefulPod
{
    /// <summary>The number in a pod's name; -1 when it is no name of this set.</summary>
    public static int Ordinal(KubernetesObject set, KubernetesObject pod)
    {
        var prefix = set.Name + "-";
        return pod.Name.StartsWith(prefix, StringComparison.Ordinal)
            && int.TryParse(pod.Name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && Name(set, number) == pod.Name ? number : -1;
    }

    public static string Name(KubernetesObject set, int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{set.Name}-{ordinal}");

    public static KubernetesObject Make(KubernetesObject set, KubernetesObject revision, int ordinal)
    {
        var name = Name(set, ordinal);
        var pod = PodState.FromTemplate(set, Revisions.Template(revision)).Without("metadata", "generateName")
            .With(["metadata", "name"], name)
            .WithLabel("statefulset.kubernetes.io/pod-name", name)
            .WithLabel("apps.kubernetes.io/pod-index", ordinal.ToString(CultureInfo.InvariantCulture))
            .WithLabel(Revisions.Label, revision.Name)
            .With(["spec", "hostname"], name);
        if (set.Spec.Text("serviceName") is { Length: > 0 } service)
        {
            pod = pod.With(["spec", "subdomain"], service);
        }

        var claims = StatefulClaims.Of(set, ordinal).Select(c => (YamlNode)YamlMap.Of(
            ("name", c.Template), ("persistentVolumeClaim", YamlMap.Of(("claimName", c.Claim.Name))))).ToList();
        if (claims.Count == 0)
        {
            return pod;
        }

        // A claim's template wins over a volume of the same name in the pod's template.
        var names = StatefulClaims.Of(set, ordinal).Select(c => c.Template).ToHashSet(StringComparer.Ordinal);
        var others = (pod.Spec["volumes"] as YamlList ?? YamlList.Empty).Where(v => v is not YamlMap map || !names.Contains(map.Text("name")));
        return pod.With(["spec", "volumes"], new YamlList(claims.Concat(others)));
    }
}
