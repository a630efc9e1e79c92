using System.Globalization;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Printing;

/// <summary>The columns that <c>kubectl get</c> shows for the built-in kinds (k8s.io/kubernetes, pkg/printers/internalversion).</summary>
internal static class BuiltInColumns
{
    public static readonly Column Name = new("Name", (tree, _) => tree.Text("metadata", "name"), 0, "string", "name");

    public static readonly Column Age = Since("Age", "metadata", "creationTimestamp");

    private static readonly IReadOnlyList<Column> Usual = [Name, Age];

    private static readonly Dictionary<string, IReadOnlyList<Column>> Known = new(StringComparer.Ordinal)
    {
        ["pods"] = PodColumns.All,
        ["namespaces"] = [Name, Text("Status", 0, "status", "phase"), Age],
        ["services"] =
        [
            Name, Text("Type", 0, "spec", "type"), Of("Cluster-IP", t => OrNone(t.Text("spec", "clusterIP"))), Of("External-IP", ServiceColumns.ExternalAddress),
            Of("Port(s)", ServiceColumns.Ports), Age, Of("Selector", t => Labels(t.MapAt("spec", "selector")), 1),
        ],
        ["configmaps"] = [Name, Count("Data", t => t.MapAt("data").Count + t.MapAt("binaryData").Count), Age],
        ["secrets"] = [Name, Text("Type", 0, "type"), Count("Data", t => t.MapAt("data").Count), Age],
        ["serviceaccounts"] = [Name, Count("Secrets", t => t.Maps("secrets").Count()), Age],
        ["events"] =
        [
            Since("Last Seen", "lastTimestamp"), Text("Type", 0, "type"), Text("Reason", 0, "reason"),
            Of("Object", t => $"{t.Text("involvedObject", "kind").ToLowerInvariant()}/{t.Text("involvedObject", "name")}"),
            Text("Message", 0, "message"), new Column("Name", (t, _) => t.Text("metadata", "name"), 1, "string", "name"),
        ],
        ["nodes"] =
        [
            Name, Of("Status", NodeStatus), Of("Roles", NodeRoles), Age, Text("Version", 0, "status", "nodeInfo", "kubeletVersion"),
            Of("Internal-IP", t => NodeAddress(t, "InternalIP"), 1), Of("External-IP", t => NodeAddress(t, "ExternalIP"), 1), Text("OS-Image", 1, "status", "nodeInfo", "osImage"),
            Text("Kernel-Version", 1, "status", "nodeInfo", "kernelVersion"), Text("Container-Runtime", 1, "status", "nodeInfo", "containerRuntimeVersion"),
        ],
        ["persistentvolumes"] =
        [
            Name, Text("Capacity", 0, "spec", "capacity", "storage"), Of("Access Modes", t => Modes(t.At("spec", "accessModes"))),
            Text("Reclaim Policy", 0, "spec", "persistentVolumeReclaimPolicy"), Text("Status", 0, "status", "phase"),
            Of("Claim", t => t.At("spec", "claimRef") is YamlMap claim ? $"{claim.Text("namespace")}/{claim.Text("name")}" : ""),
            Text("StorageClass", 0, "spec", "storageClassName"), Age,
        ],
        ["persistentvolumeclaims"] =
        [
            Name, Text("Status", 0, "status", "phase"), Text("Volume", 0, "spec", "volumeName"), Text("Capacity", 0, "status", "capacity", "storage"),
            Of("Access Modes", t => Modes(t.At("status", "accessModes"))), Text("StorageClass", 0, "spec", "storageClassName"), Age,
        ],
        ["endpoints"] = [Name, Of("Endpoints", ServiceColumns.Endpoints), Age],
        ["replicationcontrollers"] = [Name, Number("Desired", "spec", "replicas"), Number("Current", "status", "replicas"), Number("Ready", "status", "readyReplicas"), Age],
        ["deployments.apps"] =
        [
            Name, Of("Ready", t => $"{N(t, "status", "readyReplicas")}/{N(t, "spec", "replicas")}"), Number("Up-to-date", "status", "updatedReplicas"),
            Number("Available", "status", "availableReplicas"), Age, .. WorkloadWide,
        ],
        ["replicasets.apps"] = [Name, Number("Desired", "spec", "replicas"), Number("Current", "status", "replicas"), Number("Ready", "status", "readyReplicas"), Age, .. WorkloadWide],
        ["statefulsets.apps"] = [Name, Of("Ready", t => $"{N(t, "status", "readyReplicas")}/{N(t, "spec", "replicas")}"), Age, .. WorkloadWide],
        ["daemonsets.apps"] =
        [
            Name, Number("Desired", "status", "desiredNumberScheduled"), Number("Current", "status", "currentNumberScheduled"), Number("Ready", "status", "numberReady"),
            Number("Up-to-date", "status", "updatedNumberScheduled"), Number("Available", "status", "numberAvailable"),
            Of("Node Selector", t => Labels(t.MapAt("spec", "template", "spec", "nodeSelector"))), Age, .. WorkloadWide,
        ],
        ["jobs.batch"] =
        [
            Name, Of("Status", JobStatus), Of("Completions", t => $"{N(t, "status", "succeeded")}/{t.Number("spec", "completions")?.ToString(CultureInfo.InvariantCulture) ?? "1"}"),
            new Column("Duration", JobDuration), Age, .. WorkloadWide,
        ],
        ["cronjobs.batch"] =
        [
            Name, Text("Schedule", 0, "spec", "schedule"), Of("Timezone", t => OrNone(t.Text("spec", "timeZone"))), Of("Suspend", t => t.IsTrue("spec", "suspend") ? "True" : "False"),
            Count("Active", t => t.Maps("status", "active").Count()), new Column("Last Schedule", (t, now) => t.Text("status", "lastScheduleTime") is { Length: > 0 } at ? Durations.Since(at, now) : "<none>"), Age,
        ],
        ["ingresses.networking.k8s.io"] =
        [
            Name, Of("Class", t => OrNone(t.Text("spec", "ingressClassName"))), Of("Hosts", ServiceColumns.Hosts),
            Of("Address", t => string.Join(',', t.Maps("status", "loadBalancer", "ingress").Select(i => i.Text("ip") is { Length: > 0 } ip ? ip : i.Text("hostname")))),
            Of("Ports", t => t.At("spec", "tls") is YamlList { Count: > 0 } ? "80, 443" : "80"), Age,
        ],
        ["ingressclasses.networking.k8s.io"] = [Name, Text("Controller", 0, "spec", "controller"), Of("Parameters", _ => "<none>"), Age],
        ["networkpolicies.networking.k8s.io"] = [Name, Of("Pod-Selector", t => Labels(t.MapAt("spec", "podSelector", "matchLabels"))), Age],
        ["rolebindings.rbac.authorization.k8s.io"] = [Name, Of("Role", RoleOf), Age, .. AdministrationColumns.Subjects],
        ["clusterrolebindings.rbac.authorization.k8s.io"] = [Name, Of("Role", RoleOf), Age, .. AdministrationColumns.Subjects],
        ["resourcequotas"] = AdministrationColumns.Quota,
        ["limitranges"] = [Name, Of("Created At", t => t.Text("metadata", "creationTimestamp"))],
        ["controllerrevisions.apps"] = AdministrationColumns.Revision,
        ["validatingwebhookconfigurations.admissionregistration.k8s.io"] = [Name, Count("Webhooks", t => t.Maps("webhooks").Count()), Age],
        ["mutatingwebhookconfigurations.admissionregistration.k8s.io"] = [Name, Count("Webhooks", t => t.Maps("webhooks").Count()), Age],
        ["certificatesigningrequests.certificates.k8s.io"] = AdministrationColumns.SigningRequest,
        ["runtimeclasses.node.k8s.io"] = [Name, Text("Handler", 0, "handler"), Age],
        ["podtemplates"] = AdministrationColumns.Template,
        ["roles.rbac.authorization.k8s.io"] = [Name, Of("Created At", t => t.Text("metadata", "creationTimestamp"))],
        ["clusterroles.rbac.authorization.k8s.io"] = [Name, Of("Created At", t => t.Text("metadata", "creationTimestamp"))],
        ["horizontalpodautoscalers.autoscaling"] =
        [
            Name, Of("Reference", t => $"{t.Text("spec", "scaleTargetRef", "kind")}/{t.Text("spec", "scaleTargetRef", "name")}"), Of("Targets", _ => "<unknown>"),
            Number("MinPods", "spec", "minReplicas"), Number("MaxPods", "spec", "maxReplicas"), Number("Replicas", "status", "currentReplicas"), Age,
        ],
        ["poddisruptionbudgets.policy"] =
        [
            Name, Of("Min Available", t => (t.At("spec", "minAvailable") as YamlScalar)?.Text ?? "N/A"), Of("Max Unavailable", t => (t.At("spec", "maxUnavailable") as YamlScalar)?.Text ?? "N/A"),
            Number("Allowed Disruptions", "status", "disruptionsAllowed"), Age,
        ],
        ["leases.coordination.k8s.io"] = [Name, Text("Holder", 0, "spec", "holderIdentity"), Age],
        ["endpointslices.discovery.k8s.io"] = [Name, Text("AddressType", 0, "addressType"), Of("Ports", ServiceColumns.SlicePorts), Of("Endpoints", ServiceColumns.SliceEndpoints), Age],
        ["storageclasses.storage.k8s.io"] = [Name, Text("Provisioner", 0, "provisioner"), Text("ReclaimPolicy", 0, "reclaimPolicy"), Text("VolumeBindingMode", 0, "volumeBindingMode"), Age],
        ["priorityclasses.scheduling.k8s.io"] = [Name, Number("Value", "value"), Of("Global-Default", t => t.IsTrue("globalDefault") ? "true" : "false"), Age],
        ["customresourcedefinitions.apiextensions.k8s.io"] = [Name, Of("Created At", t => t.Text("metadata", "creationTimestamp"))],
        ["apiservices.apiregistration.k8s.io"] =
        [
            Name, Of("Service", t => t.At("spec", "service") is YamlMap s ? $"{s.Text("namespace")}/{s.Text("name")}" : "Local"),
            Of("Available", t => t.Maps("status", "conditions").FirstOrDefault(c => c.Text("type") == "Available")?.Text("status") ?? "Unknown"), Age,
        ],
    };

