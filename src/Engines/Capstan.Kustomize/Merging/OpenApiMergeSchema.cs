using Capstan.Kustomize.Identity;
using Capstan.Yaml;

namespace Capstan.Kustomize.Merging;

/// <summary>The types of an OpenAPI 2 document that a kustomization brings with <c>openapi.path</c>. It stands instead of the built-in ones.</summary>
internal sealed class OpenApiMergeSchema : MergeSchema
{
    private const string RefPrefix = "#/definitions/";

    private readonly YamlMap _definitions;
    private readonly Dictionary<Gvk, string> _kinds = [];
    private readonly Dictionary<string, MergeType> _types = new(StringComparer.Ordinal);

    public OpenApiMergeSchema(YamlNode document)
    {
        _definitions = (document as YamlMap)?["definitions"] as YamlMap ?? YamlMap.Empty;
        foreach (var (name, definition) in _definitions)
        {
            foreach (var kind in (definition as YamlMap)?["x-kubernetes-group-version-kind"] as YamlList ?? YamlList.Empty)
            {
                if (kind is YamlMap map)
                {
                    _kinds[new Gvk(Text(map, "group"), Text(map, "version"), Text(map, "kind"))] = name;
                }
            }
        }
    }

    public override MergeType? For(Gvk gvk) => _kinds.TryGetValue(gvk, out var name) ? Named(name) : null;

    private static string Text(YamlMap map, string key) => map[key]?.AsString() ?? "";

    // Registered before its fields are read: types may contain themselves.
    private MergeType Named(string name)
    {
        if (!_types.TryGetValue(name, out var type))
        {
            _types[name] = type = new MergeType();
            Fill(type, _definitions[name] as YamlMap ?? YamlMap.Empty);
        }

        return type;
    }

    private MergeType TypeOf(YamlMap schema)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        if (Text(schema, "$ref") is { Length: > 0 } reference)
        {
            return reference.StartsWith(RefPrefix, StringComparison.Ordinal) ? Named(reference[RefPrefix.Length..]) : MergeType.Plain;
        }

        var type = new MergeType();
        Fill(type, schema);
        return type;
    }

    private void Fill(MergeType type, YamlMap schema)
    {
        foreach (var (name, property) in schema["properties"] as YamlMap ?? YamlMap.Empty)
        {
            if (property is YamlMap map)
            {
                type.Add(name, Field(map));
            }
        }

        if (schema["additionalProperties"] is YamlMap any)
        {
            type.AnyField = Field(any);
        }
    }

    private MergeField Field(YamlMap schema)
    {
        if (schema["items"] is not YamlMap items)
        {
            return new MergeField(TypeOf(schema), null);
        }

        if (!Text(schema, "x-kubernetes-patch-strategy").Split(',').Contains("merge"))
        {
            return new MergeField(MergeType.Plain, null);
        }

        var keys = schema["x-kubernetes-list-map-keys"] is YamlList list
            ? list.Select(k => k.AsString() ?? "").ToArray()
            : Text(schema, "x-kubernetes-patch-merge-key") is { Length: > 0 } key ? [key] : [];
        return new MergeField(TypeOf(items), keys);
    }
}
