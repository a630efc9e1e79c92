using System.Globalization;
using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>What single kinds get from the server alone: the first status, names of their own, fields that survive a replacement.</summary>
internal static class CreationRules
{
    private static readonly string[] Limited = ["cpu", "memory"];

    // What Go writes of a status that nobody has filled: typed clients take it to be there.
    private static readonly YamlMap None = YamlMap.Of(("replicas", 0));
    private static readonly Dictionary<string, YamlMap> Unfilled = new(StringComparer.Ordinal)
    {
        ["replicationcontrollers"] = None,
        ["resourcequotas"] = YamlMap.Empty,
        ["deployments.apps"] = YamlMap.Empty,
        ["replicasets.apps"] = None,
        ["statefulsets.apps"] = YamlMap.Of(("availableReplicas", 0), ("replicas", 0)),
        ["daemonsets.apps"] = YamlMap.Of(("currentNumberScheduled", 0), ("desiredNumberScheduled", 0), ("numberMisscheduled", 0), ("numberReady", 0)),
        ["cronjobs.batch"] = YamlMap.Empty,
        ["ingresses.networking.k8s.io"] = YamlMap.Of(("loadBalancer", YamlMap.Empty)),
        ["horizontalpodautoscalers.autoscaling"] = YamlMap.Of(("desiredReplicas", 0)),
        ["poddisruptionbudgets.policy"] = YamlMap.Of(("currentHealthy", 0), ("desiredHealthy", 0), ("disruptionsAllowed", 0), ("expectedPods", 0)),
        ["certificatesigningrequests.certificates.k8s.io"] = YamlMap.Empty,
    };

    public static YamlMap Apply(ServedResource resource, YamlMap tree, DateTimeOffset now) => resource.Qualified switch
    {
        "namespaces" => Defaults.Apply(resource, tree).WithAt(["spec", "finalizers"], YamlList.Create(["kubernetes"])).WithAt(["status", "phase"], "Active"),
        "pods" => Pod(tree),
        "persistentvolumeclaims" => Protected(tree).WithAt(["status", "phase"], "Pending"),
        "persistentvolumes" => tree.WithAt(["status", "phase"], "Pending"),
        "services" => tree.WithAt(["status", "loadBalancer"], YamlMap.Empty),
        "jobs.batch" => Job(tree).With("status", YamlMap.Empty),
        "apiservices.apiregistration.k8s.io" => Available(tree, now),
        _ => Unfilled.TryGetValue(resource.Qualified, out var status) ? tree.With("status", status) : tree,
    };

    /// <summary>Fields that the server gave and a caller who replaces the whole object may leave out.</summary>
    public static YamlMap Keep(ServedResource resource, YamlMap live, YamlMap wanted)
    {
        switch (resource.Qualified)
        {
            case "services":
                return Service(live, wanted);
            case "serviceaccounts":
                return wanted["secrets"] is null && live["secrets"] is { } secrets ? wanted.With("secrets", secrets) : wanted;
            case "jobs.batch":
                return Job(live, wanted);
            default:
                return wanted;
        }
    }

    /// <summary>A namespace's own finalizers change through the finalize subresource alone, and nothing else changes there.</summary>
    public static YamlMap Finalizers(YamlMap live, YamlMap wanted, bool finalizing)
    {
        var (rest, from) = finalizing ? (live, wanted) : (wanted, live);
        return from.At("spec", "finalizers") is { } finalizers ? rest.WithAt(["spec", "finalizers"], finalizers) : rest.WithoutAt("spec", "finalizers");
    }

    // A claim that is used stays until nobody uses it (admission plugin StorageObjectInUseProtection).
    private static YamlMap Protected(YamlMap tree)
    {
        var finalizers = tree.At("metadata", "finalizers") as YamlList ?? YamlList.Empty;
        return finalizers.Any(f => f.AsString() == Controllers.Volumes.ClaimController.Protection) ? tree
            : tree.WithAt(["metadata", "finalizers"], finalizers.Append(Controllers.Volumes.ClaimController.Protection));
    }

