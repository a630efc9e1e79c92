using Capstan.Oci.Content;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.Registry.Storage;

namespace Capstan.Registry.Reading;

/// <summary>What the registry holds, for people: read only, and nothing of it goes over the network.</summary>
/// <param name="store">The registry.</param>
public sealed class ImageReader(ImageStore store)
{
    private const int LargestConfig = 1 << 20;

    /// <summary>A manifest; null when the repository has it not.</summary>
    public StoredImage? Find(ImageName name, Digest digest)
    {
        if (store.Manifests.Find(name, digest) is not { } stored || store.Manifests.FactsOf(name, digest) is not { } facts) return null;
        var config = MediaTypes.IsImage(stored.MediaType) ? ReadConfig(stored) : null;
        return new StoredImage(digest, stored.MediaType, facts, facts.Blobs.Sum(b => b.Size) + stored.Content.Length, config);
    }

    /// <summary>When somebody last pushed a manifest or counted on it; null when it is not there.</summary>
    public DateTimeOffset? TouchedAt(ImageName name, Digest digest) =>
        store.HasManifest(name, digest) ? new DateTimeOffset(File.GetLastWriteTimeUtc(store.Folders.ManifestLink(name, digest)), TimeSpan.Zero) : null;

    /// <summary>What refers to a manifest: signatures, provenance and other artifacts.</summary>
    public IReadOnlyList<Descriptor> ReferrersOf(ImageName name, Digest subject) => [.. store.Manifests.ReferrersOf(name, subject)];

    private ImageConfig? ReadConfig(StoredManifest stored)
    {
        try
        {
            var config = OciJson.Read(stored.Content, OciJson.Manifest).Config;
            if (config.MediaType is not (MediaTypes.ImageConfig or MediaTypes.DockerConfig) || config.Size > LargestConfig || !Digest.TryParse(config.Digest, out var digest)) return null;
            return ReadBlob(digest) is { } bytes ? OciJson.Read(bytes, OciJson.Config) : null;
        }
        catch (FormatException)
        {
            // Anybody may push a manifest that calls something a config that is none.
            return null;
        }
    }

    private byte[]? ReadBlob(Digest digest)
    {
        try
        {
            return File.ReadAllBytes(store.Folders.Blob(digest));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}

/// <summary>A manifest that the registry holds.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="MediaType">What it is.</param>
/// <param name="Facts">What it says.</param>
/// <param name="Bytes">The bytes of all that it is made of, each blob once, shared ones too.</param>
/// <param name="Config">The image's configuration; null for what is no image.</param>
public sealed record StoredImage(Digest Digest, string MediaType, ManifestFacts Facts, long Bytes, ImageConfig? Config);
