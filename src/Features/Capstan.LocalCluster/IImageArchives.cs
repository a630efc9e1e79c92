namespace Capstan.LocalCluster;

/// <summary>
/// Hands over images of a registry that the engine cannot reach itself, as one on a loopback address. Bound by the program; the cluster
/// knows no registry.
/// </summary>
public interface IImageArchives
{
    /// <summary>The image as an archive that engines load, named by the reference; null when it is none of this registry's.</summary>
    /// <param name="reference">The image as the pod names it.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    Task<Stream?> OpenAsync(string reference, CancellationToken cancellation);
}
