using Capstan.Helm;
using Capstan.Trees;

namespace Capstan.Delivery.Rendering;

/// <summary>
/// Renders a source of any kind. All problems are reported at once; with any of them nothing is rendered. Safe for several threads.
/// </summary>
internal sealed class SourceRenderer(RenderLimits limits)
{
    // Charts and templates that were seen are kept by it.
    private readonly HelmRenderer _helm = new();

    public (RenderedSource Rendered, bool NeedsCommit, bool NeedsCluster) Render(RenderRequest request)
    {
        if (request.Source.IsReferenceOnly)
        {
            return (RenderedSource.Nothing, false, false);
        }

        var manifests = new ManifestCollector(request.Source.RepoUrl, request.Commit, limits);
        var environment = new BuildEnvironment(request);
        var (type, needsCluster) = (SourceTypes.Directory, false);
        try
        {
            if (FindFolder(request, manifests) is { } folder)
            {
                request = request with { Source = SourceOverrides.Apply(request.Source, request.Tree, folder, request.Target.Application, manifests.Problem) };
                type = SourceTypes.Of(request.Source, request.Tree, folder);
                needsCluster = Render(request, type, folder, environment, manifests);
            }
        }
        catch (TreeLinkException e)
        {
            // One link that leaves the tree condemns the whole source: whoever wrote it did not mean well.
            var refused = RenderedSource.Failed($"{e.Message}; the whole source is refused. Replace the link by a file");
            return (refused with { SourceType = type }, environment.UsedCommit, false);
        }
        catch (TreeLimitException e)
        {
            manifests.Problem(e.Message);
        }

        return (manifests.ToRendering(type), environment.UsedCommit, needsCluster);
    }

    // Whether what the cluster serves had a part in it.
    private bool Render(RenderRequest request, string type, TreePath folder, BuildEnvironment environment, ManifestCollector manifests)
    {
        switch (type)
        {
            case SourceTypes.Helm:
                new ChartRenderer(_helm, manifests).Render(request, folder, environment);
                return true;
            case SourceTypes.Kustomize:
                return new KustomizationRenderer(_helm, manifests).Render(request, folder, environment);
            default:
                new DirectoryRenderer(request.Tree, manifests, limits).Render(folder, request.Source.Directory);
                return false;
        }
    }

    private static TreePath? FindFolder(RenderRequest request, ManifestCollector manifests)
    {
        if (!TreePath.TryParse(request.Source.Path, out var parsed, out var problem))
        {
            manifests.Problem($"{request.Source.Field}.path: {problem}");
            return null;
        }

        switch (TreeLinks.Follow(request.Tree, parsed))
        {
            case { Kind: TreeEntryKind.Folder } folder:
                return folder.Path;
            case null:
                manifests.Problem($"{request.Source.Field}.path: there is no \"{parsed}\" in {request.Source.RepoUrl} at {Short(request.Commit)}");
                return null;
            case var other:
                manifests.Problem($"{request.Source.Field}.path: \"{parsed}\" is no folder but {(other.Kind == TreeEntryKind.File ? "a file" : "a submodule")}");
                return null;
        }
    }

    private static string Short(string commit) => commit.Length > 7 ? commit[..7] : commit.Length == 0 ? "this state" : commit;
}
