using Capstan.Delivery.Applications;
using Capstan.Delivery.Controllers;
using Capstan.Helm.Applications;
using Capstan.Trees;

namespace Capstan.Delivery.Undo;

/// <summary>What of one source's repository a rollback brings back.</summary>
/// <param name="Source">The source.</param>
/// <param name="Now">Its commit now.</param>
/// <param name="Then">Its commit then.</param>
/// <param name="Paths">The paths of the repository that the Application reads.</param>
/// <param name="Diff">What changes in them.</param>
internal sealed record RestoredPaths(ApplicationSource Source, ResolvedSource Now, ResolvedSource Then, IReadOnlyList<TreePath> Paths, string Diff)
{
    /// <summary>What differs between two states of an Application; sources in which nothing does are left out.</summary>
    public static IReadOnlyList<RestoredPaths> Between(Application application, ResolvedSources now, ResolvedSources then)
    {
        var changes = new List<RestoredPaths>();
        foreach (var (i, (source, at)) in now.All.Index().Where(s => s.Item.At.Remote is not null))
        {
            var before = then.All[i].At;
            var paths = PathsOf(application, source);
            var diff = at.Commit == before.Commit ? "" : string.Concat(paths.Select(p => FolderDiff.Of(at.Tree, before.Tree, p)));
            if (diff.Length > 0)
            {
                changes.Add(new RestoredPaths(source, at, before, paths, diff));
            }
        }

        return changes;
    }

    // The folder that it renders, and what other sources read of it; a path within another is restored with it.
    private static List<TreePath> PathsOf(Application application, ApplicationSource source)
    {
        var paths = source.IsReferenceOnly ? [] : new List<TreePath> { TreePath.Parse(source.Path) };
        if (source.Ref.Length > 0)
        {
            var prefix = $"${source.Ref}/";
            foreach (var file in application.Sources.Select(s => ArgoHelmSource.Read(s.Helm)).SelectMany(h => h.ValueFiles.Concat(h.FileParameters.Select(p => p.Value))))
            {
                if (file.StartsWith(prefix, StringComparison.Ordinal) && TreePath.TryParse(Fixed(file[prefix.Length..]), out var path, out _))
                {
                    paths.Add(path);
                }
            }
        }

        return [.. paths.Distinct().Where(p => !paths.Any(other => other != p && p.IsWithin(other))).Order()];
    }

    // Of a glob it is the folder before the first wildcard; so is the folder before a variable.
    private static string Fixed(string path)
    {
        var wild = path.AsSpan().IndexOfAny("*?[$");
        return wild < 0 ? path : path[..(path.LastIndexOf('/', wild) + 1)];
    }
}
