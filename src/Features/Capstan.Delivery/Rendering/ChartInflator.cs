using Capstan.Helm;
using Capstan.Helm.Charts;
using Capstan.Helm.Repositories;
using Capstan.Kustomize;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.Rendering;

/// <summary>A chart of <c>helmCharts</c> has to be fetched before the kustomization can be built.</summary>
/// <param name="chart">Which one.</param>
public sealed class ChartNotFetchedException(NeededChart chart) : Exception($"{chart.Repository}: the chart {chart.Name} {chart.Version} is not fetched yet")
{
    /// <summary>The chart.</summary>
    public NeededChart Chart { get; } = chart;
}

/// <summary>Renders the charts of kustomizations, with the arguments that Kustomize would call Helm with.</summary>
/// <param name="helm">The engine.</param>
/// <param name="fetched">Charts from repositories; one that is missing ends the build with <see cref="ChartNotFetchedException"/>.</param>
/// <param name="kubernetes">The version of Kubernetes for charts that name none; null for Helm's default.</param>
/// <param name="apis">API versions for charts that name none.</param>
public sealed class ChartInflator(HelmRenderer helm, IReadOnlyDictionary<NeededChart, FetchedChart> fetched, string? kubernetes, IReadOnlyList<string> apis) : IChartInflator
{
    private const int MaxValueBytes = 10 * 1024 * 1024;

    private static readonly string[] Known =
    [
        "name", "version", "repo", "releaseName", "namespace", "nameTemplate", "additionalValuesFiles", "valuesFile", "valuesInline", "valuesMerge", "includeCRDs",
        "skipHooks", "skipTests", "apiVersions", "kubeVersion", "debug", "devel",
    ];

    /// <summary>Whether a chart was rendered.</summary>
    public bool HasInflated { get; private set; }

    /// <inheritdoc/>
    public string Inflate(ChartInflation inflation)
    {
        HasInflated = true;
        var chart = inflation.Chart;
        if (chart.FirstOrDefault(f => !Known.Contains(f.Key)).Key is { } unknown)
        {
            throw new KustomizeException($"unknown field \"{unknown}\" in helmCharts");
        }

        var name = Text(chart, "name");
        if (name.Length == 0 || name.Contains("..", StringComparison.Ordinal) || Text(chart, "nameTemplate").Length > 0)
        {
            throw new KustomizeException(name.Length == 0 ? "chart name cannot be empty" : $"chart {name}: a name without .. and no nameTemplate is served");
        }

        var (tree, path) = Locate(inflation, name);
        var request = new HelmRenderRequest
        {
            Tree = tree,
            ChartPath = path,
            ReleaseName = Text(chart, "releaseName") is { Length: > 0 } release ? release : "release-name",
            Namespace = Text(chart, "namespace") is { Length: > 0 } space ? space : "default",
            ValuesFiles = Values(inflation, tree, path),
            KubeVersion = Text(chart, "kubeVersion") is { Length: > 0 } version ? version : kubernetes,
            ApiVersions = chart["apiVersions"] is YamlList { Count: > 0 } own ? [.. own.Select(a => a.AsString() ?? "")] : apis,
            IncludeCrds = Flag(chart, "includeCRDs"),
            SkipTests = Flag(chart, "skipTests"),
            NoHooks = Flag(chart, "skipHooks"),
        };
        var result = helm.Render(request);
        return result.Error is { } error ? throw new KustomizeException($"chart {name}: {error.Message}") : result.Output;
    }

    private (SourceTree Tree, TreePath Path) Locate(ChartInflation inflation, string name)
    {
        var (repository, version) = (Text(inflation.Chart, "repo"), Text(inflation.Chart, "version"));
        var home = Text(inflation.Globals, "chartHome") is { Length: > 0 } named ? named : "charts";
        var folder = repository.Length > 0 && version.Length > 0 ? $"{home}/{name}-{version}/{name}" : $"{home}/{name}";
        if (Below(inflation.Folder, folder) is var path && TreeLinks.Follow(inflation.Tree, path) is { Kind: TreeEntryKind.Folder } found)
        {
            return (inflation.Tree, found.Path);
        }

        if (repository.Length == 0)
        {
            throw new KustomizeException($"no repo specified for pull, no chart found at '{path}'");
        }

        var needed = new NeededChart(name, version, repository);
        try
        {
            return fetched.TryGetValue(needed, out var archive) ? (ChartRepositories.Open(archive), TreePath.Root) : throw new ChartNotFetchedException(needed);
        }
        catch (ChartException error)
        {
            throw new KustomizeException($"chart {name}: {error.Message}");
        }
    }

    // The chart's own values are given by name as well, and what stands inline goes over (or under) the first file.
    private static List<HelmValuesFile> Values(ChartInflation inflation, SourceTree tree, TreePath chart)
    {
        var own = Text(inflation.Chart, "valuesFile");
        var files = new List<HelmValuesFile>();
        if (inflation.Chart["valuesInline"] is YamlMap { Count: > 0 } inline)
        {
            var first = own.Length > 0 ? Read(inflation.Tree, Below(inflation.Folder, own), own)
                : TreeLinks.Follow(tree, chart.Child("values.yaml")) is { Kind: TreeEntryKind.File } ? Read(tree, chart.Child("values.yaml"), "values.yaml") : default;
            var merged = Text(inflation.Chart, "valuesMerge") switch
            {
                "" or "override" => Merge(Parse(first, own), inline),
                "merge" => Merge(inline, Parse(first, own)),
                "replace" => inline,
                var other => throw new KustomizeException($"valuesMerge must be one of merge, override or replace, it is {other}"),
            };
            files.Add(new HelmValuesFile("valuesInline", JsonText.WriteBytes(merged)));
        }
        else if (own.Length > 0)
        {
            files.Add(new HelmValuesFile(own, Read(inflation.Tree, Below(inflation.Folder, own), own)));
        }

        foreach (var more in (inflation.Chart["additionalValuesFiles"] as YamlList ?? YamlList.Empty).Select(f => f.AsString() ?? ""))
        {
            files.Add(new HelmValuesFile(more, Read(inflation.Tree, Below(inflation.Folder, more), more)));
        }

        return files;
    }

    private static YamlMap Merge(YamlMap under, YamlMap over) => (YamlMap)Resources.MergePatch.Apply(under, over);

    private static YamlMap Parse(ReadOnlyMemory<byte> content, string name)
    {
        try
        {
            return content.IsEmpty ? YamlMap.Empty : YamlText.ReadOne(content.Span) as YamlMap ?? YamlMap.Empty;
        }
        catch (YamlException error)
        {
            throw new KustomizeException(error.In(name));
        }
    }

    private static TreePath Below(TreePath folder, string path) =>
        folder.TryResolve(path, out var resolved, out var problem) && resolved.IsWithin(folder) ? resolved : throw new KustomizeException($"'{path}' is not in or below '{folder}'{(problem is null ? "" : ": " + problem)}");

    private static ReadOnlyMemory<byte> Read(SourceTree tree, TreePath path, string name) => TreeLinks.Follow(tree, path) is { Kind: TreeEntryKind.File } file
        ? tree.Read(file, MaxValueBytes)
        : throw new KustomizeException($"could not load the values file '{name}'");

    private static string Text(YamlMap map, string field) => map[field]?.AsString() ?? "";

    private static bool Flag(YamlMap map, string field) => map[field] is YamlScalar { Text: "true" };
}
