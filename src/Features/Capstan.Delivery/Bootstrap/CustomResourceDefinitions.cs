using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Bootstrap;

/// <summary>
/// The definitions of the kinds that the engine serves, for clusters that lack them. The schemas are wide: fields that are not known here
/// are kept, so that an object written for Argo CD survives unharmed.
/// </summary>
public static class CustomResourceDefinitions
{
    private const string Group = "argoproj.io";

    /// <summary>All of them: Application, ApplicationSet, AppProject, and the operator's Settings.</summary>
    public static IReadOnlyList<KubernetesObject> All { get; } =
    [
        Define("Application", "applications", ["app", "apps"], ["spec", "status", "operation"],
            [("Sync Status", ".status.sync.status"), ("Health Status", ".status.health.status"), ("Revision", ".status.sync.revision")]),
        Define("ApplicationSet", "applicationsets", ["appset", "appsets"], ["spec", "status"], []),
        Define("AppProject", "appprojects", ["appproj", "appprojs"], ["spec", "status"], []),
        Define("Settings", "settings", [], ["spec"], [], Settings.OperatorSettings.Kind.Group),
    ];

    /// <summary>The project <c>default</c>: open, as Argo CD's is.</summary>
    public static KubernetesObject DefaultProject(string space) => new(YamlMap.Of(
        ("apiVersion", "argoproj.io/v1alpha1"), ("kind", "AppProject"), ("metadata", YamlMap.Of(("name", "default"), ("namespace", space))),
        ("spec", YamlMap.Of(
            ("sourceRepos", YamlList.Create(["*"])),
            ("destinations", YamlList.Create([YamlMap.Of(("namespace", "*"), ("server", "*"))])),
            ("clusterResourceWhitelist", YamlList.Create([YamlMap.Of(("group", "*"), ("kind", "*"))]))))));

    private static KubernetesObject Define(
        string kind, string plural, IReadOnlyList<string> shortNames, IReadOnlyList<string> fields, IReadOnlyList<(string Name, string Path)> columns, string group = Group)
    {
        var open = YamlMap.Of(("type", "object"), ("x-kubernetes-preserve-unknown-fields", true));
        var properties = new YamlMapBuilder().Set("apiVersion", YamlMap.Of(("type", "string"))).Set("kind", YamlMap.Of(("type", "string"))).Set("metadata", YamlMap.Of(("type", "object")));
        foreach (var field in fields)
        {
            properties.Set(field, open);
        }

        // No status subresource: Argo CD has none either, and its clients write status with the object.
        var schema = open.With("properties", properties.ToMap()).With("required", YamlList.Create(["metadata", "spec"]));
        var version = YamlMap.Of(
            ("name", "v1alpha1"), ("served", true), ("storage", true), ("schema", YamlMap.Of(("openAPIV3Schema", schema))),
            ("additionalPrinterColumns", new YamlList(columns.Select(c => YamlMap.Of(("name", c.Name), ("type", "string"), ("jsonPath", c.Path))))));
        return new KubernetesObject(YamlMap.Of(
            ("apiVersion", "apiextensions.k8s.io/v1"), ("kind", "CustomResourceDefinition"), ("metadata", YamlMap.Of(("name", $"{plural}.{group}"))),
            ("spec", YamlMap.Of(
                ("group", group), ("scope", "Namespaced"),
                ("names", YamlMap.Of(
                    ("kind", kind), ("listKind", kind + "List"), ("plural", plural), ("singular", kind.ToLowerInvariant()),
                    ("shortNames", new YamlList(shortNames.Select(n => (YamlNode)n))))),
                ("versions", YamlList.Create([version]))))));
    }
}
