using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Printing;

/// <summary>Objects as a Table, which is what <c>kubectl get</c> prints.</summary>
internal sealed class TableWriter(TimeProvider time)
{
    public YamlMap Of(ServedResource resource, string version, IEnumerable<YamlMap> trees, string revision, string next, long? remaining, bool withColumns)
    {
        var columns = resource.Custom is { } custom
            ? CustomColumns.Of(custom.Columns(version))
            : BuiltInColumns.Of(resource.Qualified);
        var now = time.GetUtcNow();
        var rows = trees.Select(tree => (YamlNode)YamlMap.Of(
            ("cells", new YamlList(columns.Select(c => c.Cell(tree, now)))),
            ("object", YamlMap.Of(("kind", "PartialObjectMetadata"), ("apiVersion", "meta.k8s.io/v1"), ("metadata", tree.MapAt("metadata"))))));
        var metadata = YamlMap.Of(("resourceVersion", revision));
        metadata = next.Length == 0 ? metadata : metadata.With("continue", next);
        metadata = remaining is null ? metadata : metadata.With("remainingItemCount", remaining.Value);
        var definitions = withColumns ? new YamlList(columns.Select(c => (YamlNode)c.Definition())) : YamlList.Empty;
        return YamlMap.Of(("kind", "Table"), ("apiVersion", "meta.k8s.io/v1"), ("metadata", metadata),
            ("columnDefinitions", definitions), ("rows", new YamlList(rows)));
    }
}

/// <summary>A column of a table.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="Cell">Its value for an object, now.</param>
/// <param name="Priority">0 for columns that are always shown, more for those of <c>-o wide</c>.</param>
/// <param name="Type">The type of its cells.</param>
/// <param name="Format">The format; <c>name</c> marks the object's name.</param>
internal sealed record Column(string Name, Func<YamlMap, DateTimeOffset, YamlNode> Cell, int Priority = 0, string Type = "string", string Format = "")
{
    public YamlMap Definition() => YamlMap.Of(("name", Name), ("type", Type), ("format", Format), ("description", Name), ("priority", Priority));
}
