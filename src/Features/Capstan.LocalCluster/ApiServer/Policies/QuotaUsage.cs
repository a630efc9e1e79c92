using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Policies;

/// <summary>What an object counts for under resource quotas (k8s.io/kubernetes, pkg/quota/v1/evaluator/core).</summary>
internal static class QuotaUsage
{
    private static readonly HashSet<string> OldNames = new(StringComparer.Ordinal)
    {
        "pods", "services", "secrets", "configmaps", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas",
    };

    private static readonly HashSet<string> Standard = new(StringComparer.Ordinal) { "cpu", "memory", "ephemeral-storage" };

    /// <summary>The resources that an object uses, by the names under which quotas limit them.</summary>
    /// <param name="qualified"><c>pods</c>, <c>deployments.apps</c>.</param>
    /// <param name="tree">The object.</param>
    public static Dictionary<string, decimal> Of(string qualified, YamlMap tree)
    {
        var used = new Dictionary<string, decimal>(StringComparer.Ordinal) { [$"count/{qualified}"] = 1 };
        if (OldNames.Contains(qualified))
        {
            used[qualified] = 1;
        }

        switch (qualified)
        {
            case "pods":
                return tree.Text("status", "phase") is "Succeeded" or "Failed" ? new(StringComparer.Ordinal) { [$"count/{qualified}"] = 1 } : Pod(tree, used);
            case "services":
                var type = tree.Text("spec", "type");
                used["services.nodeports"] = type is "NodePort" or "LoadBalancer" ? tree.Maps("spec", "ports").Count() : 0;
                used["services.loadbalancers"] = type == "LoadBalancer" ? 1 : 0;
                break;
            case "persistentvolumeclaims":
                var size = Amount(tree.At("spec", "resources", "requests", "storage"));
                used["requests.storage"] = size;
                if (tree.Text("spec", "storageClassName") is { Length: > 0 } name)
                {
                    used[$"{name}.storageclass.storage.k8s.io/requests.storage"] = size;
                    used[$"{name}.storageclass.storage.k8s.io/persistentvolumeclaims"] = 1;
                }

                break;
        }

        return used;
    }

    /// <summary>Whether a quota's scopes take an object in. Only pods have scopes.</summary>
    public static bool InScope(YamlMap quota, string qualified, YamlMap tree)
    {
        var scopes = (quota.At("spec", "scopes") as YamlList ?? YamlList.Empty).Select(s => s.AsString() ?? "").ToList();
        var selectors = quota.Maps("spec", "scopeSelector", "matchExpressions").ToList();
        if (scopes.Count == 0 && selectors.Count == 0)
        {
            return true;
        }

        return qualified == "pods" && scopes.All(s => Holds(s, tree)) && selectors.All(s => s.Text("scopeName") == "PriorityClass"
            ? Priority(s, tree.Text("spec", "priorityClassName")) : Holds(s.Text("scopeName"), tree) == (s.Text("operator") != "DoesNotExist"));
    }

    private static bool Holds(string scope, YamlMap pod) => scope switch
    {
        "Terminating" => pod.At("spec", "activeDeadlineSeconds") is not null,
        "NotTerminating" => pod.At("spec", "activeDeadlineSeconds") is null,
        "BestEffort" => pod.Text("status", "qosClass") == "BestEffort",
        "NotBestEffort" => pod.Text("status", "qosClass") != "BestEffort",
        "PriorityClass" => pod.Text("spec", "priorityClassName").Length > 0,
        _ => false,
    };

    private static bool Priority(YamlMap selector, string name)
    {
        var values = (selector["values"] as YamlList ?? YamlList.Empty).Select(v => v.AsString() ?? "");
        return selector.Text("operator") switch
        {
            "In" => values.Contains(name),
            "NotIn" => !values.Contains(name),
            "Exists" => name.Length > 0,
            _ => name.Length == 0,
        };
    }

    // The larger of what the containers need together and what any of the initial ones needs alone.
    private static Dictionary<string, decimal> Pod(YamlMap pod, Dictionary<string, decimal> used)
    {
        foreach (var (kind, prefix) in new[] { ("requests", "requests."), ("limits", "limits.") })
        {
            var total = new Dictionary<string, decimal>(StringComparer.Ordinal);
            foreach (var container in pod.Maps("spec", "containers"))
            {
                foreach (var (name, amount) in container.MapAt("resources", kind))
                {
                    total[name] = total.GetValueOrDefault(name) + Amount(amount);
                }
            }

            foreach (var container in pod.Maps("spec", "initContainers"))
            {
                foreach (var (name, amount) in container.MapAt("resources", kind))
                {
                    total[name] = Math.Max(total.GetValueOrDefault(name), Amount(amount));
                }
            }

            foreach (var (name, amount) in total)
            {
                used[prefix + name] = amount;
                if (kind == "requests" && Standard.Contains(name))
                {
                    used[name] = amount;
                }
            }
        }

        return used;
    }

    private static decimal Amount(YamlNode? node) => node is YamlScalar scalar && Quantities.TryParse(scalar.Text, out var amount) ? amount : 0;
}
