using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Policies;

/// <summary>Says of each autoscaler that there are no metrics, in the words by which people and health checks know that; it scales nothing.</summary>
internal sealed class AutoscalerController : IController
{
    private const string NoMetrics = "the HPA was unable to compute the replica count: unable to get metrics: this cluster has no metrics API (metrics.k8s.io)";

    public GroupKind Kind => Kinds.Autoscaler;

    public IReadOnlyList<GroupKind> Owns { get; } = [];

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        if (subject.DeletionTimestamp is not null)
        {
            return ControllerPlan.Nothing;
        }

        var reference = subject.Spec["scaleTargetRef"] as YamlMap ?? YamlMap.Empty;
        var kind = GroupVersionKind.From(reference.Text("apiVersion"), reference.Text("kind")).GroupKind;
        var target = view.Get(new ObjectKey(kind, subject.Namespace, reference.Text("name")));
        var replicas = target?.Spec.Int(1, "replicas") ?? 0;
        var conditions = target is null
            ? YamlList.Create([Condition(subject, "AbleToScale", "False", "FailedGetScale", $"the HPA controller was unable to get the target's current scale: {reference.Text("kind")} \"{reference.Text("name")}\" not found", now)])
            : YamlList.Create([
                Condition(subject, "AbleToScale", "True", "SucceededGetScale", "the HPA controller was able to get the target's current scale", now),
                Condition(subject, "ScalingActive", "False", "FailedGetResourceMetric", NoMetrics, now)]);
        var status = YamlMap.Of(("currentReplicas", (long)replicas), ("desiredReplicas", 0L), ("currentMetrics", YamlScalar.Null), ("conditions", conditions)).Without("currentMetrics");
        return status.Equals(subject.Status)
            ? new ControllerPlan([], TimeSpan.FromSeconds(15))
            : new ControllerPlan([new ObjectWrite.UpdateStatus(subject.With(["status"], status))], TimeSpan.FromSeconds(15));
    }

    private static YamlMap Condition(KubernetesObject subject, string type, string status, string reason, string message, DateTimeOffset now)
    {
        var before = subject.Condition(type);
        return YamlMap.Of(
            ("type", type), ("status", status), ("lastTransitionTime", before?.Text("status") == status ? before.Text("lastTransitionTime") : ObjectFields.Timestamp(now)),
            ("reason", reason), ("message", message));
    }
}