    private static Column[] WorkloadWide =>
    [
        Of("Containers", t => string.Join(',', t.Maps("spec", "template", "spec", "containers").Select(c => c.Text("name"))), 1),
        Of("Images", t => string.Join(',', t.Maps("spec", "template", "spec", "containers").Select(c => c.Text("image"))), 1),
        Of("Selector", t => Labels(t.MapAt("spec", "selector", "matchLabels")), 1),
    ];

    public static IReadOnlyList<Column> Of(string resource) => Known.GetValueOrDefault(resource, Usual);

    internal static Column Of(string name, Func<YamlMap, string> cell, int priority = 0) => new(name, (tree, _) => cell(tree), priority);

    internal static string OrNone(string text) => text.Length == 0 ? "<none>" : text;

    internal static string Labels(YamlMap labels) =>
        labels.Count == 0 ? "<none>" : string.Join(',', labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value.AsString()}"));

    internal static long N(YamlMap tree, params ReadOnlySpan<string> path) => tree.Number(path) ?? 0;

    private static Column Text(string name, int priority, params string[] path) => new(name, (tree, _) => tree.Text(path), priority);

    private static Column Number(string name, params string[] path) => new(name, (tree, _) => N(tree, path), 0, "integer");

    private static Column Count(string name, Func<YamlMap, long> count) => new(name, (tree, _) => count(tree), 0, "integer");

