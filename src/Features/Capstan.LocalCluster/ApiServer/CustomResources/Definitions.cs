using System.Globalization;
using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.CustomResources;

/// <summary>The life of CustomResourceDefinitions: defaults, checks, conditions, and what is served because of them.</summary>
internal static class Definitions
{
    public const string ResourceName = "customresourcedefinitions.apiextensions.k8s.io";

    /// <summary>The finalizer that holds a definition until its objects are gone.</summary>
    public const string Cleanup = "customresourcecleanup.apiextensions.k8s.io";

    public static YamlMap Default(YamlMap tree) => tree.Change("spec", spec =>
    {
        var kind = spec.Text("names", "kind");
        return spec.Default("conversion", YamlMap.Of(("strategy", "None")))
            .Change("names", names => names.Default("listKind", kind + "List").Default("singular", kind.ToLowerInvariant()));
    });

    public static void Check(YamlMap tree, YamlMap? live, List<FieldProblem> problems)
    {
        var (group, plural) = (tree.Text("spec", "group"), tree.Text("spec", "names", "plural"));
        foreach (var (value, field) in new[] { (group, "spec.group"), (plural, "spec.names.plural"), (tree.Text("spec", "names", "kind"), "spec.names.kind") })
        {
            if (value.Length == 0)
            {
                problems.Add(FieldProblem.Required(field));
            }
        }

        if (tree.Text("metadata", "name") != $"{plural}.{group}")
        {
            problems.Add(FieldProblem.Invalid("metadata.name", tree.At("metadata", "name"), "must be spec.names.plural+\".\"+spec.group"));
        }

        if (tree.Text("spec", "scope") is not ("Namespaced" or "Cluster"))
        {
            problems.Add(FieldProblem.Unsupported("spec.scope", tree.At("spec", "scope") ?? "", "Cluster", "Namespaced"));
        }

        Versions(tree, live, problems);
    }

    /// <summary>A new definition with its conditions: its names are accepted unless another resource of the group has them.</summary>
    public static YamlMap Established(YamlMap tree, ResourceCatalog catalog, DateTimeOffset now)
    {
        var (group, kind, plural) = (tree.Text("spec", "group"), tree.Text("spec", "names", "kind"), tree.Text("spec", "names", "plural"));
        var taken = catalog.All.FirstOrDefault(r => r.Group == group && r.Plural != plural && r.Kind == kind);
        var builtIn = catalog.All.Any(r => r.Group == group && r.Plural == plural && r.Custom is null);
        var accepted = taken is null && !builtIn;
        var at = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var names = accepted
            ? Condition("NamesAccepted", "True", "NoConflicts", "no conflicts found", at)
            : Condition("NamesAccepted", "False", "KindConflict", $"\"{kind}\" is already in use", at);
        var established = accepted
            ? Condition("Established", "True", "InitialNamesAccepted", "the initial names have been accepted", at)
            : Condition("Established", "False", "NotAccepted", "not all names are accepted", at);
        var status = YamlMap.Of(
            ("conditions", YamlList.Create([names, established])),
            ("acceptedNames", accepted ? tree.MapAt("spec", "names") : YamlMap.Of(("plural", ""), ("kind", ""))),
            ("storedVersions", YamlList.Create([StorageVersion(tree)])));
        return WithCleanup(tree.With("status", status));
    }

    /// <summary>A changed definition: accepted names follow, the versions that were ever stored are remembered.</summary>
    public static YamlMap Updated(YamlMap live, YamlMap wanted)
    {
        var stored = (live.At("status", "storedVersions") as YamlList ?? YamlList.Empty).Select(v => v.AsString() ?? "");
        var versions = stored.Append(StorageVersion(wanted)).Distinct(StringComparer.Ordinal).Select(v => (YamlNode)v);
        wanted = wanted.WithAt(["status", "storedVersions"], new YamlList(versions)).WithAt(["status", "acceptedNames"], wanted.MapAt("spec", "names"));
        return wanted.At("metadata", "deletionTimestamp") is null ? WithCleanup(wanted) : wanted;
    }

