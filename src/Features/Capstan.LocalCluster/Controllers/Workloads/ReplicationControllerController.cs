using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>Keeps the pods of a ReplicationController, the older form of a ReplicaSet: its selector is a plain map of labels.</summary>
internal sealed class ReplicationControllerController : IController
{
    private readonly ReplicaSetController _sets = new();

    public GroupKind Kind => Kinds.ReplicationController;

    public IReadOnlyList<GroupKind> Owns { get; } = [Kinds.Pod];

    public ObjectWrite? Refused(KubernetesObject subject, string why, DateTimeOffset now) => _sets.Refused(subject, why, now);

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        var selector = subject.Spec["selector"] ?? subject.Spec.At("template", "metadata", "labels") ?? YamlMap.Empty;
        var plan = _sets.Plan(subject.With(["spec", "selector"], YamlMap.Of(("matchLabels", selector))), view, now);
        return plan with { Writes = [.. plan.Writes.Select(w => w is ObjectWrite.UpdateStatus status ? new ObjectWrite.UpdateStatus(status.Object.With(["spec"], subject.Spec)) : w)] };
    }
}
