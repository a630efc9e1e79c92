using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>Computes a Deployment's status: counts, and the conditions Available and Progressing that kubectl and health checks read.</summary>
internal static class DeploymentStatus
{
    public static (YamlMap Status, TimeSpan? CheckAgain) Of(
        KubernetesObject subject, KubernetesObject? current, List<KubernetesObject> sets, DateTimeOffset now)
    {
        var wanted = subject.Spec.Int(1, "replicas");
        var total = sets.Sum(s => s.Status.Int(0, "replicas"));
        var ready = sets.Sum(s => s.Status.Int(0, "readyReplicas"));
        var available = sets.Sum(s => s.Status.Int(0, "availableReplicas"));
        var updated = current?.Status.Int(0, "replicas") ?? 0;
        var status = new YamlMapBuilder();
        status.Set("observedGeneration", subject.Generation);
        Count("replicas", total);
        Count("updatedReplicas", updated);
        Count("readyReplicas", ready);
        Count("availableReplicas", available);
        Count("unavailableReplicas", Math.Max(0, Math.Max(total, wanted) - available));
        Count("collisionCount", subject.Status.Int(0, "collisionCount"));

        var atLeast = wanted - (subject.Spec.Text("strategy", "type") == "Recreate" ? 0 : RollingUpdate.Of(subject.Spec).MaxUnavailable);
        var availability = available >= atLeast
            ? ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
            : ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.");
        var complete = current is not null && updated == wanted && total == wanted && available >= wanted;
        var moved = Moved(subject, updated, total, ready, available);
        var (progress, checkAgain) = Progress(subject, current, complete, moved, now);
        status.Set("conditions", new YamlList(
        [
            Condition(subject, "Available", availability, touched: false, now),
            Condition(subject, "Progressing", progress, touched: moved, now),
        ]));
        return (status.ToMap(), checkAgain);

        void Count(string field, int number)
        {
            if (number > 0)
            {
                status.Set(field, (long)number);
            }
        }
    }

    private static bool Moved(KubernetesObject subject, int updated, int total, int ready, int available)
    {
        var before = subject.Status;
        return updated > before.Int(0, "updatedReplicas")
            || ready > before.Int(0, "readyReplicas")
            || available > before.Int(0, "availableReplicas")
            || total - updated < before.Int(0, "replicas") - before.Int(0, "updatedReplicas")
            || subject.Generation > before.Int(0, "observedGeneration");
    }

    private static ((string Status, string Reason, string Message) Condition, TimeSpan? CheckAgain) Progress(
        KubernetesObject subject, KubernetesObject? current, bool complete, bool moved, DateTimeOffset now)
    {
        if (subject.Spec.Flag("paused"))
        {
            return (("Unknown", "DeploymentPaused", "Deployment is paused"), null);
        }

        if (current is null)
        {
            return (("True", "NewReplicaSetCreated", $"Created new replica set for deployment \"{subject.Name}\""), null);
        }

        if (complete)
        {
            return (("True", "NewReplicaSetAvailable", $"ReplicaSet \"{current.Name}\" has successfully progressed."), null);
        }

        var before = subject.Condition("Progressing");
        var since = ObjectFields.ReadTimestamp(before?.Text("lastUpdateTime") ?? "") ?? now;
        var deadline = since.AddSeconds(subject.Spec.Int(600, "progressDeadlineSeconds"));
        var wasComplete = before?.Text("reason") == "NewReplicaSetAvailable";
        var wasLate = before?.Text("reason") == "ProgressDeadlineExceeded";
        if (!moved && (wasLate || (!wasComplete && deadline <= now)))
        {
            return (("False", "ProgressDeadlineExceeded", $"ReplicaSet \"{current.Name}\" has timed out progressing."), null);
        }

        var wait = deadline > now ? deadline - now + TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(subject.Spec.Int(600, "progressDeadlineSeconds"));
        return (("True", "ReplicaSetUpdated", $"ReplicaSet \"{current.Name}\" is progressing."), wait);
    }

    // lastUpdateTime moves with progress, lastTransitionTime with the status alone, as Kubernetes has it.
    private static YamlMap Condition(
        KubernetesObject subject, string type, (string Status, string Reason, string Message) now, bool touched, DateTimeOffset time)
    {
        var before = subject.Condition(type);
        var stamp = ObjectFields.Timestamp(time);
        var sameStatus = before is not null && before.Text("status") == now.Status;
        var same = sameStatus && before!.Text("reason") == now.Reason && before!.Text("message") == now.Message;
        return YamlMap.Of(
            ("type", type),
            ("status", now.Status),
            ("lastUpdateTime", same && !touched ? before!.Text("lastUpdateTime") : stamp),
            ("lastTransitionTime", sameStatus ? before!.Text("lastTransitionTime") : stamp),
            ("reason", now.Reason),
            ("message", now.Message));
    }
}
