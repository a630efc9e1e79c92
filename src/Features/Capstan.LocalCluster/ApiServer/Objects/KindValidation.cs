using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>Rules of single built-in kinds on which clients depend (k8s.io/kubernetes, pkg/apis/*/validation).</summary>
internal static class KindValidation
{
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
                else if (tree.Maps("spec", "ephemeralContainers").Any())
                {
                    problems.Add(FieldProblem.Forbidden("spec.ephemeralContainers", "cannot be set on create"));
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
                ServiceValidation.Check(tree, live, problems);
                break;
            case "configmaps" or "secrets":
                DataValidation.Check(tree, live, problems);
                break;
            case "roles.rbac.authorization.k8s.io" or "clusterroles.rbac.authorization.k8s.io":
                RoleValidation.Role(resource, tree, problems);
                break;
            case "rolebindings.rbac.authorization.k8s.io" or "clusterrolebindings.rbac.authorization.k8s.io":
                RoleValidation.Binding(resource, tree, live, problems);
                break;
            case "persistentvolumeclaims":
                ClaimValidation.Check(tree, live, problems);
                break;
            case "ingresses.networking.k8s.io":
                IngressValidation.Check(tree, problems);
                break;
            case "priorityclasses.scheduling.k8s.io":
                if (live is not null && live.Number("value") != tree.Number("value"))
                {
                    problems.Add(FieldProblem.Forbidden("value", "may not be changed in an update."));
                }

                break;
            case var name when name.EndsWith(".admissionregistration.k8s.io", StringComparison.Ordinal):
                AdmissionPolicies.AdmissionValidation.Check(tree, problems);
                break;
            case "cronjobs.batch":
                CronJob(tree, problems);
                break;
            case "leases.coordination.k8s.io":
                if (tree.Number("spec", "leaseDurationSeconds") is <= 0 and { } seconds)
                {
                    problems.Add(FieldProblem.Invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0"));
                }

                break;
        }
    }

    private static void Workload(ServedResource resource, YamlMap tree, YamlMap? live, List<FieldProblem> problems)
    {
        Replicas(tree, problems);
        var selector = tree.At("spec", "selector") as YamlMap;
        var template = tree.MapAt("spec", "template", "metadata", "labels");
        Strategy(resource, tree.MapAt("spec"), problems);
        if (selector is null || selector.Count == 0)
        {
            if (selector is null && resource.Kind == "Deployment")
            {
                problems.Add(FieldProblem.Invalid("spec.template.metadata.labels", template, "`selector` does not match template `labels`"));
            }

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

        if (resource.Kind == "StatefulSet")
        {
            if (live is not null && !Fixed(live).Equals(Fixed(tree)))
            {
                problems.Add(FieldProblem.Forbidden("spec", "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"));
            }
        }
        else if (live?.At("spec", "selector") is { } before && !before.Equals(selector))
        {
            problems.Add(FieldProblem.Invalid("spec.selector", selector, "field is immutable"));
        }

        MetadataValidation.CheckLabels(template, "spec.template.metadata.labels", problems);
        var spec = tree.MapAt("spec", "template", "spec");
        if (spec.Text("restartPolicy") is { Length: > 0 } policy and not "Always")
        {
            problems.Add(FieldProblem.Unsupported("spec.template.spec.restartPolicy", policy, "Always"));
        }

        PodValidation.Spec(spec, "spec.template.spec", problems);
    }

    private static YamlMap Fixed(YamlMap set)
    {
        var spec = set.MapAt("spec");
        foreach (var field in (ReadOnlySpan<string>)["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"])
        {
            spec = spec.Without(field);
        }

        // A claim template's status is the server's own addition.
        return spec.ChangeEach("volumeClaimTemplates", c => c.Without("status"));
    }

    private static void Strategy(ServedResource resource, YamlMap spec, List<FieldProblem> problems)
    {
        if (resource.Kind == "StatefulSet" && spec.Text("podManagementPolicy") is not ("OrderedReady" or "Parallel"))
        {
            problems.Add(FieldProblem.Invalid("spec.podManagementPolicy", spec["podManagementPolicy"], "must be 'OrderedReady' or 'Parallel'"));
        }

        if (resource.Kind != "Deployment")
        {
            return;
        }

        var type = spec.Text("strategy", "type");
        var rolling = spec.At("strategy", "rollingUpdate") as YamlMap;
        if (type is not ("Recreate" or "RollingUpdate"))
        {
            problems.Add(FieldProblem.Unsupported("spec.strategy", spec["strategy"], "Recreate", "RollingUpdate"));
        }
        else if (type == "Recreate" && rolling is not null)
        {
            problems.Add(FieldProblem.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'"));
        }
        else if (rolling is not null && IsZero(rolling["maxSurge"]) && IsZero(rolling["maxUnavailable"]))
        {
            problems.Add(FieldProblem.Invalid("spec.strategy.rollingUpdate.maxUnavailable", rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0"));
        }
    }

    private static bool IsZero(YamlNode? node) => (node as YamlScalar)?.Text is "0" or "0%";

    private static void CronJob(YamlMap tree, List<FieldProblem> problems)
    {
        try
        {
            Controllers.Workloads.CronSchedule.Parse(tree.Text("spec", "schedule"));
        }
        catch (FormatException error)
        {
            problems.Add(FieldProblem.Invalid("spec.schedule", tree.At("spec", "schedule"), error.Message));
        }

        if (tree.Text("spec", "concurrencyPolicy") is not ("Allow" or "Forbid" or "Replace"))
        {
            problems.Add(FieldProblem.Unsupported("spec.concurrencyPolicy", tree.At("spec", "concurrencyPolicy"), "Allow", "Forbid", "Replace"));
        }

        if (tree.Text("spec", "timeZone") is { Length: > 0 } zone && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            problems.Add(FieldProblem.Invalid("spec.timeZone", zone, $"unknown time zone {zone}"));
        }
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
        foreach (var field in (ReadOnlySpan<string>)["parallelism", "completions", "backoffLimit"])
        {
            if (tree.Number("spec", field) is < 0 and { } number)
            {
                problems.Add(FieldProblem.Invalid($"spec.{field}", number, "must be greater than or equal to 0"));
            }
        }

        if (live is null && !tree.IsTrue("spec", "manualSelector") && !CreationRules.GeneratedSelector(tree.Text("metadata", "uid")).Equals(tree.At("spec", "selector")))
        {
            problems.Add(FieldProblem.Invalid("spec.selector", tree.At("spec", "selector"), "`selector` not auto-generated"));
            problems.Add(FieldProblem.Invalid("spec.template.metadata.labels", tree.At("spec", "template", "metadata", "labels"), "`selector` does not match template `labels`"));
        }

        foreach (var field in (ReadOnlySpan<string>)["template", "selector", "completions"])
        {
            if (live?.At("spec", field) is { } before && !before.Equals(tree.At("spec", field)))
            {
                problems.Add(FieldProblem.Invalid($"spec.{field}", tree.At("spec", field), "field is immutable"));
            }
        }
    }
}
