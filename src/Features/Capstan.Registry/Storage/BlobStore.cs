using Capstan.Oci.Content;
using Capstan.Oci.References;

namespace Capstan.Registry.Storage;

/// <summary>
/// Content by digest, kept once, and which repository has which of it. A file here is whole and is what its name says, since it was checked and
/// flushed before it got that name.
/// </summary>
internal sealed class BlobStore(RegistryFolders folders, TimeProvider time) : IDisposable
{
    private readonly KeyedTurns _turns = new();
    private long _totalBytes;

    /// <summary>The bytes of all blobs.</summary>
    public long TotalBytes => Interlocked.Read(ref _totalBytes);

    public void Start()
    {
        foreach (var folder in (string[])[folders.Blobs, folders.Drafts, folders.Damaged, folders.Repositories]) DurableFiles.EnsureFolder(folder);
        foreach (var draft in Directory.EnumerateFiles(folders.Drafts)) File.Delete(draft);
        _totalBytes = RegistryFolders.DigestsIn(folders.Blobs).Sum(b => b.File.Length);
    }

    public bool IsLinked(ImageName name, Digest digest) => File.Exists(folders.BlobLink(name, digest)) && File.Exists(folders.Blob(digest));

    /// <summary>Takes a flushed file in as a blob; the file is gone afterwards.</summary>
    public async Task TakeInAsync(string file, Digest digest, CancellationToken cancellation)
    {
        using var turn = await _turns.TakeAsync(digest.Hex, cancellation).ConfigureAwait(false);
        TakeIn(file, digest);
    }

    /// <summary>Takes a flushed file in as a blob of a repository.</summary>
    public async Task TakeInAsync(string file, ImageName name, Digest digest, CancellationToken cancellation)
    {
        using var turn = await _turns.TakeAsync(digest.Hex, cancellation).ConfigureAwait(false);
        TakeIn(file, digest);
        Link(name, digest);
    }

    /// <summary>Writes small content.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> content, Digest digest, CancellationToken cancellation)
    {
        var draft = Path.Combine(folders.Drafts, Guid.NewGuid().ToString("N"));
        try
        {
            using (var handle = File.OpenHandle(draft, FileMode.CreateNew, FileAccess.Write))
            {
                RandomAccess.Write(handle, content.Span, 0);
                RandomAccess.FlushToDisk(handle);
            }

            await TakeInAsync(draft, digest, cancellation).ConfigureAwait(false);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Gives a repository a blob that another has.</summary>
    /// <returns>False when the other does not have it.</returns>
    public async Task<bool> MountAsync(ImageName name, ImageName from, Digest digest, CancellationToken cancellation)
    {
        using var turn = await _turns.TakeAsync(digest.Hex, cancellation).ConfigureAwait(false);
        if (!IsLinked(from, digest)) return false;
        Touch(folders.Blob(digest));
        Link(name, digest);
        return true;
    }

    /// <summary>Says that somebody counts on a blob of a repository: the grace time begins anew. The repository's turn must be held.</summary>
    public void Touch(ImageName name, Digest digest) => Touch(folders.BlobLink(name, digest));

    /// <summary>The same without the repository's turn.</summary>
    /// <returns>Whether the blob is there still.</returns>
    public async Task<bool> TouchAsync(ImageName name, Digest digest, CancellationToken cancellation)
    {
        using var turn = await _turns.TakeAsync(digest.Hex, cancellation).ConfigureAwait(false);
        if (!IsLinked(name, digest)) return false;
        Touch(name, digest);
        return true;
    }

    /// <summary>Takes a blob away from a repository; others keep it.</summary>
    public bool Unlink(ImageName name, Digest digest) => DurableFiles.Remove(folders.BlobLink(name, digest));

    /// <summary>Takes a blob away from a repository unless somebody counted on it since a moment.</summary>
    public async Task<bool> UnlinkAsync(ImageName name, Digest digest, DateTimeOffset notSince, CancellationToken cancellation)
    {
        using var turn = await _turns.TakeAsync(digest.Hex, cancellation).ConfigureAwait(false);
        return new FileInfo(folders.BlobLink(name, digest)) is { Exists: true } link && link.LastWriteTimeUtc < notSince.UtcDateTime && Unlink(name, digest);
    }

    /// <summary>Deletes content unless somebody counted on it since a moment.</summary>
    public async Task<long> DeleteAsync(Digest digest, DateTimeOffset notSince, CancellationToken cancellation)
    {
        using var turn = await _turns.TakeAsync(digest.Hex, cancellation).ConfigureAwait(false);
        var file = new FileInfo(folders.Blob(digest));
        if (!file.Exists || file.LastWriteTimeUtc >= notSince.UtcDateTime) return 0;
        var length = file.Length;
        DurableFiles.Remove(file.FullName);
        Interlocked.Add(ref _totalBytes, -length);
        return length;
    }

    /// <summary>Puts content aside that is no longer what its name says, so that it can be pushed again.</summary>
    public async Task SetAsideAsync(Digest digest, CancellationToken cancellation)
    {
        using var turn = await _turns.TakeAsync(digest.Hex, cancellation).ConfigureAwait(false);
        var file = new FileInfo(folders.Blob(digest));
        if (!file.Exists) return;
        Interlocked.Add(ref _totalBytes, -file.Length);
        DurableFiles.MoveInto(file.FullName, Path.Combine(folders.Damaged, $"{digest.AlgorithmName}-{digest.Hex}"));
        DurableFiles.FlushFolder(Path.GetDirectoryName(folders.Blob(digest))!);
    }

    /// <inheritdoc/>
    public void Dispose() => _turns.Dispose();

    private void TakeIn(string file, Digest digest)
    {
        var place = new FileInfo(folders.Blob(digest));
        var length = new FileInfo(file).Length;
        if (place.Exists && place.Length == length)
        {
            Touch(place.FullName);
            File.Delete(file);
            return;
        }

        DurableFiles.EnsureFolder(place.DirectoryName!);
        File.SetLastWriteTimeUtc(file, time.GetUtcNow().UtcDateTime);
        Interlocked.Add(ref _totalBytes, length - (place.Exists ? place.Length : 0));
        DurableFiles.MoveInto(file, place.FullName);
    }

    private void Link(ImageName name, Digest digest)
    {
        var link = folders.BlobLink(name, digest);
        if (!File.Exists(link))
        {
            DurableFiles.EnsureFolder(Path.GetDirectoryName(link)!);
            File.OpenHandle(link, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
            DurableFiles.FlushFolder(Path.GetDirectoryName(link)!);
        }

        Touch(link);
    }

    private void Touch(string path)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
        }
        catch (FileNotFoundException)
        {
            // It went a moment ago: whoever counts on it finds out when the manifest comes.
        }
    }
}
