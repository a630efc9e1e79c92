using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>How far a StatefulSet is.</summary>
internal static class StatefulSetStatus
{
    public static YamlMap Of(KubernetesObject set, IReadOnlyList<KubernetesObject> pods, KubernetesObject current, KubernetesObject update, DateTimeOffset now)
    {
        var minReady = set.Spec.Int(0, "minReadySeconds");
        var ready = pods.Count(p => p.Status.Text("phase") == "Running" && PodState.IsReady(p));
        var updated = Live(update);

        // A finished roll makes the new revision the current one.
        if (current.Name != update.Name && updated == pods.Count && ready == pods.Count && pods.Count == set.Spec.Int(1, "replicas"))
        {
            current = update;
        }

        var status = new YamlMapBuilder();
        status.Set("observedGeneration", set.Generation);
        status.Set("replicas", (long)pods.Count);
        Count("readyReplicas", ready);
        Count("currentReplicas", Live(current));
        Count("updatedReplicas", updated);
        status.Set("currentRevision", current.Name);
        status.Set("updateRevision", update.Name);
        status.Set("collisionCount", (long)set.Status.Int(0, "collisionCount"));
        status.Set("availableReplicas", (long)pods.Count(p => p.Status.Text("phase") == "Running" && PodState.IsAvailable(p, minReady, now)));
        if (set.Status["conditions"] is { } conditions)
        {
            status.Set("conditions", conditions);
        }

        return status.ToMap();

        int Live(KubernetesObject revision) => pods.Count(p => p.DeletionTimestamp is null && p.Label(Revisions.Label) == revision.Name);

        void Count(string field, int number)
        {
            if (number > 0)
            {
                status.Set(field, (long)number);
            }
        }
    }
}
