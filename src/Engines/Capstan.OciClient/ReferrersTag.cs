using Capstan.Oci.Content;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;

namespace Capstan.OciClient;

/// <summary>The list of what refers to a manifest, on registries that keep none: an index under a tag made of the digest (distribution-spec, "Referrers Tag Schema").</summary>
internal sealed class ReferrersTag(RegistryClient client)
{
    public async Task<IReadOnlyList<Descriptor>> ListAsync(ImageReference repository, Digest subject, CancellationToken cancellation)
    {
        try
        {
            var manifest = await client.GetManifestAsync(At(repository, subject), cancellation).ConfigureAwait(false);
            return MediaTypes.IsIndex(manifest.MediaType) ? manifest.Facts.Children : [];
        }
        catch (RegistryClientException e) when (e.Problem == RegistryProblem.NotFound)
        {
            return [];
        }
    }

    public async Task AddAsync(ImageReference repository, Digest subject, Descriptor referrer, CancellationToken cancellation)
    {
        var there = await ListAsync(repository, subject, cancellation).ConfigureAwait(false);
        if (there.Any(d => d.Digest == referrer.Digest)) return;
        var index = new ImageIndex { MediaType = MediaTypes.ImageIndex, Manifests = [.. there, referrer] };
        await client.PushManifestAsync(At(repository, subject), MediaTypes.ImageIndex, OciJson.Write(index, OciJson.Index), cancellation).ConfigureAwait(false);
    }

    private static ImageReference At(ImageReference repository, Digest subject) =>
        repository with { Digest = null, Tag = Tag.Parse($"{subject.AlgorithmName}-{subject.Hex[..64]}") };
}
