using Capstan.LocalCluster.Controllers;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Node;

/// <summary>The scheduler of a cluster with one node: a pod gets the node if it may, and is told why not otherwise. What a node of former times left is removed.</summary>
internal sealed class PodBinder : IController
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    public GroupKind Kind => Kinds.Pod;

    public IReadOnlyList<GroupKind> Owns { get; } = [];

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        var node = subject.Spec.Text("nodeName");
        if (node == SimulatedNode.Name)
        {
            return new ControllerPlan([new ObjectWrite.Delete(subject, Now: true)]);
        }

        if (node.Length > 0 || subject.DeletionTimestamp is not null || subject.Spec["schedulingGates"] is YamlList { Count: > 0 })
        {
            return ControllerPlan.Nothing;
        }

        if (view.Get(new ObjectKey(Kinds.Node, "", NodeObject.Name)) is not { } there)
        {
            return new ControllerPlan([], LookAgain);
        }

        if (Unfit(subject, there) is not { } why)
        {
            return new ControllerPlan([new ObjectWrite.Update(subject.With(["spec", "nodeName"], NodeObject.Name))]);
        }

        var message = $"0/1 nodes are available: {why}.";
        var scheduled = subject.Condition("PodScheduled");
        return scheduled?.Text("message") == message
            ? new ControllerPlan([], LookAgain)
            : new ControllerPlan([new ObjectWrite.UpdateStatus(subject.With(["status", "conditions"], YamlList.Create([YamlMap.Of(
                ("type", "PodScheduled"), ("status", "False"), ("reason", "Unschedulable"), ("message", message),
                ("lastProbeTime", YamlScalar.Null), ("lastTransitionTime", ObjectFields.Timestamp(now)))])))], LookAgain);
    }

    private static string? Unfit(KubernetesObject pod, KubernetesObject node)
    {
        if (node.Spec.Flag("unschedulable"))
        {
            return "1 node(s) were unschedulable";
        }

        var selector = pod.Spec["nodeSelector"] as YamlMap ?? YamlMap.Empty;
        return selector.All(wanted => node.Label(wanted.Key) == wanted.Value.AsString()) ? null : "1 node(s) didn't match Pod's node affinity/selector";
    }
}
