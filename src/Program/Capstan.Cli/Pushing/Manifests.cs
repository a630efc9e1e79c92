using System.CommandLine;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Rendering;
using Capstan.Helm;
using Capstan.Sources.Folders;
using Capstan.Trees;

namespace Capstan.Cli.Pushing;

/// <summary>The manifests that PATH names: a folder of manifests, a kustomization, a chart, or one file.</summary>
/// <param name="Tree">The checkout that the folder lies in, so that links and bases within it are found; without one the folder itself, or the whole disk for a kustomization.</param>
/// <param name="Path">The folder in the tree; of a chart's archive the file.</param>
/// <param name="Directory">Which of its files count, when they are plain manifests.</param>
/// <param name="IsChart">Whether it is a chart.</param>
internal sealed record Manifests(SourceTree Tree, string Path, DirectoryOptions Directory, bool IsChart = false)
{
    private static readonly string[] KustomizeFiles = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

    public static Argument<string> Argument() => new("PATH") { Description = "A folder of manifests, a kustomization, a chart, or one file" };

    public static Option<bool> Recurse() => new("--recurse", "-R") { Description = "Read sub-folders too" };

    /// <summary>Whether a folder is a kustomization.</summary>
    public static bool IsKustomization(string folder) => KustomizeFiles.Any(f => File.Exists(System.IO.Path.Combine(folder, f)));

    /// <summary>Finds them.</summary>
    /// <exception cref="CommandException">There is nothing at that path.</exception>
    public static Manifests Open(string path, bool recurse)
    {
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        if (ChartRendering.IsChart(full) && !IsKustomization(full)) return OfChart(full);
        if (File.Exists(full))
        {
            var folder = System.IO.Path.GetDirectoryName(full)!;
            return Within(folder, folder, new DirectoryOptions(Include: Literally(System.IO.Path.GetFileName(full)), IsExplicit: true));
        }
        return System.IO.Directory.Exists(full)
            ? Within(full, IsKustomization(full) ? "/" : full, new DirectoryOptions(recurse))
            : throw new CommandException(ExitCodes.NotFound, $"{path}: there is no such file or folder");
    }

    /// <summary>A chart: a folder, or an archive. Without a checkout it may need charts from beside its folder.</summary>
    public static Manifests OfChart(string full) => System.IO.Directory.Exists(full)
        ? Within(full, "/", new DirectoryOptions()) with { IsChart = true }
        : new Manifests(new FolderTree(System.IO.Path.GetDirectoryName(full)!), System.IO.Path.GetFileName(full), new DirectoryOptions(), IsChart: true);

    /// <summary>Renders them.</summary>
    /// <param name="release">The name of a chart's release.</param>
    /// <param name="space">The namespace of objects that name none.</param>
    /// <param name="values">What is said of a chart's values.</param>
    /// <param name="cluster">What the cluster serves.</param>
    public RenderedSource Render(string release, string space, ChartValues values, ClusterVersions cluster) => IsChart
        ? LocalSource.Render(new HelmRenderRequest
        {
            Tree = Tree,
            ChartPath = TreePath.Parse(Path),
            ReleaseName = release,
            Namespace = space,
            ValuesFiles = values.Files,
            Settings = values.Settings,
            ReadFile = f => File.ReadAllBytes(f),
            KubeVersion = cluster.Kubernetes,
            ApiVersions = cluster.Apis,
            IncludeCrds = true,
        })
        : LocalSource.Render(Tree, Path, Directory, new RenderTarget(release, space, "default", cluster));

    /// <summary>Renders plain manifests, without a cluster.</summary>
    /// <exception cref="CommandException">They are refused; the message names everything that is wrong with them.</exception>
    public RenderedSource Render()
    {
        var rendered = LocalSource.Render(Tree, Path, Directory, RenderTarget.None);
        return rendered.IsComplete ? rendered : throw new CommandException(ExitCodes.Refused, string.Join('\n', rendered.Problems));
    }

    private static Manifests Within(string folder, string fallback, DirectoryOptions options)
    {
        var root = fallback;
        for (var at = folder; at is not null; at = System.IO.Path.GetDirectoryName(at))
        {
            if (!System.IO.Path.Exists(System.IO.Path.Combine(at, ".git"))) continue;
            root = at;
            break;
        }
        return new Manifests(new FolderTree(root), System.IO.Path.GetRelativePath(root, folder).Replace('\\', '/'), options);
    }

    /// <summary>A file's name as a glob that matches it alone.</summary>
    private static string Literally(string name) => string.Concat(name.Select(c => c is '*' or '?' or '[' or ']' or '{' or '}' or '\\' ? $"\\{c}" : c.ToString()));
}
