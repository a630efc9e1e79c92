using System.Runtime.CompilerServices;
using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.OpenApi;

/// <summary>Describes custom kinds: in version 3 as their definition says, in version 2 only as far as that version can say it.</summary>
internal static class CustomDescriptions
{
    private const string Preserve = "x-kubernetes-preserve-unknown-fields";

    // What kubectl shows for the fields that every kind has.
    private static readonly YamlMap VersionField = YamlMap.Of(("type", "string"), ("description",
        "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources"));

    private static readonly YamlMap KindField = YamlMap.Of(("type", "string"), ("description",
        "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds"));

    // Kinds of assertions that version 2 of OpenAPI does not know.
    private static readonly string[] OnlyVersion3 = ["oneOf", "anyOf", "allOf", "not", "nullable", "default", "x-kubernetes-validations"];

    public static YamlMap Of(ServedResource resource, string version, YamlMap metadata, bool second)
    {
        var schema = resource.Custom!.OpenApi(version);
        if (second)
        {
            schema = (YamlMap)Second(schema);
        }

        // Whoever keeps unknown fields at the root describes nothing that clients could check.
        if (second && schema[Preserve] is not null || schema["type"] is null)
        {
            return YamlMap.Of(("type", "object"));
        }

        var own = schema["properties"] as YamlMap ?? YamlMap.Empty;
        return schema.With("properties", own.With("apiVersion", VersionField).With("kind", KindField).With("metadata", metadata));
    }

    private static YamlNode Second(YamlNode node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (node is not YamlMap schema)
        {
            return node;
        }

        if (schema["x-kubernetes-int-or-string"] is not null)
        {
            schema = schema.Without("type");
        }

        if (schema["nullable"] is YamlScalar { Text: "true" })
        {
            schema = schema.Without("type").Without("items").Without("properties");
        }

        // kubectl does not take a value for one of unknown fields when the description names any, or its type.
        if (schema[Preserve] is not null)
        {
            schema = schema.Without("items").Without("properties");
            schema = schema["type"]?.AsString() == "object" ? schema.Without("type") : schema;
        }

        if (schema["type"]?.AsString() == "array" && schema["items"] is null)
        {
            schema = schema.Without("type");
        }

        if (schema["required"] is YamlList required && schema["properties"] is YamlMap fields)
        {
            var left = new YamlList(required.Where(r => (fields[r.AsString() ?? ""] as YamlMap)?["nullable"] is not YamlScalar { Text: "true" }));
            schema = left.Count == 0 ? schema.Without("required") : schema.With("required", left);
        }

        foreach (var field in OnlyVersion3)
        {
            schema = schema.Without(field);
        }

        if (schema["properties"] is YamlMap properties)
        {
            schema = schema.With("properties", properties.Aggregate(YamlMap.Empty, (all, p) => all.With(p.Key, Second(p.Value))));
        }

        foreach (var field in (ReadOnlySpan<string>)["items", "additionalProperties"])
        {
            schema = schema[field] is { } inner ? schema.With(field, Second(inner)) : schema;
        }

        return schema;
    }
}