    /// <summary>Serves what a definition defines, or stops serving it.</summary>
    public static void Serve(YamlMap tree, ResourceCatalog catalog)
    {
        var established = tree.Maps("status", "conditions").Any(c => c.Text("type") == "Established" && c.Text("status") == "True");
        var versions = tree.Maps("spec", "versions").Where(v => v.IsTrue("served")).Select(v => v.Text("name")).Order(VersionOrder.Instance).ToList();
        if (!established || versions.Count == 0)
        {
            return;
        }

        var names = tree.MapAt("spec", "names");
        var storage = tree.Maps("spec", "versions").First(v => v.IsTrue("storage"));
        var scale = storage.At("subresources", "scale") as YamlMap;
        catalog.Set(new ServedResource
        {
            Group = tree.Text("spec", "group"),
            Versions = versions,
            StorageVersion = storage.Text("name"),
            Plural = names.Text("plural"),
            Singular = names.Text("singular"),
            Kind = names.Text("kind"),
            ListKind = names.Text("listKind"),
            ShortNames = Texts(names["shortNames"]),
            Categories = Texts(names["categories"]),
            Namespaced = tree.Text("spec", "scope") == "Namespaced",
            HasStatus = storage.At("subresources", "status") is not null,
            Scale = scale is null ? null : new ScalePaths(Path(scale, "specReplicasPath"), Path(scale, "statusReplicasPath"), Path(scale, "labelSelectorPath")),
            CountsGenerations = true,
            Custom = new CustomResource(tree),
        });
    }

    /// <summary>What a definition asks for and does not get here; told to whoever writes it.</summary>
    public static IEnumerable<string> NotEvaluated(YamlMap tree)
    {
        if (tree.Text("spec", "conversion", "strategy") == "Webhook")
        {
            yield return "spec.conversion: conversion webhooks are not called; between versions only apiVersion changes";
        }
    }

    private static void Versions(YamlMap tree, YamlMap? live, List<FieldProblem> problems)
    {
        var versions = tree.Maps("spec", "versions").ToList();
        if (versions.Count == 0)
        {
            problems.Add(FieldProblem.Required("spec.versions", "must have at least one version"));
            return;
        }

        if (versions.Count(v => v.IsTrue("storage")) != 1)
        {
            problems.Add(FieldProblem.Invalid("spec.versions", new YamlList(versions.Select(v => (YamlNode)v.Text("name"))), "must have exactly one version marked as storage version"));
        }

        for (var i = 0; i < versions.Count; i++)
        {
            if (versions[i].At("schema", "openAPIV3Schema") is not YamlMap schema)
            {
                problems.Add(FieldProblem.Required($"spec.versions[{i}].schema.openAPIV3Schema", "schemas are required"));
            }
            else if (schema.Text("type") != "object")
            {
                problems.Add(FieldProblem.Invalid($"spec.versions[{i}].schema.openAPIV3Schema.type", schema["type"] ?? "", "must be object at the root"));
            }
            else
            {
                // Where all versions have one schema, Kubernetes speaks of it as the one of all.
                var shared = versions.TrueForAll(v => schema.Equals(v.At("schema", "openAPIV3Schema")));
                var unchanged = live is not null && live.Maps("spec", "versions").Any(v => schema.Equals(v.At("schema", "openAPIV3Schema")));
                if (!unchanged && (!shared || i == 0)) new RuleChecks(problems).Check(schema, shared ? "spec.validation.openAPIV3Schema" : $"spec.versions[{i}].schema.openAPIV3Schema");
            }
        }
    }

    private static YamlMap WithCleanup(YamlMap tree)
    {
        var finalizers = tree.At("metadata", "finalizers") as YamlList ?? YamlList.Empty;
        return finalizers.Any(f => f.AsString() == Cleanup) ? tree : tree.WithAt(["metadata", "finalizers"], finalizers.Append(Cleanup));
    }

    private static string StorageVersion(YamlMap tree) => tree.Maps("spec", "versions").FirstOrDefault(v => v.IsTrue("storage"))?.Text("name") ?? "";

    private static string[] Texts(YamlNode? list) => [.. (list as YamlList ?? YamlList.Empty).Select(i => i.AsString() ?? "")];

    private static string[] Path(YamlMap scale, string field) => scale.Text(field).Split('.', StringSplitOptions.RemoveEmptyEntries);

    private static YamlMap Condition(string type, string status, string reason, string message, string at) =>
        YamlMap.Of(("lastTransitionTime", at), ("message", message), ("reason", reason), ("status", status), ("type", type));
}
