using Capstan.Resources;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>The next step of a StatefulSet: with ordered management one pod at a time, and none while one is not ready.</summary>
internal sealed class StatefulStep(
    KubernetesObject set, IClusterView view, IReadOnlyList<KubernetesObject> pods, KubernetesObject current, KubernetesObject update, DateTimeOffset now, List<ObjectWrite> writes)
{
    private readonly bool _ordered = set.Spec.Text("podManagementPolicy") != "Parallel";
    private readonly int _start = set.Spec.Int(0, "ordinals", "start");
    private readonly int _replicas = set.Spec.Int(1, "replicas");

    public void Run()
    {
        var byOrdinal = pods.ToDictionary(p => StatefulPod.Ordinal(set, p));
        for (var ordinal = _start; ordinal < _start + _replicas; ordinal++)
        {
            if (!Keep(byOrdinal.GetValueOrDefault(ordinal), ordinal) && _ordered)
            {
                return;
            }
        }

        if (Condemn() && _ordered)
        {
            return;
        }

        Roll(byOrdinal);
    }

    // Whether the pod of this number is as it should be.
    private bool Keep(KubernetesObject? pod, int ordinal)
    {
        if (pod is null)
        {
            Create(ordinal);
            return false;
        }

        if (pod.DeletionTimestamp is not null)
        {
            return false;
        }

        if (pod.Status.Text("phase") is "Failed" or "Succeeded")
        {
            writes.Add(new ObjectWrite.Delete(pod));
            return false;
        }

        return IsHealthy(pod);
    }

    private void Create(int ordinal)
    {
        var partition = set.Spec.Int(0, "updateStrategy", "rollingUpdate", "partition");
        var rolling = set.Spec.Text("updateStrategy", "type") == "RollingUpdate";
        var revision = rolling && ordinal < _start + partition ? current : update;
        writes.AddRange(StatefulClaims.Missing(set, view, ordinal));
        writes.Add(new ObjectWrite.Create(StatefulPod.Make(set, revision, ordinal)));
    }

    // Pods beyond the wanted number go, the highest first. True when there are some.
    private bool Condemn()
    {
        var condemned = pods.Where(p => StatefulPod.Ordinal(set, p) is var n && (n >= _start + _replicas || n < _start)).Reverse().ToList();
        foreach (var pod in condemned)
        {
            if (pod.DeletionTimestamp is null)
            {
                writes.Add(new ObjectWrite.Delete(pod));
            }

            if (_ordered)
            {
                break;
            }
        }

        return condemned.Count > 0;
    }

    private void Roll(Dictionary<int, KubernetesObject> byOrdinal)
    {
        if (set.Spec.Text("updateStrategy", "type") == "OnDelete" || writes.Count > 0)
        {
            return;
        }

        var partition = set.Spec.Int(0, "updateStrategy", "rollingUpdate", "partition");
        for (var ordinal = _start + _replicas - 1; ordinal >= _start + partition; ordinal--)
        {
            if (!byOrdinal.TryGetValue(ordinal, out var pod))
            {
                return;
            }

            if (pod.Label(Revisions.Label) != update.Name && pod.DeletionTimestamp is null)
            {
                writes.Add(new ObjectWrite.Delete(pod));
                return;
            }

            if (!IsHealthy(pod))
            {
                return;
            }
        }
    }

    private bool IsHealthy(KubernetesObject pod) =>
        pod.DeletionTimestamp is null && pod.Status.Text("phase") == "Running" && PodState.IsAvailable(pod, set.Spec.Int(0, "minReadySeconds"), now);
}
