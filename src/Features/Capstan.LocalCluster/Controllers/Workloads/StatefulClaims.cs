using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>The claims that a StatefulSet's templates ask for: one for each template and pod, made before the pod and kept unless the set says otherwise.</summary>
internal static class StatefulClaims
{
    /// <summary>The claims of one pod, each with the name of its template.</summary>
    public static IEnumerable<(string Template, KubernetesObject Claim)> Of(KubernetesObject set, int ordinal)
    {
        foreach (var template in (set.Spec["volumeClaimTemplates"] as YamlList ?? YamlList.Empty).OfType<YamlMap>())
        {
            var name = template.Text("metadata", "name");
            var labels = (template.At("metadata", "labels") as YamlMap ?? YamlMap.Empty).ToBuilder();
            foreach (var (key, value) in set.Spec.At("selector", "matchLabels") as YamlMap ?? YamlMap.Empty)
            {
                labels.Set(key, value);
            }

            var metadata = YamlMap.Of(("name", $"{name}-{StatefulPod.Name(set, ordinal)}"), ("namespace", set.Namespace), ("labels", labels.ToMap()));
            metadata = template.At("metadata", "annotations") is { } annotations ? metadata.With("annotations", annotations) : metadata;
            yield return (name, new KubernetesObject(YamlMap.Of(
                ("apiVersion", "v1"), ("kind", "PersistentVolumeClaim"), ("metadata", metadata), ("spec", template["spec"] ?? YamlMap.Empty))));
        }
    }

    public static IEnumerable<ObjectWrite> Missing(KubernetesObject set, IClusterView view, int ordinal) =>
        Of(set, ordinal).Where(c => view.Get(c.Claim.Key) is null).Select(c => new ObjectWrite.Create(c.Claim));

    /// <summary>What <c>persistentVolumeClaimRetentionPolicy</c> asks: claims that go with the set, and those of pods that are no more.</summary>
    public static IEnumerable<ObjectWrite> Retention(KubernetesObject set, IClusterView view)
    {
        var withSet = set.Spec.Text("persistentVolumeClaimRetentionPolicy", "whenDeleted") == "Delete";
        var whenScaled = set.Spec.Text("persistentVolumeClaimRetentionPolicy", "whenScaled") == "Delete";
        if (!withSet && !whenScaled || set.Spec["volumeClaimTemplates"] is not YamlList { Count: > 0 } templates)
        {
            yield break;
        }

        var (start, replicas) = (set.Spec.Int(0, "ordinals", "start"), set.Spec.Int(1, "replicas"));
        var prefixes = templates.OfType<YamlMap>().Select(t => $"{t.Text("metadata", "name")}-").ToList();
        foreach (var claim in view.List(Kinds.Claim, set.Namespace))
        {
            var prefix = prefixes.FirstOrDefault(p => claim.Name.StartsWith(p + set.Name + "-", StringComparison.Ordinal));
            if (prefix is null || claim.DeletionTimestamp is not null)
            {
                continue;
            }

            var ordinal = StatefulPod.Ordinal(set, claim.With(["metadata", "name"], claim.Name[prefix.Length..]));
            var pod = ordinal < 0 ? null : view.Get(new ObjectKey(Kinds.Pod, set.Namespace, StatefulPod.Name(set, ordinal)));
            if (whenScaled && ordinal >= 0 && (ordinal < start || ordinal >= start + replicas) && pod is null)
            {
                yield return new ObjectWrite.Delete(claim);
            }
            else if (withSet && ordinal >= 0 && !(claim.Metadata["ownerReferences"] is YamlList owners && owners.OfType<YamlMap>().Any(o => o.Text("uid") == set.Uid)))
            {
                yield return new ObjectWrite.Update(claim.ControlledBy(set));
            }
        }
    }
}
