using Capstan.Resources;
using Capstan.Yaml;
using LabelSelector = Capstan.LocalCluster.ApiServer.Objects.LabelSelector;

namespace Capstan.LocalCluster.Controllers.Policies;

/// <summary>Counts what a disruption budget still allows. An eviction counts for itself again; this is what people and tools read.</summary>
internal sealed class DisruptionController : IObserver
{
    public GroupKind Kind => Kinds.DisruptionBudget;

    public IReadOnlyList<GroupKind> Owns { get; } = [];

    public IReadOnlyList<GroupKind> Observes { get; } = [Kinds.Pod];

    public IEnumerable<ObjectKey> Concerned(KubernetesObject changed, IClusterView view) =>
        view.List(Kinds.DisruptionBudget, changed.Namespace).Where(b => Selects(b, changed)).Select(b => b.Key);

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        if (subject.DeletionTimestamp is not null)
        {
            return ControllerPlan.Nothing;
        }

        var pods = view.List(Kinds.Pod, subject.Namespace).Where(p => p.DeletionTimestamp is null && p.Status.Text("phase") is not ("Succeeded" or "Failed") && Selects(subject, p)).ToList();
        var healthy = pods.Count(p => p.Condition("Ready")?.Text("status") == "True");
        var expected = Expected(pods, view);
        var desired = subject.Spec["maxUnavailable"] is { } most ? Math.Max(0, expected - Share(most, expected)) : Share(subject.Spec["minAvailable"] ?? YamlScalar.Integer(1), expected);
        var allowed = Math.Max(0, healthy - desired);
        var before = subject.Condition("DisruptionAllowed");
        var (holds, reason) = allowed > 0 ? ("True", "SufficientPods") : ("False", "InsufficientPods");
        var condition = before?.Text("status") == holds && before.Text("reason") == reason ? before : YamlMap.Of(
            ("type", "DisruptionAllowed"), ("status", holds), ("observedGeneration", subject.Generation), ("lastTransitionTime", ObjectFields.Timestamp(now)), ("reason", reason), ("message", ""));
        var status = YamlMap.Of(
            ("observedGeneration", subject.Generation), ("disruptionsAllowed", allowed), ("currentHealthy", (long)healthy), ("desiredHealthy", desired), ("expectedPods", expected),
            ("conditions", YamlList.Create([condition.With("observedGeneration", subject.Generation)])));
        return status.Equals(subject.Status) ? ControllerPlan.Nothing : new ControllerPlan([new ObjectWrite.UpdateStatus(subject.With(["status"], status))]);
    }

    private static long Expected(List<KubernetesObject> pods, IClusterView view)
    {
        long expected = 0;
        foreach (var owner in pods.GroupBy(p => p.ControllerUid() ?? ""))
        {
            var replicas = owner.Key.Length > 0 && view.Find(owner.Key) is { } key ? view.Get(key)?.Spec["replicas"] as YamlScalar : null;
            expected += replicas is not null && replicas.TryGetInteger(out var number) ? number : owner.Count();
        }

        return expected;
    }

    // An empty selector of policy/v1 selects everything in the namespace.
    private static bool Selects(KubernetesObject budget, KubernetesObject pod) =>
        budget.Spec["selector"] is YamlMap { Count: 0 } || LabelSelector.OfController(budget.Spec["selector"] as YamlMap)?.Matches(pod.Labels) == true;

    private static long Share(YamlNode wanted, long of)
    {
        if (wanted is YamlScalar scalar && scalar.TryGetInteger(out var number))
        {
            return number;
        }

        return long.TryParse((wanted.AsString() ?? "").TrimEnd('%'), out var percent) ? (Math.Clamp(percent, 0, 100) * of + 99) / 100 : 0;
    }
}
