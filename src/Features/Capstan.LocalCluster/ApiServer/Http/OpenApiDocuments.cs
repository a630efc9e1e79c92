using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Http;

/// <summary>OpenAPI v3 of what is served, made from the schemas that also check and merge objects.</summary>
internal sealed class OpenApiDocuments(ResourceCatalog catalog)
{
    private static readonly string[] Parameters = ["dryRun", "fieldManager", "fieldValidation", "force"];

    private readonly ConcurrentDictionary<string, (long Version, byte[] Json)> _made = new(StringComparer.Ordinal);

    public YamlMap Index()
    {
        var paths = new YamlMapBuilder();
        foreach (var version in catalog.All.SelectMany(r => r.Versions.Select(v => PathOf(r.Group, v))).Distinct(StringComparer.Ordinal))
        {
            paths.Set(version, YamlMap.Of(("serverRelativeURL", $"/openapi/v3/{version}?hash={catalog.Version}")));
        }

        return YamlMap.Of(("paths", paths.ToMap()));
    }

    public static YamlMap EmptyVersion2() => YamlMap.Of(("swagger", "2.0"), ("info", Info()), ("paths", YamlMap.Empty), ("definitions", YamlMap.Empty));

    /// <summary>The document of one group and version (<c>api/v1</c>, <c>apis/apps/v1</c>); null when nothing is served there.</summary>
    public byte[]? Of(string path)
    {
        var served = catalog.All.SelectMany(r => r.Versions.Where(v => PathOf(r.Group, v) == path).Select(v => (Resource: r, Version: v))).ToList();
        if (served.Count == 0)
        {
            return null;
        }

        if (_made.TryGetValue(path, out var made) && made.Version == catalog.Version)
        {
            return made.Json;
        }

        var paths = new YamlMapBuilder();
        var schemas = new YamlMapBuilder();
        foreach (var (resource, version) in served)
        {
            paths.Set(ObjectPath(path, resource), Operations(resource, version));
            schemas.Set(SchemaName(resource, version), Schema(resource, version));
        }

        var json = JsonText.WriteBytes(YamlMap.Of(
            ("openapi", "3.0.0"), ("info", Info()), ("paths", paths.ToMap()), ("components", YamlMap.Of(("schemas", schemas.ToMap())))));
        _made[path] = (catalog.Version, json);
        return json;
    }

    private static YamlMap Info() => YamlMap.Of(("title", "Kubernetes"), ("version", ServerVersion.GitVersion));

    private static string PathOf(string group, string version) => group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";

    private static string ObjectPath(string path, ServedResource resource) =>
        resource.Namespaced ? $"/{path}/namespaces/{{namespace}}/{resource.Plural}/{{name}}" : $"/{path}/{resource.Plural}/{{name}}";

    private static string SchemaName(ServedResource resource, string version) =>
        string.Join('.', resource.Group.Split('.', StringSplitOptions.RemoveEmptyEntries).Reverse().Append(version).Append(resource.Kind));

    private static YamlMap KindOf(ServedResource resource, string version) =>
        YamlMap.Of(("group", resource.Group), ("kind", resource.Kind), ("version", version));

    // kubectl reads from here that the server knows dryRun and fieldValidation, and leaves validation to it.
    private static YamlMap Operations(ServedResource resource, string version)
    {
        var parameters = new YamlList(Parameters.Select(name => (YamlNode)YamlMap.Of(
            ("name", name), ("in", "query"), ("schema", YamlMap.Of(("type", name == "force" ? "boolean" : "string"), ("uniqueItems", true))))));
        var operation = YamlMap.Of(("parameters", parameters), ("responses", YamlMap.Of(("200", YamlMap.Of(("description", "OK"))))),
            ("x-kubernetes-group-version-kind", KindOf(resource, version)));
        return YamlMap.Of(
            ("get", operation.With("x-kubernetes-action", "get").Without("parameters")),
            ("patch", operation.With("x-kubernetes-action", "patch")), ("put", operation.With("x-kubernetes-action", "put")));
    }

