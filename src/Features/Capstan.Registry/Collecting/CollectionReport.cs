namespace Capstan.Registry.Collecting;

/// <summary>What one collection did.</summary>
/// <param name="Uploads">Idle uploads swept away.</param>
/// <param name="Manifests">Manifests deleted.</param>
/// <param name="Links">Blobs taken out of repositories that need them no more.</param>
/// <param name="Blobs">Content deleted.</param>
/// <param name="Bytes">Its bytes.</param>
public sealed record CollectionReport(int Uploads, int Manifests, int Links, int Blobs, long Bytes);

/// <summary>Knows what is in use outside the registry: asked by the collector, answered by who binds it.</summary>
public interface IImagesInUse
{
    /// <summary>The digests that a branch, a stage, a rollback within its window or a running pod refers to. When it cannot be known, it throws, and nothing is deleted.</summary>
    Task<IReadOnlySet<Oci.Content.Digest>> FindAsync(CancellationToken cancellation);
}
