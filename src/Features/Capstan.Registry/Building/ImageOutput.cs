using Capstan.Oci.Content;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.OciClient;

namespace Capstan.Registry.Building;

/// <summary>Where a built image goes.</summary>
public static class ImageOutput
{
    /// <summary>Pushes it: blobs first, the tag last. Blobs of base images of the same registry are mounted.</summary>
    public static async Task PushAsync(BuiltImage image, ImageReference target, RegistryClient client, CancellationToken cancellation)
    {
        foreach (var (blob, open) in image.Blobs)
        {
            var from = image.From.TryGetValue(blob.Digest, out var source) && source.Registry == target.Registry ? source.Name : null;
            await client.PushBlobAsync(target, blob, open, from, cancellation).ConfigureAwait(false);
        }

        foreach (var (manifest, content) in image.Manifests)
        {
            var isRoot = manifest.Digest == image.Root.Digest;
            await client.PushManifestAsync(isRoot ? target with { Digest = null } : target with { Tag = null, Digest = null }, manifest.MediaType, content, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the image of an OCI layout that holds one.</summary>
    public static async Task<BuiltImage> ReadLayoutAsync(string folder, CancellationToken cancellation)
    {
        string PathOf(Descriptor d) => Digest.Parse(d.Digest) is var digest ? Path.Combine(folder, "blobs", digest.AlgorithmName, digest.Hex) : "";
        var index = OciJson.Read(await File.ReadAllBytesAsync(Path.Combine(folder, "index.json"), cancellation).ConfigureAwait(false), OciJson.Index);
        var root = index.Manifests.Single() with { Annotations = null };
        var (manifests, blobs) = (new List<(Descriptor, byte[])>(), new Dictionary<string, (Descriptor, Func<Stream>)>());
        var content = await File.ReadAllBytesAsync(PathOf(root), cancellation).ConfigureAwait(false);
        foreach (var child in ManifestFacts.Read(content, root.MediaType).Children) Add(child, await File.ReadAllBytesAsync(PathOf(child), cancellation).ConfigureAwait(false));
        Add(root, content);
        return new BuiltImage(root, manifests, [.. blobs.Values], new Dictionary<string, ImageReference>());

        void Add(Descriptor manifest, byte[] bytes)
        {
            foreach (var blob in ManifestFacts.Read(bytes, manifest.MediaType).Blobs) blobs[blob.Digest] = (blob, () => File.OpenRead(PathOf(blob)));
            manifests.Add((manifest, bytes));
        }
    }

    /// <summary>Writes it as an OCI layout into a folder, which skopeo, podman and others read as <c>oci:FOLDER:TAG</c>.</summary>
    public static async Task WriteLayoutAsync(BuiltImage image, string folder, string? tag, CancellationToken cancellation)
    {
        var blobs = Path.Combine(folder, "blobs", "sha256");
        Directory.CreateDirectory(blobs);
        foreach (var (blob, open) in image.Blobs)
        {
            var source = open();
            await using (source.ConfigureAwait(false))
            {
                var file = new FileStream(Path.Combine(blobs, Digest.Parse(blob.Digest).Hex), FileMode.Create);
                await using (file.ConfigureAwait(false)) await source.CopyToAsync(file, cancellation).ConfigureAwait(false);
            }
        }

        foreach (var (manifest, content) in image.Manifests) await File.WriteAllBytesAsync(Path.Combine(blobs, Digest.Parse(manifest.Digest).Hex), content, cancellation).ConfigureAwait(false);
        var named = image.Root with { Annotations = tag is null ? null : new Dictionary<string, string> { ["org.opencontainers.image.ref.name"] = tag } };
        await File.WriteAllTextAsync(Path.Combine(folder, "oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}", cancellation).ConfigureAwait(false);
        await File.WriteAllBytesAsync(Path.Combine(folder, "index.json"), OciJson.Write(new ImageIndex { MediaType = MediaTypes.ImageIndex, Manifests = [named] }, OciJson.Index), cancellation).ConfigureAwait(false);
    }
}