    private static YamlMap Schema(ServedResource resource, string version)
    {
        YamlMap schema;
        if (resource.Custom is { } custom)
        {
            schema = custom.OpenApi(version);
            var own = schema["properties"] as YamlMap ?? YamlMap.Empty;
            own = own.With("apiVersion", Text()).With("kind", Text()).With("metadata", Describe(BuiltInSchemas.ObjectMeta, []));
            schema = schema.With("properties", own);
        }
        else
        {
            schema = Describe(BuiltInSchemas.For(resource.KindIn(version)).Root, []);
        }

        return schema.With("x-kubernetes-group-version-kind", YamlList.Create([KindOf(resource, version)]));
    }

    private static YamlMap Text() => YamlMap.Of(("type", "string"));

    private static YamlMap Describe(SchemaNode node, HashSet<SchemaNode> within)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();

        // A type that contains itself (schemas of schemas) is described once.
        if (node.IsUntyped || !within.Add(node))
        {
            return YamlMap.Of(("type", "object"), ("x-kubernetes-preserve-unknown-fields", true));
        }

        var schema = DescribeShape(node, within);
        within.Remove(node);
        return schema;
    }

    private static YamlMap DescribeShape(SchemaNode node, HashSet<SchemaNode> within)
    {
        if (node.List is { } list)
        {
            var described = YamlMap.Of(("type", "array"), ("items", Describe(list.Items, within)),
                ("x-kubernetes-list-type", list.Type switch { ListType.Map => "map", ListType.Set => "set", _ => "atomic" }));
            return list.Keys.Count == 0 ? described : described.With("x-kubernetes-list-map-keys", new YamlList(list.Keys.Select(k => (YamlNode)k)));
        }

        return node.Map is { } map ? Struct(map, within) : Scalar(node.Scalar);
    }

    private static YamlMap Struct(MapShape map, HashSet<SchemaNode> within)
    {
        var schema = YamlMap.Of(("type", "object"));
        if (map.Fields.Count > 0)
        {
            var properties = new YamlMapBuilder(map.Fields.Count);
            foreach (var field in map.Fields.Values.OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                properties.Set(field.Name, Field(field, within));
            }

            schema = schema.With("properties", properties.ToMap());
            var required = map.Fields.Values.Where(f => f.Required).Select(f => (YamlNode)f.Name).ToList();
            schema = required.Count == 0 ? schema : schema.With("required", new YamlList(required));
        }

        schema = map.Element is { } element ? schema.With("additionalProperties", Describe(element, within)) : schema;
        return map.IsAtomic ? schema.With("x-kubernetes-map-type", "atomic") : schema;
    }

    private static YamlMap Field(SchemaField field, HashSet<SchemaNode> within)
    {
        var schema = Describe(field.Type, within);
        if (field.PatchMerges || field.PatchRetainsKeys)
        {
            schema = schema.With("x-kubernetes-patch-strategy", field.PatchMerges && field.PatchRetainsKeys ? "merge,retainKeys" : field.PatchMerges ? "merge" : "retainKeys");
        }

        return field.PatchMergeKey.Length > 0 ? schema.With("x-kubernetes-patch-merge-key", field.PatchMergeKey) : schema;
    }

    private static YamlMap Scalar(ScalarType? type) => type switch
    {
        ScalarType.Integer => YamlMap.Of(("type", "integer"), ("format", "int32")),
        ScalarType.Long => YamlMap.Of(("type", "integer"), ("format", "int64")),
        ScalarType.Number => YamlMap.Of(("type", "number")),
        ScalarType.Boolean => YamlMap.Of(("type", "boolean")),
        ScalarType.IntOrString => YamlMap.Of(("x-kubernetes-int-or-string", true)),
        ScalarType.Time => YamlMap.Of(("type", "string"), ("format", "date-time")),
        ScalarType.Bytes => YamlMap.Of(("type", "string"), ("format", "byte")),
        _ => Text(),
    };
}
