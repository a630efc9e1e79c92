using System.Collections.Concurrent;
using System.Security.Cryptography;
using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.LocalCluster.ApiServer.Http;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.OpenApi;

/// <summary>OpenAPI 2 and 3 of what is served, made from the schemas that also check and merge objects, and made anew when what is served changes.</summary>
internal sealed class OpenApiDocuments(ResourceCatalog catalog)
{
    private const string Second = "v2";
    private const string SecondProtobuf = "v2.pb";

    private static readonly string[] Parameters = ["dryRun", "fieldManager", "fieldValidation", "force"];

    private readonly ConcurrentDictionary<string, (long Version, byte[] Bytes, string Tag)> _made = new(StringComparer.Ordinal);

    public YamlMap Index()
    {
        var paths = new YamlMapBuilder();
        foreach (var version in catalog.All.SelectMany(r => r.Versions.Select(v => PathOf(r.Group, v))).Distinct(StringComparer.Ordinal))
        {
            paths.Set(version, YamlMap.Of(("serverRelativeURL", $"/openapi/v3/{version}?hash={catalog.Version}")));
        }

        return YamlMap.Of(("paths", paths.ToMap()));
    }

    /// <summary>Version 2 of everything, with its entity tag.</summary>
    /// <param name="protobuf">In protobuf, which is all that older clients take.</param>
    public (byte[] Bytes, string Tag) Whole(bool protobuf) => protobuf
        ? Made(SecondProtobuf, () => ProtobufDocument.Of(WholeTree()))
        : Made(Second, () => JsonText.WriteBytes(WholeTree()));

    /// <summary>Version 3 of one group and version (<c>api/v1</c>, <c>apis/apps/v1</c>); null when nothing is served there.</summary>
    public (byte[] Bytes, string Tag)? Of(string path)
    {
        var served = catalog.All.SelectMany(r => r.Versions.Where(v => PathOf(r.Group, v) == path).Select(v => (Resource: r, Version: v))).ToList();
        return served.Count == 0 ? null : Made("v3/" + path, () => JsonText.WriteBytes(Third(served)));
    }

    private (byte[] Bytes, string Tag) Made(string name, Func<byte[]> make)
    {
        var version = catalog.Version;
        if (_made.TryGetValue(name, out var made) && made.Version == version)
        {
            return (made.Bytes, made.Tag);
        }

        var bytes = make();
        var tag = $"\"{Convert.ToHexString(SHA256.HashData(bytes))}\"";
        _made[name] = (version, bytes, tag);
        return (bytes, tag);
    }

    private YamlMap WholeTree()
    {
        var descriptions = new SchemaDescriptions(SchemaDescriptions.Second);
        var paths = new YamlMapBuilder();
        foreach (var resource in catalog.All)
        {
            foreach (var version in resource.Versions)
            {
                Describe(descriptions, resource, version, second: true);
                paths.Set(ObjectPath(PathOf(resource.Group, version), resource), Operations(resource, version, second: true));
            }
        }

        return YamlMap.Of(("swagger", "2.0"), ("info", Info()), ("paths", paths.ToMap()), ("definitions", descriptions.All()));
    }

    private static YamlMap Third(List<(ServedResource Resource, string Version)> served)
    {
        var descriptions = new SchemaDescriptions(SchemaDescriptions.Third);
        var paths = new YamlMapBuilder();
        foreach (var (resource, version) in served)
        {
            Describe(descriptions, resource, version, second: false);
            paths.Set(ObjectPath(PathOf(resource.Group, version), resource), Operations(resource, version, second: false));
        }

        return YamlMap.Of(("openapi", "3.0.0"), ("info", Info()), ("paths", paths.ToMap()), ("components", YamlMap.Of(("schemas", descriptions.All()))));
    }

    private static void Describe(SchemaDescriptions descriptions, ServedResource resource, string version, bool second)
    {
        var kind = YamlMap.Of(("x-kubernetes-group-version-kind", YamlList.Create([KindOf(resource, version)])));
        if (resource.Custom is not null)
        {
            var schema = CustomDescriptions.Of(resource, version, descriptions.Refer(BuiltInSchemas.ObjectMeta), second);
            var name = string.Join('.', resource.Group.Split('.').Reverse().Append(version).Append(resource.Kind));
            descriptions.Add(name, kind.Aggregate(schema, (all, e) => all.With(e.Key, e.Value)));
        }
        else
        {
            descriptions.AddKind(BuiltInSchemas.For(resource.KindIn(version)).Root, kind);
        }
    }

    private static YamlMap Info() => YamlMap.Of(("title", "Kubernetes"), ("version", ServerVersion.GitVersion));

    private static string PathOf(string group, string version) => group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";

    private static string ObjectPath(string path, ServedResource resource) =>
        resource.Namespaced ? $"/{path}/namespaces/{{namespace}}/{resource.Plural}/{{name}}" : $"/{path}/{resource.Plural}/{{name}}";

    private static YamlMap KindOf(ServedResource resource, string version) =>
        YamlMap.Of(("group", resource.Group), ("kind", resource.Kind), ("version", version));

    // kubectl reads from here that the server knows dryRun and fieldValidation, and leaves validation to it.
    private static YamlMap Operations(ServedResource resource, string version, bool second)
    {
        var parameters = new YamlList(Parameters.Select(name => (YamlNode)Parameter(name, name == "force" ? "boolean" : "string", second)));
        var operation = YamlMap.Of(("parameters", parameters), ("responses", YamlMap.Of(("200", YamlMap.Of(("description", "OK"))))),
            ("x-kubernetes-group-version-kind", KindOf(resource, version)));
        return YamlMap.Of(
            ("get", operation.With("x-kubernetes-action", "get").Without("parameters")),
            ("patch", operation.With("x-kubernetes-action", "patch")), ("put", operation.With("x-kubernetes-action", "put")));
    }

    private static YamlMap Parameter(string name, string type, bool second) => second
        ? YamlMap.Of(("name", name), ("in", "query"), ("type", type), ("uniqueItems", true))
        : YamlMap.Of(("name", name), ("in", "query"), ("schema", YamlMap.Of(("type", type), ("uniqueItems", true))));
}
