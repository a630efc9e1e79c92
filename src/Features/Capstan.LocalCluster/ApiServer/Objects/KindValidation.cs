using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>Rules of single built-in kinds on which clients depend (k8s.io/kubernetes, pkg/apis/*/validation).</summary>
internal static class KindValidation
{
    private const int MostDataBytes = 1024 * 1024;

    public static void Check(ServedResource resource, YamlMap tree, YamlMap? live, List<FieldProblem> problems)
    {
        switch (resource.Qualified)
        {
            case "pods":
                PodValidation.Spec(tree.MapAt("spec"), "spec", problems);
                if (live is not null)
                {
                    PodValidation.Unchanged(tree, live, problems);
                }

                break;
            case "deployments.apps" or "replicasets.apps" or "statefulsets.apps" or "daemonsets.apps":
                Workload(resource, tree, live, problems);
                break;
            case "jobs.batch":
                Job(tree, live, problems);
                break;
            case "replicationcontrollers":
                Replicas(tree, problems);
                PodValidation.Spec(tree.MapAt("spec", "template", "spec"), "spec.template.spec", problems);
                break;
            case "services":
                Service(tree, live, problems);
                break;
            case "configmaps" or "secrets":
                Data(tree, live, problems);
                break;
            case "rolebindings.rbac.authorization.k8s.io" or "clusterrolebindings.rbac.authorization.k8s.io":
                if (live?["roleRef"] is { } role && !role.Equals(tree["roleRef"]))
                {
                    problems.Add(FieldProblem.Invalid("roleRef", tree["roleRef"], "cannot change roleRef"));
                }

                break;
        }
    }

    private static void Workload(ServedResource resource, YamlMap tree, YamlMap? live, List<FieldProblem> problems)
    {
        Replicas(tree, problems);
        var selector = tree.At("spec", "selector") as YamlMap;
        var template = tree.MapAt("spec", "template", "metadata", "labels");
        if (selector is null || selector.Count == 0)
        {
            problems.Add(selector is null
                ? FieldProblem.Required("spec.selector")
                : FieldProblem.Invalid("spec.selector", selector, $"empty selector is invalid for {resource.Kind.ToLowerInvariant()}"));
        }
        else
        {
            try
            {
                if (!LabelSelector.From(selector).Matches(template))
                {
                    problems.Add(FieldProblem.Invalid("spec.template.metadata.labels", template, "`selector` does not match template `labels`"));
                }
            }
            catch (FormatException error)
            {
                problems.Add(FieldProblem.Invalid("spec.selector", selector, error.Message));
            }
        }

        if (live?.At("spec", "selector") is { } before && !before.Equals(selector))
        {
            problems.Add(resource.Kind == "StatefulSet"
                ? FieldProblem.Forbidden("spec", "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden")
                : FieldProblem.Invalid("spec.selector", selector, "field is immutable"));
        }

        MetadataValidation.CheckLabels(template, "spec.template.metadata.labels", problems);
        var spec = tree.MapAt("spec", "template", "spec");
        if (spec.Text("restartPolicy") is { Length: > 0 } policy and not "Always")
        {
            problems.Add(FieldProblem.Unsupported("spec.template.spec.restartPolicy", policy, "Always"));
        }

        PodValidation.Spec(spec, "spec.template.spec", problems);
    }

    private static void Replicas(YamlMap tree, List<FieldProblem> problems)
    {
        if (tree.Number("spec", "replicas") is < 0 and { } replicas)
        {
            problems.Add(FieldProblem.Invalid("spec.replicas", replicas, "must be greater than or equal to 0"));
        }
    }

    private static void Job(YamlMap tree, YamlMap? live, List<FieldProblem> problems)
    {
        var spec = tree.MapAt("spec", "template", "spec");
        if (spec.Text("restartPolicy") is not ("OnFailure" or "Never"))
        {
            problems.Add(FieldProblem.Required("spec.template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\""));
        }

        PodValidation.Spec(spec, "spec.template.spec", problems);
        foreach (var field in (ReadOnlySpan<string>)["template", "selector", "completions"])
        {
            if (live?.At("spec", field) is { } before && !before.Equals(tree.At("spec", field)))
            {
                problems.Add(FieldProblem.Invalid($"spec.{field}", tree.At("spec", field), "field is immutable"));
            }
        }
    }

    private static void Service(YamlMap tree, YamlMap? live, List<FieldProblem> problems)
    {
        var spec = tree.MapAt("spec");
        var type = spec.Text("type");
        if (type is not ("ClusterIP" or "NodePort" or "LoadBalancer" or "ExternalName"))
        {
            problems.Add(FieldProblem.Unsupported("spec.type", type, "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"));
        }

        var ports = spec.Maps("ports").ToList();
        if (ports.Count == 0 && type != "ExternalName" && spec.Text("clusterIP") != "None")
        {
            problems.Add(FieldProblem.Required("spec.ports"));
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < ports.Count; i++)
        {
            var name = ports[i].Text("name");
            if (name.Length == 0 && ports.Count > 1)
            {
                problems.Add(FieldProblem.Required($"spec.ports[{i}].name"));
            }
            else if (name.Length > 0 && !names.Add(name))
            {
                problems.Add(FieldProblem.Duplicate($"spec.ports[{i}].name", name));
            }

            PodValidation.Port(ports[i]["port"], $"spec.ports[{i}].port", problems);
        }

        MetadataValidation.CheckLabels(spec["selector"] as YamlMap, "spec.selector", problems);
        var before = live?.Text("spec", "clusterIP") ?? "";
        if (before.Length > 0 && type != "ExternalName" && live!.Text("spec", "type") != "ExternalName" && spec.Text("clusterIP") != before)
        {
            problems.Add(FieldProblem.Invalid("spec.clusterIPs[0]", spec["clusterIPs"], "may not change once set"));
        }
    }

    private static void Data(YamlMap tree, YamlMap? live, List<FieldProblem> problems)
    {
        long bytes = 0;
        foreach (var part in (ReadOnlySpan<string>)["data", "binaryData"])
        {
            foreach (var (key, value) in tree.MapAt(part))
            {
                if (key.Length > 253 || key is "." or ".." || key.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
                {
                    problems.Add(FieldProblem.Invalid($"{part}[{key}]", key,
                        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"));
                }

                bytes += System.Text.Encoding.UTF8.GetByteCount(value.AsString() ?? "");
            }
        }

        if (bytes > MostDataBytes * (tree.Text("kind") == "Secret" ? 4 / 3.0 : 1))
        {
            problems.Add(FieldProblem.TooLong("", MostDataBytes));
        }

        if (live?.IsTrue("immutable") == true && (!tree.MapAt("data").Equals(live.MapAt("data")) || !tree.IsTrue("immutable")))
        {
            problems.Add(FieldProblem.Forbidden("data", "field is immutable when `immutable` is set"));
        }

        if (live is not null && tree.Text("type") != live.Text("type"))
        {
            problems.Add(FieldProblem.Invalid("type", tree["type"], "field is immutable"));
        }
    }
}
