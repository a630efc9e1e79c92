using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>The defaults that Kubernetes writes into objects (k8s.io/kubernetes, pkg/apis/*/v1/defaults.go), as far as clients can see them.</summary>
internal static class Defaults
{
    private static readonly Dictionary<string, Func<YamlMap, YamlMap>> Rules = new(StringComparer.Ordinal)
    {
        ["pods"] = tree => tree.Change("spec", PodDefaults.Spec),
        ["podtemplates"] = tree => tree.Change("template", PodDefaults.Template),
        ["services"] = tree => tree.Change("spec", Service),
        ["secrets"] = Secret,
        ["namespaces"] = Namespace,
        ["nodes"] = tree => tree,
        ["persistentvolumeclaims"] = tree => tree.Change("spec", spec => spec.Default("volumeMode", "Filesystem")),
        ["persistentvolumes"] = tree => tree.Change("spec", spec => spec.Default("volumeMode", "Filesystem").Default("persistentVolumeReclaimPolicy", "Retain")),
        ["endpoints"] = tree => tree.ChangeEach("subsets", subset => subset.ChangeEach("ports", port => port.Default("protocol", "TCP"))),
        ["replicationcontrollers"] = tree => tree.Change("spec", ReplicationController),
        ["deployments.apps"] = tree => tree.Change("spec", Deployment),
        ["replicasets.apps"] = tree => tree.Change("spec", spec => spec.Default("replicas", 1).Change("template", PodDefaults.Template)),
        ["statefulsets.apps"] = tree => tree.Change("spec", StatefulSet),
        ["daemonsets.apps"] = tree => tree.Change("spec", DaemonSet),
        ["jobs.batch"] = tree => tree.Change("spec", Job),
        ["cronjobs.batch"] = tree => tree.Change("spec", CronJob),
        ["ingresses.networking.k8s.io"] = tree => tree,
        ["networkpolicies.networking.k8s.io"] = tree => tree.Change("spec", NetworkPolicy),
        ["horizontalpodautoscalers.autoscaling"] = tree => tree.Change("spec", Autoscaler),
        ["rolebindings.rbac.authorization.k8s.io"] = Binding,
        ["clusterrolebindings.rbac.authorization.k8s.io"] = Binding,
        ["storageclasses.storage.k8s.io"] = tree => tree.Default("reclaimPolicy", "Delete").Default("volumeBindingMode", "Immediate"),
        ["priorityclasses.scheduling.k8s.io"] = tree => tree.Default("preemptionPolicy", "PreemptLowerPriority"),
        ["customresourcedefinitions.apiextensions.k8s.io"] = CustomResources.Definitions.Default,
        ["validatingwebhookconfigurations.admissionregistration.k8s.io"] = Webhooks,
        ["mutatingwebhookconfigurations.admissionregistration.k8s.io"] = tree => Webhooks(tree).ChangeEach("webhooks", hook => hook.Default("reinvocationPolicy", "Never")),
    };

    public static YamlMap Apply(ServedResource resource, YamlMap tree) =>
        Rules.TryGetValue(resource.Qualified, out var rule) ? rule(tree) : tree;

    private static YamlMap Service(YamlMap spec)
    {
        spec = spec.Default("type", "ClusterIP").Default("sessionAffinity", "None");
        var type = spec.Text("type");
        if (type == "ExternalName")
        {
            return DefaultPorts(spec);
        }

        spec = spec.Default("ipFamilies", YamlList.Create(["IPv4"])).Default("ipFamilyPolicy", "SingleStack").Default("internalTrafficPolicy", "Cluster");
        if (spec.Text("clusterIP") == "None")
        {
            spec = spec.Default("clusterIPs", YamlList.Create(["None"]));
        }

        if (type is "NodePort" or "LoadBalancer")
        {
            spec = spec.Default("externalTrafficPolicy", "Cluster");
        }

        if (type == "LoadBalancer")
        {
            spec = spec.Default("allocateLoadBalancerNodePorts", true);
        }

        if (spec.Text("sessionAffinity") == "ClientIP")
        {
            spec = spec.Default("sessionAffinityConfig", YamlMap.Of(("clientIP", YamlMap.Of(("timeoutSeconds", 10800)))));
        }

        return DefaultPorts(spec);
    }

    private static YamlMap DefaultPorts(YamlMap spec) => spec.ChangeEach("ports", port =>
    {
        port = port.Default("protocol", "TCP");
        return port["targetPort"] is null && port["port"] is { } number ? port.With("targetPort", number) : port;
    });

    private static YamlMap Secret(YamlMap tree)
    {
        tree = tree.Default("type", "Opaque");
        if (tree["stringData"] is not YamlMap texts)
        {
            return tree;
        }

        var data = tree.MapAt("data");
        foreach (var (key, value) in texts)
        {
            data = data.With(key, Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value.AsString() ?? "")));
        }

        return tree.Without("stringData").With("data", data);
    }

    private static YamlMap Namespace(YamlMap tree)
    {
        var name = tree.Text("metadata", "name");
        return name.Length == 0 ? tree : tree.WithAt(["metadata", "labels", "kubernetes.io/metadata.name"], name);
    }

    private static YamlMap ReplicationController(YamlMap spec)
    {
        spec = spec.Default("replicas", 1).Change("template", PodDefaults.Template);
        return spec["selector"] is null && spec.At("template", "metadata", "labels") is { } labels ? spec.With("selector", labels) : spec;
    }

    private static YamlMap Deployment(YamlMap spec)
    {
        spec = spec.Default("replicas", 1).Default("revisionHistoryLimit", 10).Default("progressDeadlineSeconds", 600).Default("strategy", YamlMap.Empty);
        return spec.Change("strategy", strategy =>
        {
            strategy = strategy.Default("type", "RollingUpdate");
            return strategy.Text("type") != "RollingUpdate" ? strategy : strategy.Default("rollingUpdate", YamlMap.Empty)
                .Change("rollingUpdate", rolling => rolling.Default("maxSurge", "25%").Default("maxUnavailable", "25%"));
        }).Change("template", PodDefaults.Template);
    }

    private static YamlMap StatefulSet(YamlMap spec)
    {
        spec = spec.Default("replicas", 1).Default("revisionHistoryLimit", 10).Default("podManagementPolicy", "OrderedReady")
            .Default("updateStrategy", YamlMap.Empty)
            .Default("persistentVolumeClaimRetentionPolicy", YamlMap.Of(("whenDeleted", "Retain"), ("whenScaled", "Retain")));
        return spec.Change("updateStrategy", strategy =>
        {
            strategy = strategy.Default("type", "RollingUpdate");
            return strategy.Text("type") != "RollingUpdate" ? strategy
                : strategy.Default("rollingUpdate", YamlMap.Empty).Change("rollingUpdate", rolling => rolling.Default("partition", 0));
        }).Change("template", PodDefaults.Template).ChangeEach("volumeClaimTemplates", claim => claim
            .Default("apiVersion", "v1").Default("kind", "PersistentVolumeClaim")
            .Change("spec", s => s.Default("volumeMode", "Filesystem")).Default("status", YamlMap.Of(("phase", "Pending"))));
    }

    private static YamlMap DaemonSet(YamlMap spec) => spec.Default("revisionHistoryLimit", 10).Default("updateStrategy", YamlMap.Empty)
        .Change("updateStrategy", strategy =>
        {
            strategy = strategy.Default("type", "RollingUpdate");
            return strategy.Text("type") != "RollingUpdate" ? strategy : strategy.Default("rollingUpdate", YamlMap.Empty)
                .Change("rollingUpdate", rolling => rolling.Default("maxSurge", 0).Default("maxUnavailable", 1));
        }).Change("template", PodDefaults.Template);

    internal static YamlMap Job(YamlMap spec)
    {
        spec = spec.Default("backoffLimit", 6).Default("completionMode", "NonIndexed").Default("suspend", false).Default("podReplacementPolicy", "TerminatingOrFailed");
        if (spec["completions"] is null && spec["parallelism"] is null)
        {
            spec = spec.With("completions", 1);
        }

        return spec.Default("parallelism", 1).Default("manualSelector", false).Change("template", PodDefaults.Template);
    }

    private static YamlMap CronJob(YamlMap spec) => spec.Default("concurrencyPolicy", "Allow").Default("suspend", false)
        .Default("successfulJobsHistoryLimit", 3).Default("failedJobsHistoryLimit", 1)
        .Change("jobTemplate", template => template.Change("spec", job => job.Change("template", PodDefaults.Template)));

    private static YamlMap NetworkPolicy(YamlMap spec)
    {
        foreach (var direction in (ReadOnlySpan<string>)["ingress", "egress"])
        {
            spec = spec.ChangeEach(direction, rule => rule.ChangeEach("ports", port => port.Default("protocol", "TCP")));
        }

        if (spec["policyTypes"] is null)
        {
            YamlList types = spec["egress"] is YamlList { Count: > 0 } ? ["Ingress", "Egress"] : ["Ingress"];
            spec = spec.With("policyTypes", types);
        }

        return spec.Default("podSelector", YamlMap.Empty);
    }

    private static YamlMap Autoscaler(YamlMap spec) => spec.Default("minReplicas", 1).Default("metrics", YamlList.Create(
    [
        YamlMap.Of(("type", "Resource"), ("resource", YamlMap.Of(
            ("name", "cpu"), ("target", YamlMap.Of(("type", "Utilization"), ("averageUtilization", 80)))))),
    ]));

    private static YamlMap Binding(YamlMap tree) => tree
        .Change("roleRef", role => role.Default("apiGroup", "rbac.authorization.k8s.io"))
        .ChangeEach("subjects", subject => subject.Text("kind") switch
        {
            "User" or "Group" => subject.Default("apiGroup", "rbac.authorization.k8s.io"),
            _ => subject,
        });

    private static YamlMap Webhooks(YamlMap tree) => tree.ChangeEach("webhooks", hook => hook
        .Default("failurePolicy", "Fail").Default("matchPolicy", "Equivalent").Default("timeoutSeconds", 10)
        .Default("namespaceSelector", YamlMap.Empty).Default("objectSelector", YamlMap.Empty)
        .ChangeEach("rules", rule => rule.Default("scope", "*"))
        .Change("clientConfig", config => config.Change("service", service => service.Default("port", 443))));
}