    private static YamlMap Pod(YamlMap tree)
    {
        if (tree.At("spec", "serviceAccountName") is null)
        {
            tree = tree.WithAt(["spec", "serviceAccountName"], "default").WithAt(["spec", "serviceAccount"], "default");
        }

        tree = tree.Change("spec", spec => spec.Default("enableServiceLinks", true).Default("preemptionPolicy", "PreemptLowerPriority").Default("priority", 0)
            .Default("tolerations", YamlList.Create(
            [
                YamlMap.Of(("key", "node.kubernetes.io/not-ready"), ("operator", "Exists"), ("effect", "NoExecute"), ("tolerationSeconds", 300)),
                YamlMap.Of(("key", "node.kubernetes.io/unreachable"), ("operator", "Exists"), ("effect", "NoExecute"), ("tolerationSeconds", 300)),
            ])));
        return tree.With("status", YamlMap.Of(("phase", "Pending"), ("qosClass", QualityOfService(tree))));
    }

    // Guaranteed when every container limits cpu and memory to what it requests; BestEffort when none asks for anything.
    private static string QualityOfService(YamlMap pod)
    {
        var containers = pod.Maps("spec", "containers").Concat(pod.Maps("spec", "initContainers")).ToList();
        if (containers.All(c => c.MapAt("resources", "limits").Count == 0 && c.MapAt("resources", "requests").Count == 0))
        {
            return "BestEffort";
        }

        var guaranteed = containers.All(c => Limited.All(name =>
            c.At("resources", "limits", name) is { } limit && limit.Equals(c.At("resources", "requests", name))));
        return guaranteed ? "Guaranteed" : "Burstable";
    }

    private static YamlMap Job(YamlMap tree)
    {
        if (tree.IsTrue("spec", "manualSelector"))
        {
            return tree;
        }

        var uid = tree.Text("metadata", "uid");
        var name = tree.Text("metadata", "name");
        var labels = tree.MapAt("spec", "template", "metadata", "labels")
            .With("batch.kubernetes.io/controller-uid", uid).With("batch.kubernetes.io/job-name", name).With("controller-uid", uid).With("job-name", name);
        tree = tree.WithAt(["spec", "template", "metadata", "labels"], labels);

        // A selector that somebody wrote is left for the validation to refuse.
        return tree.At("spec", "selector") is not null ? tree : tree.WithAt(["spec", "selector"], GeneratedSelector(uid));
    }

    /// <summary>The selector that a Job gets which does not bring its own.</summary>
    public static YamlMap GeneratedSelector(string uid) => YamlMap.Of(("matchLabels", YamlMap.Of(("batch.kubernetes.io/controller-uid", uid))));

    private static YamlMap Job(YamlMap live, YamlMap wanted)
    {
        if (wanted.At("spec", "selector") is null && live.At("spec", "selector") is { } selector)
        {
            wanted = wanted.WithAt(["spec", "selector"], selector);
        }

        var labels = wanted.MapAt("spec", "template", "metadata", "labels");
        foreach (var (key, value) in live.MapAt("spec", "template", "metadata", "labels"))
        {
            if (key.EndsWith("controller-uid", StringComparison.Ordinal) || key.EndsWith("job-name", StringComparison.Ordinal))
            {
                labels = labels.Default(key, value);
            }
        }

        return labels.Count == 0 ? wanted : wanted.WithAt(["spec", "template", "metadata", "labels"], labels);
    }

    private static YamlMap Service(YamlMap live, YamlMap wanted)
    {
        if (wanted.Text("spec", "type") == "ExternalName" || live.Text("spec", "type") == "ExternalName")
        {
            return wanted;
        }

        foreach (var field in (ReadOnlySpan<string>)["clusterIP", "clusterIPs"])
        {
            if (wanted.At("spec", field) is null or YamlScalar { Text: "" } && live.At("spec", field) is { } known)
            {
                wanted = wanted.WithAt(["spec", field], known);
            }
        }

        var ports = live.Maps("spec", "ports").ToList();
        return wanted.Text("spec", "type") is "NodePort" or "LoadBalancer"
            ? wanted.Change("spec", spec => spec.ChangeEach("ports", port => port["nodePort"] is null
                && ports.FirstOrDefault(p => p["port"]!.Equals(port["port"]) && p.Text("protocol") == port.Text("protocol"))?["nodePort"] is { } number
                    ? port.With("nodePort", number) : port))
            : wanted;
    }

    private static YamlMap Available(YamlMap tree, DateTimeOffset now) => tree.WithAt(["status", "conditions"], YamlList.Create(
    [
        YamlMap.Of(("type", "Available"), ("status", tree.At("spec", "service") is null ? "True" : "False"),
            ("reason", tree.At("spec", "service") is null ? "Local" : "ServiceNotFound"),
            ("message", tree.At("spec", "service") is null ? "Local APIServices are always available" : "the local cluster does not forward to aggregated API servers"),
            ("lastTransitionTime", now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))),
    ]));
}
