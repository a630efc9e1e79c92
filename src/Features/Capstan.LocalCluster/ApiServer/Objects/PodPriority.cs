using Capstan.LocalCluster.ApiServer.Operations;
using Capstan.LocalCluster.Storage;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>Gives a pod the priority of its class, or of the default class (admission plugin Priority).</summary>
internal static class PodPriority
{
    public static YamlMap Give(Target target, YamlMap pod, ObjectStore store)
    {
        var classes = store.Snapshot("priorityclasses.scheduling.k8s.io").Table;
        var name = pod.Text("spec", "priorityClassName");
        var found = name.Length > 0 ? classes.Get("", name)?.Tree
            : classes.In("").Select(c => c.Tree).Where(c => c.IsTrue("globalDefault")).MinBy(c => c.Number("value") ?? 0);
        if (found is null)
        {
            return name.Length == 0 ? pod
                : throw ApiErrors.Forbidden(target.Resource, pod.Text("metadata", "name"), $"no PriorityClass with name {name} was found");
        }

        return pod.WithAt(["spec", "priorityClassName"], found.Text("metadata", "name")).WithAt(["spec", "priority"], found.Number("value") ?? 0)
            .WithAt(["spec", "preemptionPolicy"], found.Text("preemptionPolicy") is { Length: > 0 } policy ? policy : "PreemptLowerPriority");
    }
}
