using Capstan.GitHost.Repositories;
using Capstan.Kubernetes;
using Capstan.Oci.Content;
using Capstan.Promotion.Pipelines;
using Capstan.Promotion.Running;
using Capstan.Registry.Collecting;
using Capstan.Resources;
using Capstan.Server.Tracing;
using Capstan.Sources.Git;
using Capstan.Workflows.Runs;
using System.Text;

namespace Capstan.Server.Bindings;

/// <summary>
/// What the registry must not delete: what a run left, what a release names (and so what any stage holds, or may be rolled back to), what an object of the cluster runs, and
/// what a file on any branch of the Git host names by its digest. One of these that cannot be asked ends the collection.
/// </summary>
internal sealed class ImagesInUse(ClusterClient cluster, RepositoryStore repositories, GitProgram git) : IImagesInUse
{
    private const int NoMatch = 1;
    private static readonly GroupKind Runs = new("capstan.dev", RunObject.Kind);

    /// <inheritdoc/>
    public async Task<IReadOnlySet<Digest>> FindAsync(CancellationToken cancellation)
    {
        var used = new HashSet<Digest>();
        foreach (var release in await ListAsync(Release.Kind, PromotionController.Namespace, cancellation).ConfigureAwait(false)) Add(used, ImageUse.Of(release));
        foreach (var run in await ListAsync(Runs, PromotionController.Namespace, cancellation).ConfigureAwait(false)) used.UnionWith(RunArchives.DigestsOf(RunObject.Read(run)));
        foreach (var kind in ImageUse.Kinds)
        {
            foreach (var found in await ListAsync(kind, "", cancellation).ConfigureAwait(false)) Add(used, ImageUse.Of(found));
        }

        foreach (var repository in repositories.List()) used.UnionWith(await BranchesAsync(repository, cancellation).ConfigureAwait(false));
        return used;
    }

    private static void Add(HashSet<Digest> used, IReadOnlyList<string> images)
    {
        foreach (var image in images) used.UnionWith(ImageUse.DigestsIn(image));
    }

    private async Task<IReadOnlyList<KubernetesObject>> ListAsync(GroupKind kind, string space, CancellationToken cancellation)
    {
        var resource = await cluster.ResolveAsync(kind, cancellation).ConfigureAwait(false);
        return (await cluster.ListAsync(resource, new ListOptions { Namespace = space }, cancellation).ConfigureAwait(false)).Items;
    }

    private async Task<IEnumerable<Digest>> BranchesAsync(RepositoryName name, CancellationToken cancellation)
    {
        var folder = repositories.PathTo(name);
        var branches = (await git.RunAsync(GitProgram.Call(["for-each-ref", "--format=%(refname)", "refs/heads"]) with { WorkingFolder = folder }, cancellation).ConfigureAwait(false))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var used = new HashSet<Digest>();
        foreach (var branch in branches)
        {
            var found = await git.TryRunAsync(GitProgram.Call(["grep", "-I", "-h", "-o", "-E", "sha256:[0-9a-f]{64}", branch]) with { WorkingFolder = folder }, cancellation).ConfigureAwait(false);
            if (found.ExitCode > NoMatch) throw new IOException($"repository {name}: {branch} could not be searched for images: {found.Errors.Trim()}");
            used.UnionWith(ImageUse.DigestsIn(Encoding.UTF8.GetString(found.Output.Span)));
        }

        return used;
    }
}
