using System.Security.Cryptography;
using System.Text;
using Capstan.GoTemplates;
using Capstan.Helm.Charts;
using Capstan.Helm.Data;
using Capstan.Scalars;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Helm.Repositories;

/// <summary>A chart that another one needs and does not hold.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version, exact where there is a lock; else a range.</param>
/// <param name="Repository">Where it is: a repository's URL, or <c>file://</c> and a path from the chart.</param>
public sealed record NeededChart(string Name, string Version, string Repository)
{
    /// <summary>Whether it lies in the same tree.</summary>
    public bool IsLocal => Repository.StartsWith("file://", StringComparison.Ordinal);
}

/// <summary>What a chart needs and does not hold: what <c>helm dependency build</c> would fetch.</summary>
public static class ChartDependencies
{
    private const string OutOfSync = "the lock file (Chart.lock) is out of sync with the dependencies file (Chart.yaml). Please update the dependencies";

    private static readonly (string Chart, string Lock)[] Files = [("requirements.yaml", "requirements.lock"), ("Chart.yaml", "Chart.lock")];

    /// <summary>The charts that are named in Chart.yaml (or requirements.yaml) and not in charts/.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="chart">The chart's folder.</param>
    /// <param name="update">Whether ranges are resolved anew although there is a lock, as <c>helm dependency update</c> does.</param>
    /// <exception cref="ChartException">The lock is not that of these dependencies, or a link.</exception>
    public static IReadOnlyList<NeededChart> Missing(SourceTree tree, TreePath chart, bool update = false)
    {
        foreach (var (file, @lock) in Files)
        {
            if (Read(tree, chart.Child(file)) is { } named && Dependencies(named) is { Count: > 0 } wanted)
            {
                var missing = wanted.Where(d => !IsHeld(tree, chart.Child("charts"), d.Name)).ToList();
                return missing.Count == 0 ? [] : Needed(missing, wanted, update ? null : Lock(tree, chart.Child(@lock)), file == "Chart.yaml");
            }
        }

        return [];
    }

    /// <summary>Fetches what is missing from repositories; what lies in the same tree is found while rendering.</summary>
    /// <returns>The archives by what was needed.</returns>
    public static async Task<IReadOnlyDictionary<NeededChart, FetchedChart>> FetchAsync(
        IReadOnlyList<NeededChart> missing, ChartRepositories repositories, CancellationToken cancellation)
    {
        var fetched = new Dictionary<NeededChart, FetchedChart>();
        foreach (var needed in missing.Where(m => !m.IsLocal))
        {
            fetched[needed] = await repositories.FetchAsync(needed.Repository, needed.Name, needed.Version, cancellation).ConfigureAwait(false);
        }

        return fetched;
    }

    private static List<NeededChart> Needed(List<ChartDependency> missing, IReadOnlyList<ChartDependency> all, (string Digest, IReadOnlyList<ChartDependency> Locked)? held, bool isNew)
    {
        if (held is { } locked && locked.Digest != Hash(all, locked.Locked) && isNew)
        {
            throw new ChartException(OutOfSync);
        }

        var needed = new List<NeededChart>();
        foreach (var dependency in missing)
        {
            var version = held?.Locked.FirstOrDefault(l => l.Name == dependency.Name && l.Repository == dependency.Repository)?.Version ?? dependency.Version;
            needed.Add(new NeededChart(dependency.Name, version, Usable(dependency)));
        }

        return needed;
    }

    private static string Usable(ChartDependency dependency) => dependency.Repository switch
    {
        "" => throw new ChartException($"dependency {GoQuote.Quote(dependency.Name)} is not in charts/ and names no repository"),
        var name when name.StartsWith('@') || name.StartsWith("alias:", StringComparison.Ordinal) =>
            throw new ChartException($"no repository definition for {name}. Write the repository's URL in Chart.yaml: names of repositories are one machine's own"),
        var url => url,
    };

    private static bool IsHeld(SourceTree tree, TreePath charts, string name) => tree.List(charts).Any(e =>
        e.Name == name || (e.Name.EndsWith(".tgz", StringComparison.Ordinal) && e.Name.StartsWith(name + "-", StringComparison.Ordinal)
            && SemanticVersion.TryParse(e.Name[(name.Length + 1)..^4], out _)));

    private static (string Digest, IReadOnlyList<ChartDependency> Locked)? Lock(SourceTree tree, TreePath path)
    {
        if (tree.Find(path) is { Kind: TreeEntryKind.SymbolicLink })
        {
            throw new ChartException($"the {path.Name} file is a symlink");
        }

        return Read(tree, path) is YamlMap map ? (map["digest"]?.AsString() ?? "", Dependencies(map)) : null;
    }

    private static IReadOnlyList<ChartDependency> Dependencies(YamlNode node)
    {
        var metadata = new ChartMetadata();
        MetadataReader.Read(node is YamlMap map && map["dependencies"] is { } list ? YamlMap.Of(("dependencies", list)) : YamlMap.Empty, metadata);
        return metadata.Dependencies ?? [];
    }

    private static YamlNode? Read(SourceTree tree, TreePath path)
    {
        try
        {
            return TreeLinks.Follow(tree, path) is { Kind: TreeEntryKind.File } file ? HelmYaml.Read(tree.Read(file, ChartArchive.MaxFileBytes).Span) : null;
        }
        catch (HelmYamlException error)
        {
            throw new ChartException($"cannot load {path.Name}: {error.Message}", error);
        }
    }

    // Helm hashes the JSON of both lists.
    private static string Hash(IReadOnlyList<ChartDependency> wanted, IReadOnlyList<ChartDependency> locked)
    {
        var json = $"[[{string.Join(',', wanted.Select(Json))}],[{string.Join(',', locked.Select(Json))}]]";
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
    }

    private static string Json(ChartDependency dependency)
    {
        var fields = new List<string> { $"\"name\":{GoJson.Write(dependency.Name)}" };
        Add("version", dependency.Version);
        fields.Add($"\"repository\":{GoJson.Write(dependency.Repository)}");
        Add("condition", dependency.Condition);
        if (dependency.Tags.Count > 0)
        {
            fields.Add($"\"tags\":{GoJson.Write(new GoArray([.. dependency.Tags]))}");
        }

        if (!dependency.ImportValues.IsNil && dependency.ImportValues.Count > 0)
        {
            fields.Add($"\"import-values\":{GoJson.Write(dependency.ImportValues)}");
        }

        Add("alias", dependency.Alias);
        return "{" + string.Join(',', fields) + "}";

        void Add(string name, string value)
        {
            if (value.Length > 0)
            {
                fields.Add($"\"{name}\":{GoJson.Write(value)}");
            }
        }
    }
}
