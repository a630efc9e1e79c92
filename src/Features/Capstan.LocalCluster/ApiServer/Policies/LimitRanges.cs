using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.ApiServer.Operations;
using Capstan.LocalCluster.Storage;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Policies;

/// <summary>Gives containers the requests and limits that their namespace has for those that say none, and refuses what is out of bounds (admission plugin LimitRanger).</summary>
internal static class LimitRanges
{
    private static readonly string[] Lists = ["containers", "initContainers"];

    public static YamlMap Apply(Target target, YamlMap tree, ObjectStore store)
    {
        if (target.Resource.Qualified is not ("pods" or "persistentvolumeclaims"))
        {
            return tree;
        }

        foreach (var limit in store.Snapshot("limitranges").Table.In(target.Namespace).SelectMany(r => r.Tree.Maps("spec", "limits")))
        {
            tree = limit.Text("type") == "Container" && target.Resource.Qualified == "pods" ? Containers(target, tree, limit) : tree;
            if (limit.Text("type") == "PersistentVolumeClaim" && target.Resource.Qualified == "persistentvolumeclaims")
            {
                Bounds(target, tree, limit, "PersistentVolumeClaim", tree.MapAt("spec", "resources", "requests"), YamlMap.Empty);
            }
            else if (limit.Text("type") == "Pod" && target.Resource.Qualified == "pods")
            {
                Bounds(target, tree, limit, "Pod", Sum(tree, "requests"), Sum(tree, "limits"));
            }
        }

        return tree;
    }

    private static YamlMap Containers(Target target, YamlMap pod, YamlMap limit)
    {
        pod = pod.Change("spec", spec => Lists.Aggregate(spec, (all, list) => all.ChangeEach(list, c => Defaulted(c, limit))));
        foreach (var container in Lists.SelectMany(list => pod.Maps("spec", list)))
        {
            Bounds(target, pod, limit, "Container", container.MapAt("resources", "requests"), container.MapAt("resources", "limits"));
        }

        return pod;
    }

    private static YamlMap Defaulted(YamlMap container, YamlMap limit)
    {
        var (limits, requests) = (container.MapAt("resources", "limits"), container.MapAt("resources", "requests"));
        foreach (var (name, amount) in limit.MapAt("default"))
        {
            limits = limits.Default(name, amount);
        }

        foreach (var (name, amount) in limit.MapAt("defaultRequest"))
        {
            requests = requests.Default(name, amount);
        }

        container = limits.Count == 0 ? container : container.WithAt(["resources", "limits"], limits);
        return requests.Count == 0 ? container : container.WithAt(["resources", "requests"], requests);
    }

    private static void Bounds(Target target, YamlMap tree, YamlMap limit, string type, YamlMap requests, YamlMap limits)
    {
        var problems = new List<string>();
        foreach (var (name, least) in limit.MapAt("min"))
        {
            if (Amount(requests[name]) is not { } amount || amount < Amount(least))
            {
                problems.Add(requests[name] is { } given ? $"minimum {name} usage per {type} is {Text(least)}, but request is {Text(given)}" : $"minimum {name} usage per {type} is {Text(least)}.  No request is specified");
            }
        }

        foreach (var (name, most) in limit.MapAt("max"))
        {
            var given = limits[name] ?? (type == "PersistentVolumeClaim" ? requests[name] : null);
            if (Amount(given) is not { } amount || amount > Amount(most))
            {
                problems.Add(given is not null ? $"maximum {name} usage per {type} is {Text(most)}, but limit is {Text(given)}" : $"maximum {name} usage per {type} is {Text(most)}.  No limit is specified");
            }
        }

        if (problems.Count > 0)
        {
            throw ApiErrors.Forbidden(target.Resource, tree.Text("metadata", "name"), problems.Count == 1 ? problems[0] : $"[{string.Join(", ", problems)}]");
        }
    }

    private static YamlMap Sum(YamlMap pod, string kind)
    {
        var total = YamlMap.Empty;
        foreach (var (name, amount) in pod.Maps("spec", "containers").SelectMany(c => c.MapAt("resources", kind)))
        {
            total = total.With(name, Quantities.Show((Amount(total[name]) ?? 0) + (Amount(amount) ?? 0)));
        }

        return total;
    }

    private static decimal? Amount(YamlNode? node) => node is YamlScalar scalar && Quantities.TryParse(scalar.Text, out var amount) ? amount : null;

    private static string Text(YamlNode node) => (node as YamlScalar)?.Text ?? node.ToString();
}
