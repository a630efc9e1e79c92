using Capstan.GoTemplates;
using Capstan.Helm.Data;
using Capstan.Yaml;

namespace Capstan.Helm.Charts;

/// <summary>Reads Chart.yaml into metadata, with the types that Go's decoder insists on.</summary>
internal static class MetadataReader
{
    /// <summary>Sets what the file says; what it does not mention stays.</summary>
    /// <exception cref="ChartException">A field has the wrong type.</exception>
    public static void Read(YamlNode node, ChartMetadata metadata)
    {
        if (node.IsNull)
        {
            return;
        }

        var map = node as YamlMap ?? throw WrongType(node, "Metadata", "", "chart.Metadata");
        metadata.Name = Text(map, "name", metadata.Name);
        metadata.Home = Text(map, "home", metadata.Home);
        metadata.Version = Text(map, "version", metadata.Version);
        metadata.Description = Text(map, "description", metadata.Description);
        metadata.Icon = Text(map, "icon", metadata.Icon);
        metadata.ApiVersion = Text(map, "apiVersion", metadata.ApiVersion);
        metadata.Condition = Text(map, "condition", metadata.Condition);
        metadata.Tags = Text(map, "tags", metadata.Tags);
        metadata.AppVersion = Text(map, "appVersion", metadata.AppVersion);
        metadata.KubeVersion = Text(map, "kubeVersion", metadata.KubeVersion);
        metadata.Type = Text(map, "type", metadata.Type);
        metadata.Deprecated = Flag(map, "deprecated", metadata.Deprecated);
        metadata.Sources = Texts(map, "sources") ?? metadata.Sources;
        metadata.Keywords = Texts(map, "keywords") ?? metadata.Keywords;
        metadata.Maintainers = Maintainers(map) ?? metadata.Maintainers;
        metadata.Annotations = Annotations(map) ?? metadata.Annotations;
        metadata.Dependencies = Dependencies(map) ?? metadata.Dependencies;
    }

    private static string Text(YamlMap map, string key, string known, string owner = "Metadata") => map[key] switch
    {
        null or { IsNull: true } => known,
        var node => ChartMetadata.Clean(GoTree.AsText(node) ?? throw WrongType(node, owner, key, "string")),
    };

    private static bool Flag(YamlMap map, string key, bool known, string owner = "Metadata") => map[key] switch
    {
        null or { IsNull: true } => known,
        YamlScalar { Kind: ScalarKind.Boolean } flag => flag.Text == "true",
        var other => throw WrongType(other, owner, key, "bool"),
    };

    private static string[]? Texts(YamlMap map, string key, string owner = "Metadata")
    {
        if (List(map, key, owner, "[]string") is not { } list)
        {
            return null;
        }

        return [.. list.Select(item => item.IsNull ? "" : ChartMetadata.Clean(GoTree.AsText(item) ?? throw WrongType(item, owner, key, "string")))];
    }

    private static YamlList? List(YamlMap map, string key, string owner, string type) => map[key] switch
    {
        null or { IsNull: true } => null,
        YamlList list => list,
        var other => throw WrongType(other, owner, key, type),
    };

    private static ChartMaintainer[]? Maintainers(YamlMap map)
    {
        if (List(map, "maintainers", "Metadata", "[]*v2.Maintainer") is not { } list)
        {
            return null;
        }

        return [.. list.Select(static item => item switch
        {
            YamlMap m => new ChartMaintainer(Text(m, "name", "", "Maintainer"), Text(m, "email", "", "Maintainer"), Text(m, "url", "", "Maintainer")),
            { IsNull: true } => throw new ChartException("validation: maintainers must not contain empty or null nodes"),
            _ => throw WrongType(item, "Metadata", "maintainers", "v2.Maintainer"),
        })];
    }

    private static GoMap? Annotations(YamlMap map)
    {
        if (map["annotations"] is not { IsNull: false } node)
        {
            return null;
        }

        var annotations = new GoMap(GoType.MapOfString);
        foreach (var (key, value) in node as YamlMap ?? throw WrongType(node, "Metadata", "annotations", "map[string]string"))
        {
            annotations[key] = value.IsNull ? "" : GoTree.AsText(value) ?? throw WrongType(value, "Metadata", "annotations", "string");
        }

        return annotations;
    }

    private static ChartDependency[]? Dependencies(YamlMap map)
    {
        if (List(map, "dependencies", "Metadata", "[]*v2.Dependency") is not { } list)
        {
            return null;
        }

        return [.. list.Select(static item => item switch
        {
            YamlMap m => Dependency(m),
            { IsNull: true } => throw new ChartException("validation: dependencies must not contain empty or null nodes"),
            _ => throw WrongType(item, "Metadata", "dependencies", "v2.Dependency"),
        })];
    }

    private static ChartDependency Dependency(YamlMap map) => new()
    {
        Name = Text(map, "name", "", "Dependency"),
        Version = Text(map, "version", "", "Dependency"),
        Repository = Text(map, "repository", "", "Dependency"),
        Condition = Text(map, "condition", "", "Dependency"),
        Alias = Text(map, "alias", "", "Dependency"),
        Enabled = Flag(map, "enabled", false, "Dependency"),
        Tags = Texts(map, "tags", "Dependency") ?? [],
        ImportValues = List(map, "import-values", "Dependency", "[]interface {}") is { } imports ? (GoList)GoTree.ToValue(imports)! : GoArray.Nil,
    };

    private static ChartException WrongType(YamlNode node, string owner, string key, string type) => new(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal "
        + $"{Functions.DataFunctions.GoKindOf(node)} into Go {(key.Length > 0 ? $"struct field {owner}.{key}" : "value")} of type {type}");
}
