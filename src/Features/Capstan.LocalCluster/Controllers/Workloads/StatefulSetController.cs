using Capstan.Resources;
using Capstan.Yaml;
using LabelSelector = Capstan.LocalCluster.ApiServer.Objects.LabelSelector;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>
/// Keeps the pods of a StatefulSet, each with its number, its name and its claims, as kube-controller-manager's statefulset controller does:
/// one after the other upwards, one after the other downwards, and rolled from the highest number to the partition.
/// </summary>
internal sealed class StatefulSetController : IController
{
    public GroupKind Kind => Kinds.StatefulSet;

    public IReadOnlyList<GroupKind> Owns { get; } = [Kinds.Pod, Kinds.ControllerRevision];

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

        var update = revisions.Update!;
        var current = revisions.Named(subject.Status.Text("currentRevision")) ?? update;
        var pods = view.ControlledBy(Kinds.Pod, subject.Namespace, subject.Uid).Where(p => StatefulPod.Ordinal(subject, p) >= 0)
            .OrderBy(p => StatefulPod.Ordinal(subject, p)).ToList();
        new StatefulStep(subject, view, pods, current, update, now, writes).Run();
        writes.AddRange(StatefulClaims.Retention(subject, view));
        var status = StatefulSetStatus.Of(subject, pods, current, update, now);
        if (!status.Equals(subject.Status) && !writes.Any(w => w is ObjectWrite.Create { Object.Kind: "Pod" }))
        {
            writes.Add(new ObjectWrite.UpdateStatus(subject.With(["status"], status)));
        }

        writes.AddRange(revisions.Forgotten(subject, pods, current.Name));
        var minReady = subject.Spec.Int(0, "minReadySeconds");
        var waiting = minReady > 0 && pods.Any(p => PodState.IsReady(p) && !PodState.IsAvailable(p, minReady, now));
        return new ControllerPlan(writes, waiting ? TimeSpan.FromSeconds(1) : null);
    }

    private static void Adopt(KubernetesObject subject, IClusterView view, List<ObjectWrite> writes)
    {
        var selector = LabelSelector.OfController(subject.Spec["selector"] as YamlMap);
        foreach (var pod in view.Orphans(Kinds.Pod, subject.Namespace))
        {
            if (pod.DeletionTimestamp is null && StatefulPod.Ordinal(subject, pod) >= 0 && selector?.Matches(pod.Labels) == true)
            {
                writes.Add(new ObjectWrite.Update(pod.ControlledBy(subject)));
            }
        }
    }
}
