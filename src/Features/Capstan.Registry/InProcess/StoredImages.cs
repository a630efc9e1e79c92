using System.Formats.Tar;
using System.Text;
using Capstan.Oci.Content;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.Registry.Storage;

namespace Capstan.Registry.InProcess;

/// <summary>Hands out whole images of the store, for container engines of this machine.</summary>
/// <param name="store">All that the registry keeps.</param>
public sealed class StoredImages(ImageStore store)
{
    /// <summary>The image as an OCI layout in a tar, which Podman and Docker load; null when the registry has no such image.</summary>
    /// <param name="image">The image, by digest or tag.</param>
    /// <param name="platform">Which image of an index is taken.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Stream?> OpenArchiveAsync(ImageReference image, Platform platform, CancellationToken cancellation)
    {
        if ((image.Digest ?? store.FindTag(image.Name, image.Tag ?? Tag.Latest)) is not { } digest || store.Manifests.Find(image.Name, digest) is not { } root) return null;
        if (MediaTypes.IsIndex(root.MediaType))
        {
            var child = ManifestFacts.Read(root.Content, root.MediaType).Children.FirstOrDefault(c => c.Platform is { } p && p.System == platform.System && p.Architecture == platform.Architecture);
            if (child is null || store.Manifests.Find(image.Name, Digest.Parse(child.Digest)) is not { } of) return null;
            root = of;
        }

        // Under a tag that is made of the digest, an engine finds it by tag and by digest.
        var name = $"{image.Registry}/{image.Name}:{(image.Tag ?? Tag.Parse(digest.Hex[..40])).Text}";
        var archive = new FileStream(Path.Combine(store.Folders.Drafts, Guid.NewGuid().ToString("N")), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 81920, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        try
        {
            await WriteAsync(archive, root, name, cancellation).ConfigureAwait(false);
            archive.Position = 0;
            return archive;
        }
        catch
        {
            await archive.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task WriteAsync(Stream archive, StoredManifest root, string name, CancellationToken cancellation)
    {
        var described = new Descriptor { MediaType = root.MediaType, Digest = root.Digest.ToString(), Size = root.Content.Length, Annotations = new Dictionary<string, string> { ["org.opencontainers.image.ref.name"] = name } };
        var tar = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true);
        await using (tar.ConfigureAwait(false))
        {
            await AddAsync(tar, "oci-layout", new MemoryStream(Encoding.UTF8.GetBytes("{\"imageLayoutVersion\":\"1.0.0\"}")), cancellation).ConfigureAwait(false);
            await AddAsync(tar, "index.json", new MemoryStream(OciJson.Write(new ImageIndex { MediaType = MediaTypes.ImageIndex, Manifests = [described] }, OciJson.Index)), cancellation).ConfigureAwait(false);
            await AddAsync(tar, PathOf(root.Digest), new MemoryStream(root.Content), cancellation).ConfigureAwait(false);
            foreach (var digest in ManifestFacts.Read(root.Content, root.MediaType).Blobs.Select(b => Digest.Parse(b.Digest)).Distinct())
            {
                var blob = File.OpenRead(store.Folders.Blob(digest));
                await using (blob.ConfigureAwait(false)) await AddAsync(tar, PathOf(digest), blob, cancellation).ConfigureAwait(false);
            }
        }
    }

    private static string PathOf(Digest digest) => $"blobs/{digest.AlgorithmName}/{digest.Hex}";

    private static Task AddAsync(TarWriter tar, string path, Stream content, CancellationToken cancellation) =>
        tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, path) { DataStream = content, ModificationTime = DateTimeOffset.UnixEpoch }, cancellation);
}
