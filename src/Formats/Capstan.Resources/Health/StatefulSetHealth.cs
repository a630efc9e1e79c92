using Capstan.Yaml;

namespace Capstan.Resources;

internal static class StatefulSetHealth
{
    public static HealthAssessment Of(KubernetesObject live)
    {
        var (spec, status) = (live.Spec, live.Status);
        if (status.Number("observedGeneration") == 0 || !live.IsObserved())
        {
            return HealthAssessment.Progressing("Waiting for statefulset spec update to be observed...");
        }

        var (wanted, ready, updated) = (spec.NumberOrNull("replicas"), status.Number("readyReplicas"), status.Number("updatedReplicas"));
        if (ready < wanted)
        {
            return HealthAssessment.Progressing($"Waiting for {wanted - ready} pods to be ready...");
        }

        var strategy = spec.Text("updateStrategy", "type");
        if (strategy == "RollingUpdate" && spec.At("updateStrategy", "rollingUpdate") is YamlMap rolling)
        {
            // With a partition only the pods above it are updated.
            return rolling.NumberOrNull("partition") is { } partition && updated < wanted - partition
                ? HealthAssessment.Progressing(
                    $"Waiting for partitioned roll out to finish: {updated} out of {wanted - partition} new pods have been updated...")
                : HealthAssessment.Healthy($"partitioned roll out complete: {updated} new pods have been updated...");
        }

        if (strategy == "OnDelete")
        {
            return HealthAssessment.Healthy($"statefulset has {ready} ready pods");
        }

        var revision = status.Text("updateRevision");
        return revision != status.Text("currentRevision")
            ? HealthAssessment.Progressing($"waiting for statefulset rolling update to complete {updated} pods at revision {revision}...")
            : HealthAssessment.Healthy($"statefulset rolling update complete {status.Number("currentReplicas")} pods at revision {status.Text("currentRevision")}...");
    }
}
