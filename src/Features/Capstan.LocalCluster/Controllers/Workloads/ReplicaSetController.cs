using Capstan.Resources;
using Capstan.Yaml;
using LabelSelector = Capstan.LocalCluster.ApiServer.Objects.LabelSelector;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>Keeps the wanted number of pods of a ReplicaSet, as kube-controller-manager's replicaset controller does.</summary>
internal sealed class ReplicaSetController : IController
{
    // As in Kubernetes (BurstReplicas): a mistaken number of replicas does not flood the cluster in one pass.
    private const int MostAtOnce = 500;

    private const string Failure = "ReplicaFailure";

    public GroupKind Kind => Kinds.ReplicaSet;

    public IReadOnlyList<GroupKind> Owns { get; } = [Kinds.Pod];

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        var writes = new List<ObjectWrite>();
        var pods = view.ControlledBy(Kinds.Pod, subject.Namespace, subject.Uid).Where(PodState.IsActive).ToList();
        if (subject.DeletionTimestamp is null)
        {
            Claim(subject, view, pods, writes);
            Scale(subject, pods, writes);
        }

        var minReady = subject.Spec.Int(0, "minReadySeconds");
        var status = Status(subject, pods, minReady, now);

        // New pods wake their set again in a moment, when there is more to say than that they were made.
        if (!status.Equals(subject.Status) && !writes.Any(w => w is ObjectWrite.Create))
        {
            writes.Add(new ObjectWrite.UpdateStatus(subject.With(["status"], status)));
        }

        var waiting = minReady > 0 && pods.Any(p => PodState.IsReady(p) && !PodState.IsAvailable(p, minReady, now));
        return new ControllerPlan(writes, waiting ? TimeSpan.FromSeconds(1) : null);
    }

    public ObjectWrite? Refused(KubernetesObject subject, string why, DateTimeOffset now)
    {
        var before = subject.Condition(Failure);
        if (before?.Text("message") == why)
        {
            return null;
        }

        var others = (subject.Status["conditions"] as YamlList ?? YamlList.Empty).Where(c => c is YamlMap map && map.Text("type") != Failure);
        var condition = YamlMap.Of(("type", Failure), ("status", "True"), ("lastTransitionTime", ObjectFields.Timestamp(now)), ("reason", "FailedCreate"), ("message", why));
        return new ObjectWrite.UpdateStatus(subject.With(["status", "conditions"], new YamlList([.. others, condition])).With(["status", "observedGeneration"], subject.Generation));
    }

    private static void Claim(KubernetesObject subject, IClusterView view, List<KubernetesObject> pods, List<ObjectWrite> writes)
    {
        var selector = LabelSelector.OfController(subject.Spec["selector"] as YamlMap);
        foreach (var pod in view.Orphans(Kinds.Pod, subject.Namespace))
        {
            if (PodState.IsActive(pod) && selector?.Matches(pod.Labels) == true)
            {
                writes.Add(new ObjectWrite.Update(pod.ControlledBy(subject)));
            }
        }

        // A pod whose labels were changed is let go, as people do to look at one of them in peace.
        writes.AddRange(pods.Where(p => selector?.Matches(p.Labels) == false).Select(p => new ObjectWrite.Update(p.Released(subject.Uid))));
    }

    private static void Scale(KubernetesObject subject, List<KubernetesObject> pods, List<ObjectWrite> writes)
    {
        // Adopted pods count from the next pass on, when they carry the reference.
        if (writes.Count > 0)
        {
            return;
        }

        var missing = subject.Spec.Int(1, "replicas") - pods.Count;
        var template = subject.Spec["template"] as YamlMap ?? YamlMap.Empty;
        for (var i = 0; i < Math.Min(missing, MostAtOnce); i++)
        {
            writes.Add(new ObjectWrite.Create(PodState.FromTemplate(subject, template)));
        }

        foreach (var pod in pods.OrderBy(p => p, DeletionOrder.Instance).Take(Math.Clamp(-missing, 0, MostAtOnce)))
        {
            writes.Add(new ObjectWrite.Delete(pod));
        }
    }

    private static YamlMap Status(KubernetesObject subject, List<KubernetesObject> pods, int minReady, DateTimeOffset now)
    {
        var labels = (subject.Spec.At("template", "metadata", "labels") as YamlMap) ?? YamlMap.Empty;
        var status = new YamlMapBuilder();
        Count("replicas", pods.Count, always: true);
        Count("fullyLabeledReplicas", pods.Count(p => labels.All(l => l.Value.Equals(p.Labels[l.Key]))));
        Count("readyReplicas", pods.Count(PodState.IsReady));
        Count("availableReplicas", pods.Count(p => PodState.IsAvailable(p, minReady, now)));
        status.Set("observedGeneration", subject.Generation);
        // The failure is over when nothing is missing any more.
        var missing = pods.Count < subject.Spec.Int(1, "replicas");
        var conditions = (subject.Status["conditions"] as YamlList ?? YamlList.Empty).Where(c => missing || c is YamlMap map && map.Text("type") != Failure).ToList();
        if (conditions.Count > 0)
        {
            status.Set("conditions", new YamlList(conditions));
        }

        return status.ToMap();

        // Kubernetes leaves out zeros, but for replicas.
        void Count(string field, int number, bool always = false)
        {
            if (number > 0 || always)
            {
                status.Set(field, (long)number);
            }
        }
    }

    /// <summary>Which pods go first: unassigned, then not ready, then the youngest (Kubernetes, ActivePodsWithRanks).</summary>
    private sealed class DeletionOrder : IComparer<KubernetesObject>
    {
        public static readonly DeletionOrder Instance = new();

        public int Compare(KubernetesObject? x, KubernetesObject? y)
        {
            var byNode = (x!.Spec.Text("nodeName").Length > 0).CompareTo(y!.Spec.Text("nodeName").Length > 0);
            var byReady = PodState.IsReady(x).CompareTo(PodState.IsReady(y));
            var byAge = (y.CreatedAt() ?? default).CompareTo(x.CreatedAt() ?? default);
            return byNode != 0 ? byNode : byReady != 0 ? byReady : byAge != 0 ? byAge : string.CompareOrdinal(x.Name, y.Name);
        }
    }
}
