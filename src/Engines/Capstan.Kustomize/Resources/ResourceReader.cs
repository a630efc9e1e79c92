using Capstan.Yaml;

namespace Capstan.Kustomize.Resources;

/// <summary>Reads resources from files, as kustomize understands YAML: lists are taken apart, and each resource must have a kind and a name.</summary>
internal static class ResourceReader
{
    private static readonly ReadLimits Limits = new() { Dialect = YamlDialect.GoYaml3, MaxBytes = 64 * 1024 * 1024 };

    /// <exception cref="KustomizeException">The text is no YAML, or holds something that is no resource.</exception>
    public static List<Resource> Read(string file, ReadOnlySpan<byte> content)
    {
        IReadOnlyList<YamlNode> documents;
        try
        {
            documents = YamlText.ReadAll(content, Limits);
        }
        catch (YamlException error)
        {
            throw new KustomizeException($"MalformedYAMLError: {error.Problem}", file, error.Position, inner: error);
        }

        var pending = new Queue<YamlNode>(Unwrapped(documents));
        var resources = new List<Resource>();
        while (pending.TryDequeue(out var node))
        {
            if (ScalarNodes.IsNilOrEmpty(node))
            {
                continue;
            }

            var map = Validate(node, file);
            if (ScalarNodes.Value(map["kind"]).EndsWith("List", StringComparison.Ordinal) && map["items"] is { } items)
            {
                foreach (var item in Items(items, file))
                {
                    pending.Enqueue(ScalarNodes.ThroughJson(item));
                }
            }
            else
            {
                resources.Add(new Resource(map, file));
            }
        }

        return resources;
    }

    private static IEnumerable<YamlNode> Unwrapped(IReadOnlyList<YamlNode> documents) =>
        documents is [YamlMap map] && ScalarNodes.Value(map["kind"]) is "List" or "ResourceList" && map.ContainsKey("items")
            ? map["items"] as YamlList ?? YamlList.Empty
            : documents;

    private static YamlList Items(YamlNode items, string file) => items switch
    {
        YamlList list => list,
        { IsNull: true } => YamlList.Empty,
        _ => throw new KustomizeException($"items must be a list, it is {items.Description}", file, items.Position),
    };

    private static YamlMap Validate(YamlNode node, string file)
    {
        if (node is not YamlMap map)
        {
            throw new KustomizeException($"missing Resource metadata: a resource must be a map, this is {node.Description}", file, node.Position);
        }

        var kind = ScalarNodes.Value(map["kind"]);
        if (kind.Length == 0)
        {
            throw new KustomizeException("missing kind in object", file, map.Position);
        }

        if (!kind.EndsWith("List", StringComparison.Ordinal) && ScalarNodes.Value(map.At("metadata", "name")).Length == 0)
        {
            throw new KustomizeException($"missing metadata.name in object {kind}", file, map.Position);
        }

        return map;
    }
}
