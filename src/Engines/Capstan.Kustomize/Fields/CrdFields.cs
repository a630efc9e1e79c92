using Capstan.Kustomize.Identity;
using Capstan.Yaml;

namespace Capstan.Kustomize.Fields;

/// <summary>Reads the files of <c>crds</c>: OpenAPI definitions in which extensions mark names, labels, annotations and references.</summary>
internal static class CrdFields
{
    private const int MaxDepth = 64;

    public static TransformerFields Read(string file, ReadOnlySpan<byte> content)
    {
        YamlNode node;
        try
        {
            node = YamlText.ReadOne(content);
        }
        catch (YamlException error)
        {
            throw new KustomizeException($"unable to parse open API definition: {error.Problem}", file, error.Position, inner: error);
        }

        var definitions = node as YamlMap ?? throw new KustomizeException($"open API definitions must be a map, this is {node.Description}", file, node.Position);
        var result = TransformerFields.None;
        foreach (var (name, definition) in definitions)
        {
            if (definition is not YamlMap && !definition.IsNull)
            {
                throw new KustomizeException(
                    $"unable to parse open API definition: {name} must be a map, it is {definition.Description}; crds takes definitions of OpenAPI, not CustomResourceDefinitions",
                    file, definition.Position);
            }

            if (Properties(definitions, name) is { } properties && properties.ContainsKey("kind") && properties.ContainsKey("apiVersion") && properties.ContainsKey("metadata"))
            {
                var collected = new Collected(definitions, new Gvk("", "", name[(name.LastIndexOf('.') + 1)..]));
                collected.Add(name, []);
                result = result.Merge(collected.ToFields());
            }
        }

        return result;
    }

    private static YamlMap? Properties(YamlMap definitions, string name)
    {
        var schema = Get(definitions[name] as YamlMap, "Schema") as YamlMap;
        return schema?["properties"] as YamlMap;
    }

    private static YamlNode? Get(YamlMap? map, string name) =>
        map is null ? null : map[name] ?? map.Where(e => string.Equals(e.Key, name, StringComparison.OrdinalIgnoreCase)).Select(e => e.Value).FirstOrDefault();

    private sealed class Collected(YamlMap definitions, Gvk kind)
    {
        private readonly List<FieldSpec> _annotations = [];
        private readonly List<FieldSpec> _labels = [];
        private readonly List<FieldSpec> _prefixes = [];
        private readonly List<NameReference> _references = [];

        public TransformerFields ToFields() => new()
        {
            CommonAnnotations = FieldSpecs.Merge([], _annotations),
            CommonLabels = FieldSpecs.Merge([], _labels),
            NamePrefix = FieldSpecs.Merge([], _prefixes),
            NameReferences = _references,
        };

        public void Add(string type, string[] path)
        {
            if (path.Length > MaxDepth)
            {
                throw new KustomizeException($"the type {type} contains itself, or is nested more than {MaxDepth} deep", kind: KustomizeProblem.TooLarge);
            }

            foreach (var (name, node) in Properties(definitions, type) ?? YamlMap.Empty)
            {
                if (node is YamlMap property)
                {
                    Add(property, [.. path, name]);
                }
            }
        }

        private void Add(YamlMap property, string[] path)
        {
            AddWhen(property, "x-kubernetes-annotation", _annotations, path);
            AddWhen(property, "x-kubernetes-label-selector", _labels, path);
            AddWhen(property, "x-kubernetes-identity", _prefixes, path);
            if (property["x-kubernetes-object-ref-api-version"]?.AsString() is { } version && property["x-kubernetes-object-ref-kind"]?.AsString() is { } target)
            {
                var key = property["x-kubernetes-object-ref-name-key"]?.AsString() ?? "name";
                _references.Add(new NameReference(new Gvk("", version, target), [Field([.. path, key])]));
            }

            if (property["$ref"]?.AsString() is { } reference)
            {
                Add(reference, path);
            }
        }

        private void AddWhen(YamlMap property, string extension, List<FieldSpec> list, string[] path)
        {
            if (property[extension]?.AsString() is not null)
            {
                list.Add(Field(path));
            }
        }

        private FieldSpec Field(string[] path) => new(kind, string.Join('/', path), false);
    }
}
