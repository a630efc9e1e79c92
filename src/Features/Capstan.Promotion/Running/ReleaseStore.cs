using Capstan.Kubernetes;
using Capstan.Promotion.Pipelines;
using Capstan.Resources;

namespace Capstan.Promotion.Running;

/// <summary>Makes releases. One that is there stays what it is: its definition refuses every change of it.</summary>
/// <param name="cluster">Where releases are.</param>
public sealed class ReleaseStore(ClusterClient cluster)
{
    /// <summary>Whether a release is there.</summary>
    public async Task<bool> ExistsAsync(string name, CancellationToken cancellation) =>
        await cluster.FindAsync(new ObjectKey(Release.Kind, PromotionController.Namespace, name), cancellation).ConfigureAwait(false) is not null;

    /// <summary>Makes a release unless one of its name is there.</summary>
    public async Task EnsureAsync(Release release, CancellationToken cancellation)
    {
        try
        {
            await cluster.CreateAsync(release.Write(PromotionController.Namespace), null, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException there) when (there.IsAlreadyExists)
        {
            // The same run asked before, and was killed before it knew.
            return;
        }
    }
}
