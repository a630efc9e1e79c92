using Capstan.LocalCluster;
using Capstan.Oci.References;
using Capstan.Registry.InProcess;
using Capstan.Registry.Storage;
using System.Runtime.InteropServices;
using OciPlatform = Capstan.Oci.Manifests.Platform;

namespace Capstan.Server.Bindings;

/// <summary>
/// Images of the own registry, for the embedded cluster's pods: handed to the container engine as files, since a registry on loopback without TLS is
/// none that every engine pulls from. The cluster stands before the addresses are known; who asks earlier waits.
/// </summary>
internal sealed class OwnImages(ImageStore store) : IImageArchives
{
    private static readonly OciPlatform Here = new() { System = "linux", Architecture = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64" };
    private readonly StoredImages _images = new(store);
    private readonly TaskCompletionSource<OwnRegistry> _registry = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From now on it is known which names are the own registry's.</summary>
    public void Connect(OwnRegistry registry) => _registry.TrySetResult(registry);

    /// <inheritdoc/>
    public async Task<Stream?> OpenAsync(string reference, CancellationToken cancellation)
    {
        var registry = await _registry.Task.WaitAsync(cancellation).ConfigureAwait(false);
        return ImageReference.TryParse(reference, out var image) && registry.IsOwn(image.Registry) ? await _images.OpenArchiveAsync(image, Here, cancellation).ConfigureAwait(false) : null;
    }
}
