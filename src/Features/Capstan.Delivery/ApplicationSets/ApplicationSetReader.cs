using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplicationSets.Rollout;
using Capstan.Delivery.Comparing.Ignoring;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets;

/// <summary>Reads sets. It never throws: what is wrong or not served becomes a problem of the set.</summary>
internal static class ApplicationSetReader
{
    /// <summary>Reads one set.</summary>
    public static ApplicationSet Read(KubernetesObject @object)
    {
        var problems = new List<string>();
        if (@object.Body["spec"] is not YamlMap)
        {
            problems.Add("spec is missing, or no map");
        }

        var spec = new FieldReader(@object.Spec, "spec", problems);
        var generators = new List<YamlMap>();
        foreach (var item in spec.Items("generators"))
        {
            if (item is YamlMap map)
            {
                generators.Add(map);
            }
            else
            {
                problems.Add($"spec.generators[{generators.Count}] must be a map, it is {item.Description}");
            }
        }

        var set = new ApplicationSet(@object, generators, spec.Inner("template")?.Map ?? YamlMap.Empty, problems)
        {
            GoTemplate = spec.Flag("goTemplate"),
            GoTemplateOptions = [.. spec.Items("goTemplateOptions").Select(o => o.AsString() ?? o.ToString())],
            TemplatePatch = spec.Text("templatePatch"),
            Ignored = ReadIgnored(spec, problems),
        };
        // Selectors within generators always count, as they do in Argo CD since 3.0.
        spec.Ignore("applyNestedSelectors");
        set = ReadStrategy(spec, ReadPreserved(spec, ReadPolicy(spec, set)));
        spec.RefuseTheRest("is not supported");
        if (set.Template.Count == 0)
        {
            problems.Add("spec.template is missing");
        }

        return set;
    }

    private static ApplicationSet ReadPolicy(FieldReader spec, ApplicationSet set)
    {
        if (spec.Inner("syncPolicy") is not { } policy)
        {
            return set;
        }

        var name = policy.Text("applicationsSync");
        var known = SetPolicy.Parse(name);
        if (known is null)
        {
            policy.Problem($"spec.syncPolicy.applicationsSync: \"{name}\" is none of sync, create-only, create-update and create-delete");
        }

        set = set with { Policy = known ?? new SetPolicy(false, false), PreservesResources = policy.Flag("preserveResourcesOnDeletion") };
        policy.RefuseTheRest();
        return set;
    }

    private static ApplicationSet ReadPreserved(FieldReader spec, ApplicationSet set)
    {
        if (spec.Inner("preservedFields") is not { } preserved)
        {
            return set;
        }

        set = set with
        {
            PreservedAnnotations = [.. preserved.Items("annotations").Select(a => a.AsString() ?? "")],
            PreservedLabels = [.. preserved.Items("labels").Select(l => l.AsString() ?? "")],
        };
        preserved.RefuseTheRest();
        return set;
    }

    private static ApplicationSet ReadStrategy(FieldReader spec, ApplicationSet set)
    {
        if (spec.Inner("strategy") is not { } strategy)
        {
            return set;
        }

        var type = strategy.Text("type");
        var rolling = strategy.Inner("rollingSync") is { } inner ? RollingSync.Read(inner) : null;
        var order = strategy.Text("deletionOrder");
        strategy.RefuseTheRest();
        if (type is not ("" or "AllAtOnce" or "RollingSync"))
        {
            strategy.Problem($"spec.strategy.type: \"{type}\" is none of AllAtOnce and RollingSync");
        }

        if (order is not ("" or "AllAtOnce" or "Reverse"))
        {
            strategy.Problem($"spec.strategy.deletionOrder: \"{order}\" is none of AllAtOnce and Reverse");
        }

        rolling = type == "RollingSync" ? rolling : null;
        if (order == "Reverse" && rolling is not { Steps.Count: > 0 })
        {
            strategy.Problem("spec.strategy.deletionOrder: Reverse wants type RollingSync with steps");
        }

        return set with { Rolling = rolling, DeletesInReverse = order == "Reverse" };
    }

    // The rules of an Application, spoken of Applications: their kind needs no naming, and a name narrows them to one.
    private static IgnoredDifferences ReadIgnored(FieldReader spec, List<string> problems)
    {
        var rules = new List<YamlNode>();
        foreach (var item in spec.Items("ignoreApplicationDifferences"))
        {
            rules.Add(item is YamlMap map ? map.With("group", "argoproj.io").With("kind", "Application") : item);
        }

        return IgnoredReader.Read(new FieldReader(YamlMap.Of(("ignoreDifferences", new YamlList(rules))), "spec", problems), problems);
    }
}
