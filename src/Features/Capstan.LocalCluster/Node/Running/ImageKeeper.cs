using Capstan.Containers;
using Capstan.Containers.Images;
using Capstan.LocalCluster.Node.Pods;

namespace Capstan.LocalCluster.Node.Running;

/// <summary>Brings images that containers need into the engine's store.</summary>
internal sealed class ImageKeeper(ContainerEngine engine, IImageArchives? archives)
{
    // Podman's name for what was made on this machine: there is no such registry.
    private const string Local = "localhost/";

    /// <summary>The image by the pull policy.</summary>
    /// <exception cref="PodProblemException">ErrImagePull or ErrImageNeverPull; the message says why.</exception>
    public async Task<(ImageDetails Image, bool Pulled)> EnsureAsync(string reference, string policy, RegistryCredential? credential, CancellationToken cancellation)
    {
        var known = await engine.Images.InspectAsync(reference, cancellation).ConfigureAwait(false);
        if (known is not null && (policy != "Always" || reference.StartsWith(Local, StringComparison.Ordinal)))
        {
            return (known, false);
        }

        if (policy == "Never")
        {
            throw new PodProblemException("ErrImageNeverPull", $"Container image \"{reference}\" is not present with pull policy of Never");
        }

        IReadOnlyList<string> loaded;
        try
        {
            loaded = await FetchAsync(reference, credential, cancellation).ConfigureAwait(false);
        }
        catch (ContainerEngineException failure)
        {
            throw new PodProblemException("ErrImagePull", $"failed to pull image \"{reference}\": {failure.Message}");
        }

        // Docker knows nothing of an archive's digest: there it is the image that was just loaded.
        var image = await engine.Images.InspectAsync(reference, cancellation).ConfigureAwait(false)
            ?? (loaded is [var name, ..] ? await engine.Images.InspectAsync(name, cancellation).ConfigureAwait(false) : null)
            ?? throw new PodProblemException("ErrImagePull", $"failed to pull image \"{reference}\": the engine pulled it, and has it not");
        return (image, true);
    }

    private async Task<IReadOnlyList<string>> FetchAsync(string reference, RegistryCredential? credential, CancellationToken cancellation)
    {
        if (archives is not null)
        {
            var archive = await archives.OpenAsync(reference, cancellation).ConfigureAwait(false);
            if (archive is not null)
            {
                await using var disposing = archive.ConfigureAwait(false);
                return await engine.Images.LoadAsync(archive, cancellation).ConfigureAwait(false);
            }
        }

        await engine.Images.PullAsync(reference, credential, cancellation).ConfigureAwait(false);
        return [];
    }
}
