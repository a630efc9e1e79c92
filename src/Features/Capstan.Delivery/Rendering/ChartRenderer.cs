using System.Text;
using Capstan.Helm;
using Capstan.Helm.Applications;
using Capstan.Helm.Charts;
using Capstan.Helm.Repositories;
using Capstan.Trees;

namespace Capstan.Delivery.Rendering;

/// <summary>Renders a chart as Argo CD has Helm render it.</summary>
internal sealed class ChartRenderer(HelmRenderer helm, ManifestCollector manifests)
{
    // What lies in the same tree is found without fetching.
    internal static readonly Dictionary<NeededChart, FetchedChart> Nothing = [];

    public void Render(RenderRequest request, TreePath folder, BuildEnvironment environment)
    {
        try
        {
            var source = ArgoHelmSource.Read(request.Source.Helm);
            Render(With(source, environment.Substitute).ToRequest(Target(request, folder)) with { Dependencies = request.Target.Charts ?? Nothing });
        }
        catch (ChartException error)
        {
            manifests.Problem($"{folder}: {error.Message}");
        }
    }

    /// <summary>Renders and takes the result apart. What Helm says when it fails becomes one problem.</summary>
    public void Render(HelmRenderRequest request)
    {
        var result = helm.Render(request);
        if (result.Error is { } error)
        {
            manifests.Problem($"{request.ChartPath}: {error.Message}{(error.Excerpt.Length > 0 ? "\n" + error.Excerpt.TrimEnd() : "")}");
            return;
        }

        foreach (var crd in request.IncludeCrds ? result.Crds : [])
        {
            manifests.AddFile(Path(request, crd.Path), Encoding.UTF8.GetBytes(crd.Content), isJson: false);
        }

        foreach (var manifest in result.Manifests.Concat(request.NoHooks ? [] : result.Hooks))
        {
            manifests.AddObject(Path(request, manifest.Path), manifest.Object, 0);
        }
    }

    internal static ArgoHelmTarget Target(RenderRequest request, TreePath folder) => new()
    {
        Tree = request.Tree,
        ChartPath = folder,
        ApplicationName = request.Target.Application,
        Namespace = request.Target.Namespace.Length == 0 ? "default" : request.Target.Namespace,
        KubeVersion = request.Target.Cluster.Kubernetes,
        ApiVersions = request.Target.Cluster.Apis,
        Reference = name => request.Target.Lent.GetValueOrDefault(name)?.Tree,
    };

    internal static ArgoHelmSource With(ArgoHelmSource source, Func<string, string> substitute) => source with
    {
        ValueFiles = [.. source.ValueFiles.Select(f => Path(f, substitute))],
        Parameters = [.. source.Parameters.Select(p => p with { Value = substitute(p.Value) })],
        FileParameters = [.. source.FileParameters.Select(p => p with { Value = Path(p.Value, substitute) })],
    };

    // What names another source is no variable, but what follows may hold some.
    private static string Path(string path, Func<string, string> substitute)
    {
        if (!path.StartsWith('$') || path.StartsWith("$ARGOCD_", StringComparison.Ordinal) || path.StartsWith("${", StringComparison.Ordinal))
        {
            return substitute(path);
        }

        var slash = path.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? path : path[..slash] + substitute(path[slash..]);
    }

    private static string Path(HelmRenderRequest request, string path) => request.ChartPath.IsRoot ? path : $"{request.ChartPath}/{path}";
}
