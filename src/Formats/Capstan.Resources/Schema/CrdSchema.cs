using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>The structure of custom resources, from the schema in their CustomResourceDefinition.</summary>
public static class CrdSchema
{
    private const string PreserveUnknown = "x-kubernetes-preserve-unknown-fields";

    private static readonly SchemaNode Text = new(ScalarType.String, null, null);

    // metadata is typed for every kind; all else of an unknown kind is deduced.
    internal static readonly SchemaNode UntypedRoot = RootWith(null);

    /// <summary>Reads <c>openAPIV3Schema</c> of one version. What it does not describe is untyped.</summary>
    /// <param name="openApiV3Schema">The schema; null where the version has none.</param>
    public static SchemaNode From(YamlMap? openApiV3Schema) => openApiV3Schema is null ? UntypedRoot : RootWith(openApiV3Schema);

    /// <summary>The schema of a kind, from its CustomResourceDefinition; null when the definition does not serve that version.</summary>
    public static ObjectSchema? From(KubernetesObject definition, string version)
    {
        foreach (var item in definition.Spec["versions"] as YamlList ?? YamlList.Empty)
        {
            if (item is YamlMap map && map["name"]?.AsString() == version)
            {
                var kind = definition.Body.At("spec", "names", "kind")?.AsString() ?? "";
                var schema = map.At("schema", "openAPIV3Schema") as YamlMap;
                return new ObjectSchema(new(definition.Spec["group"]?.AsString() ?? "", version, kind), From(schema), schema is not null);
            }
        }

        return null;
    }

    private static SchemaNode RootWith(YamlMap? schema)
    {
        var fields = new Dictionary<string, SchemaField>(StringComparer.Ordinal);
        SchemaReference? element = SchemaReference.To(SchemaNode.Deduced);
        var atomic = false;
        if (schema is not null)
        {
            var preserve = IsTrue(schema, PreserveUnknown);
            AddFields(schema, fields, preserve);
            element = ElementOf(schema, preserve);
            atomic = schema["x-kubernetes-map-type"]?.AsString() == "atomic";
        }

        AddObjectFields(fields);
        return new SchemaNode(null, null, new MapShape(fields, element, atomic));
    }

    private static void AddObjectFields(Dictionary<string, SchemaField> fields)
    {
        fields["apiVersion"] = new("apiVersion", SchemaReference.To(Text));
        fields["kind"] = new("kind", SchemaReference.To(Text));
        fields["metadata"] = new("metadata", new SchemaReference(() => BuiltInSchemas.ObjectMeta));
    }

    private static void AddFields(YamlMap schema, Dictionary<string, SchemaField> fields, bool preserve)
    {
        var required = (schema["required"] as YamlList ?? YamlList.Empty).Select(r => r.AsString()).ToHashSet();
        foreach (var (name, value) in schema["properties"] as YamlMap ?? YamlMap.Empty)
        {
            var property = value as YamlMap ?? YamlMap.Empty;
            fields[name] = new(name, SchemaReference.To(Node(property, preserve))) { Default = property["default"], Required = required.Contains(name) };
        }
    }

    private static SchemaReference? ElementOf(YamlMap schema, bool preserve) => schema["additionalProperties"] switch
    {
        YamlMap element => SchemaReference.To(Node(element, preserve)),
        YamlScalar { Kind: ScalarKind.Boolean, Text: "true" } => SchemaReference.To(SchemaNode.Deduced),
        _ => preserve ? SchemaReference.To(SchemaNode.Deduced) : null,
    };

    private static SchemaNode Node(YamlMap schema, bool preserve)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();

        // What is kept unknown is so in everything beneath, too.
        preserve |= IsTrue(schema, PreserveUnknown);
        if (IsTrue(schema, "x-kubernetes-int-or-string"))
        {
            return new SchemaNode(ScalarType.IntOrString, null, null);
        }

        return schema["type"]?.AsString() switch
        {
            "object" => MapNode(schema, preserve),
            "array" => ListNode(schema, preserve),
            "string" => new SchemaNode(schema["format"]?.AsString() switch { "date-time" => ScalarType.Time, "byte" => ScalarType.Bytes, "duration" => ScalarType.Duration, _ => ScalarType.String }, null, null),
            "integer" => new SchemaNode(schema["format"]?.AsString() == "int32" ? ScalarType.Integer : ScalarType.Long, null, null),
            "number" => new SchemaNode(ScalarType.Number, null, null),
            "boolean" => new SchemaNode(ScalarType.Boolean, null, null),
            _ => SchemaNode.Deduced,
        };
    }

    private static SchemaNode MapNode(YamlMap schema, bool preserve)
    {
        var fields = new Dictionary<string, SchemaField>(StringComparer.Ordinal);
        AddFields(schema, fields, preserve);
        if (IsTrue(schema, "x-kubernetes-embedded-resource"))
        {
            AddObjectFields(fields);
        }

        var element = ElementOf(schema, preserve);
        if (fields.Count == 0 && element is null)
        {
            return SchemaNode.Deduced;
        }

        return new SchemaNode(null, null, new MapShape(fields, element, schema["x-kubernetes-map-type"]?.AsString() == "atomic"));
    }

    private static SchemaNode ListNode(YamlMap schema, bool preserve)
    {
        var reference = SchemaReference.To(schema["items"] is YamlMap map ? Node(map, preserve) : SchemaNode.Deduced);
        var keys = (schema["x-kubernetes-list-map-keys"] as YamlList ?? YamlList.Empty).Select(k => k.AsString() ?? "").Order(StringComparer.Ordinal).ToArray();
        var shape = schema["x-kubernetes-list-type"]?.AsString() switch
        {
            "set" => new ListShape(ListType.Set, [], reference),
            "map" when keys.Length > 0 => new ListShape(ListType.Map, keys, reference),
            _ => new ListShape(ListType.Atomic, [], reference),
        };
        return new SchemaNode(null, shape, null);
    }

    private static bool IsTrue(YamlMap schema, string key) => schema[key] is YamlScalar { Kind: ScalarKind.Boolean, Text: "true" };
}
