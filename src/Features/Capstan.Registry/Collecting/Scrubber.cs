using Capstan.Oci.Content;
using Capstan.Registry.Storage;

namespace Capstan.Registry.Collecting;

/// <summary>Reads what is on the disk and puts aside what is no longer what its name says (bit rot), so that it is not served and can be pushed again.</summary>
/// <param name="store">All that the registry keeps.</param>
public sealed class Scrubber(ImageStore store)
{
    private const int ReadBytes = 1 << 20;

    /// <summary>Looks at every blob once.</summary>
    /// <returns>The damaged ones.</returns>
    public async Task<IReadOnlyList<Digest>> ScrubAsync(CancellationToken cancellation)
    {
        var damaged = new List<Digest>();
        foreach (var (digest, file) in RegistryFolders.DigestsIn(store.Folders.Blobs))
        {
            cancellation.ThrowIfCancellationRequested();
            if (await IsWholeAsync(digest, file.FullName, cancellation).ConfigureAwait(false)) continue;
            await store.Blobs.SetAsideAsync(digest, cancellation).ConfigureAwait(false);
            damaged.Add(digest);
        }

        return damaged;
    }

    private static async Task<bool> IsWholeAsync(Digest digest, string path, CancellationToken cancellation)
    {
        try
        {
            using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
            using var hasher = new ContentHasher(digest.Algorithm);
            var buffer = new byte[ReadBytes];
            int read;
            while ((read = await RandomAccess.ReadAsync(file, buffer, hasher.Length, cancellation).ConfigureAwait(false)) > 0) hasher.Append(buffer.AsSpan(0, read));
            return hasher.Current() == digest;
        }
        catch (FileNotFoundException)
        {
            // Collected meanwhile.
            return true;
        }
    }
}