    private static Column Since(string name, params string[] path) => new(name, (tree, now) => Durations.Since(tree.Text(path), now));

    private static string RoleOf(YamlMap tree) => $"{tree.Text("roleRef", "kind")}/{tree.Text("roleRef", "name")}";

    private static string Modes(YamlNode? modes) => string.Join(',', (modes as YamlList ?? YamlList.Empty).Select(m => m.AsString() switch
    {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        var other => other ?? "",
    }));

    private static string NodeStatus(YamlMap node)
    {
        var ready = node.Maps("status", "conditions").FirstOrDefault(c => c.Text("type") == "Ready")?.Text("status");
        var text = ready switch { "True" => "Ready", null => "Unknown", _ => "NotReady" };
        return node.IsTrue("spec", "unschedulable") ? text + ",SchedulingDisabled" : text;
    }

    private static string NodeAddress(YamlMap node, string type) =>
        OrNone(node.Maps("status", "addresses").FirstOrDefault(a => a.Text("type") == type)?.Text("address") ?? "");

    private static string NodeRoles(YamlMap node)
    {
        const string Prefix = "node-role.kubernetes.io/";
        return OrNone(string.Join(',', node.MapAt("metadata", "labels").Where(l => l.Key.StartsWith(Prefix, StringComparison.Ordinal)).Select(l => l.Key[Prefix.Length..])));
    }

    private static string JobStatus(YamlMap job)
    {
        foreach (var type in (ReadOnlySpan<string>)["Complete", "Failed", "Suspended"])
        {
            if (HasCondition(job, type))
            {
                return type;
            }
        }

        return job.At("metadata", "deletionTimestamp") is null ? "Running" : "Terminating";
    }

    private static bool HasCondition(YamlMap job, string type) => job.Maps("status", "conditions").Any(c => c.Text("type") == type && c.Text("status") == "True");

    private static YamlNode JobDuration(YamlMap job, DateTimeOffset now)
    {
        var end = job.Text("status", "completionTime") is { Length: > 0 } done && DateTimeOffset.TryParse(done, CultureInfo.InvariantCulture, out var at) ? at : now;
        return job.Text("status", "startTime") is { Length: > 0 } start ? Durations.Since(start, end) : "";
    }
}
