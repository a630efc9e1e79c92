using Capstan.Resources;
using Capstan.Yaml;
using LabelSelector = Capstan.LocalCluster.ApiServer.Objects.LabelSelector;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>Keeps one pod of a DaemonSet on every node that fits, as kube-controller-manager's daemon controller does.</summary>
internal sealed class DaemonSetController : IObserver
{
    public GroupKind Kind => Kinds.DaemonSet;

    public IReadOnlyList<GroupKind> Owns { get; } = [Kinds.Pod, Kinds.ControllerRevision];

    public IReadOnlyList<GroupKind> Observes { get; } = [Kinds.Node];

    public IEnumerable<ObjectKey> Concerned(KubernetesObject changed, IClusterView view) => view.List(Kinds.DaemonSet, null).Select(d => d.Key);

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        if (subject.DeletionTimestamp is not null)
        {
            return ControllerPlan.Nothing;
        }

        var revisions = Revisions.Of(subject, view);
        if (revisions.Write(subject, view) is { } revise)
        {
            return new ControllerPlan([revise]);
        }

        var writes = new List<ObjectWrite>();
        Adopt(subject, view, writes);
        if (writes.Count > 0)
        {
            return new ControllerPlan(writes);
        }

        var hash = Revisions.HashOf(revisions.Update!);
        var nodes = view.List(Kinds.Node, "").Where(n => DaemonPod.Fits(subject, n)).ToList();
        var pods = view.ControlledBy(Kinds.Pod, subject.Namespace, subject.Uid).ToList();
        Spread(subject, revisions.Update!, nodes, pods, writes);
        if (writes.Count == 0)
        {
            Roll(subject, hash, nodes.Count, pods, now, writes);
        }

        var status = Status(subject, hash, nodes, pods, now);
        if (!status.Equals(subject.Status) && !writes.Any(w => w is ObjectWrite.Create))
        {
            writes.Add(new ObjectWrite.UpdateStatus(subject.With(["status"], status)));
        }

        writes.AddRange(revisions.Forgotten(subject, pods, ""));
        var minReady = subject.Spec.Int(0, "minReadySeconds");
        var waiting = minReady > 0 && pods.Any(p => PodState.IsReady(p) && !PodState.IsAvailable(p, minReady, now));
        return new ControllerPlan(writes, waiting ? TimeSpan.FromSeconds(1) : null);
    }

    private static void Adopt(KubernetesObject subject, IClusterView view, List<ObjectWrite> writes)
    {
        var selector = LabelSelector.OfController(subject.Spec["selector"] as YamlMap);
        writes.AddRange(view.Orphans(Kinds.Pod, subject.Namespace).Where(p => PodState.IsActive(p) && selector?.Matches(p.Labels) == true)
            .Select(p => new ObjectWrite.Update(p.ControlledBy(subject))));
    }

    // One pod for each node that fits; what is too much, elsewhere or has failed goes.
    private static void Spread(KubernetesObject subject, KubernetesObject revision, List<KubernetesObject> nodes, List<KubernetesObject> pods, List<ObjectWrite> writes)
    {
        var names = nodes.Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var group in pods.GroupBy(DaemonPod.NodeOf))
        {
            var live = group.Where(p => p.DeletionTimestamp is null).ToList();
            var ended = live.Where(p => p.Status.Text("phase") is "Failed" or "Succeeded").ToList();
            var surplus = names.Contains(group.Key) ? live.Except(ended).OrderBy(p => p.CreatedAt()).Skip(1) : live.Except(ended);
            writes.AddRange(ended.Concat(surplus).Select(p => new ObjectWrite.Delete(p)));
        }

        var taken = pods.Select(DaemonPod.NodeOf).ToHashSet(StringComparer.Ordinal);
        writes.AddRange(nodes.Where(n => !taken.Contains(n.Name)).Select(n => new ObjectWrite.Create(DaemonPod.Make(subject, revision, n.Name))));
    }

    private static void Roll(KubernetesObject subject, string hash, int nodes, List<KubernetesObject> pods, DateTimeOffset now, List<ObjectWrite> writes)
    {
        if (subject.Spec.Text("updateStrategy", "type") == "OnDelete")
        {
            return;
        }

        var minReady = subject.Spec.Int(0, "minReadySeconds");
        var old = pods.Where(p => p.DeletionTimestamp is null && p.Label(Revisions.Label) != hash).ToList();
        var unavailable = nodes - pods.Count(p => p.DeletionTimestamp is null && PodState.IsAvailable(p, minReady, now));
        var most = Math.Max(1, DaemonPod.MaxUnavailable(subject, nodes));

        // Pods that serve nobody are replaced first and cost nothing.
        var broken = old.Where(p => !PodState.IsAvailable(p, minReady, now)).ToList();
        var healthy = old.Except(broken).Take(Math.Max(0, most - unavailable));
        writes.AddRange(broken.Concat(healthy).Select(p => new ObjectWrite.Delete(p)));
    }

    private static YamlMap Status(KubernetesObject subject, string hash, List<KubernetesObject> nodes, List<KubernetesObject> pods, DateTimeOffset now)
    {
        var minReady = subject.Spec.Int(0, "minReadySeconds");
        var names = nodes.Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        var placed = pods.Where(p => p.DeletionTimestamp is null && names.Contains(DaemonPod.NodeOf(p))).ToList();
        var available = placed.Count(p => PodState.IsAvailable(p, minReady, now));
        var status = YamlMap.Of(
            ("currentNumberScheduled", (long)placed.Count),
            ("numberMisscheduled", (long)pods.Count(p => p.DeletionTimestamp is null && !names.Contains(DaemonPod.NodeOf(p)))),
            ("desiredNumberScheduled", (long)nodes.Count),
            ("numberReady", (long)placed.Count(PodState.IsReady)),
            ("observedGeneration", subject.Generation));
        foreach (var (field, number) in new[]
        {
            ("updatedNumberScheduled", placed.Count(p => p.Label(Revisions.Label) == hash)), ("numberAvailable", available), ("numberUnavailable", nodes.Count - available),
        })
        {
            status = number > 0 ? status.With(field, (long)number) : status;
        }

        return subject.Status["conditions"] is { } conditions ? status.With("conditions", conditions) : status;
    }
}
