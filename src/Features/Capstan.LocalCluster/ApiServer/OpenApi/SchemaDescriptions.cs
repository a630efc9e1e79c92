using System.Runtime.CompilerServices;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.OpenApi;

/// <summary>Describes types in JSON Schema, each under its Kubernetes name and once; what they refer to is described with them.</summary>
/// <param name="prefix">What stands before a name in a reference: <see cref="Second"/> or <see cref="Third"/>.</param>
internal sealed class SchemaDescriptions(string prefix)
{
    public const string Second = "#/definitions/";
    public const string Third = "#/components/schemas/";

    private readonly YamlMapBuilder _described = new();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Queue<SchemaNode> _waiting = new();

    /// <summary>Adds a description that was made elsewhere.</summary>
    public void Add(string name, YamlMap schema)
    {
        if (_names.Add(name))
        {
            _described.Set(name, schema);
        }
    }

    /// <summary>Adds a built-in kind.</summary>
    /// <param name="kind">The kind's root type.</param>
    /// <param name="extension">What else the description says.</param>
    public void AddKind(SchemaNode kind, YamlMap extension)
    {
        if (_names.Add(kind.Name))
        {
            _described.Set(FullName(kind.Name), extension.Aggregate(Shape(kind), (all, e) => all.With(e.Key, e.Value)));
        }
    }

    /// <summary>A reference to a type.</summary>
    public YamlMap Refer(SchemaNode node)
    {
        if (_names.Add(node.Name))
        {
            _waiting.Enqueue(node);
        }

        var reference = YamlMap.Of(("$ref", prefix + FullName(node.Name)));

        // Version 2 takes a description beside a reference, version 3 that of the type.
        return node.Name == MetadataDescriptions.Type && prefix == Second ? reference.With("description", MetadataDescriptions.OfMetadata) : reference;
    }

    /// <summary>All that was added and is referred to.</summary>
    public YamlMap All()
    {
        while (_waiting.TryDequeue(out var node))
        {
            _described.Set(FullName(node.Name), node.Name == MetadataDescriptions.Type ? MetadataDescriptions.Add(Shape(node)) : Shape(node));
        }

        return _described.ToMap();
    }

    /// <summary>The name under which API servers publish a type.</summary>
    public static string FullName(string name) => name.Split('.')[0] switch
    {
        "meta" => "io.k8s.apimachinery.pkg.apis." + name,
        "apiextensions" => "io.k8s.apiextensions-apiserver.pkg.apis." + name,
        "apiregistration" => "io.k8s.kube-aggregator.pkg.apis." + name,
        _ => "io.k8s.api." + name,
    };

    private YamlMap Describe(SchemaNode node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return node.IsUntyped ? YamlMap.Of(("type", "object"), ("x-kubernetes-preserve-unknown-fields", true)) : node.Name.Length > 0 ? Refer(node) : Shape(node);
    }

    private YamlMap Shape(SchemaNode node)
    {
        if (node.List is { } list)
        {
            var described = YamlMap.Of(("type", "array"), ("items", Describe(list.Items)),
                ("x-kubernetes-list-type", list.Type switch { ListType.Map => "map", ListType.Set => "set", _ => "atomic" }));
            return list.Keys.Count == 0 ? described : described.With("x-kubernetes-list-map-keys", new YamlList(list.Keys.Select(k => (YamlNode)k)));
        }

        return node.Map is { } map ? Struct(map) : Scalar(node.Scalar);
    }

    private YamlMap Struct(MapShape map)
    {
        var schema = YamlMap.Of(("type", "object"));
        if (map.Fields.Count > 0)
        {
            var properties = new YamlMapBuilder(map.Fields.Count);
            foreach (var field in map.Fields.Values.OrderBy(f => f.Name, StringComparer.Ordinal))
            {
                properties.Set(field.Name, Field(field));
            }

            schema = schema.With("properties", properties.ToMap());
            var required = map.Fields.Values.Where(f => f.Required).Select(f => (YamlNode)f.Name).ToList();
            schema = required.Count == 0 ? schema : schema.With("required", new YamlList(required));
        }

        schema = map.Element is { } element ? schema.With("additionalProperties", Describe(element)) : schema;
        return map.IsAtomic ? schema.With("x-kubernetes-map-type", "atomic") : schema;
    }

    private YamlMap Field(SchemaField field)
    {
        var schema = Describe(field.Type);
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
        ScalarType.IntOrString => YamlMap.Of(("type", "string"), ("format", "int-or-string")),
        ScalarType.Time => YamlMap.Of(("type", "string"), ("format", "date-time")),
        ScalarType.Bytes => YamlMap.Of(("type", "string"), ("format", "byte")),
        _ => YamlMap.Of(("type", "string")),
    };
}
