using System.Security.Cryptography;

namespace Capstan.Sources.Http;

/// <summary>
/// Files by the hash of their content. A file appears whole or not at all, whoever writes it at the same time, in this process or another:
/// it is written aside and renamed. It is a cache: all of it may be deleted at any time.
/// </summary>
internal sealed class ContentStore
{
    private readonly string _files;
    private readonly string _notes;
    private readonly long _maxBytes;
    private long _written;

    public ContentStore(string folder, long maxBytes)
    {
        (_files, _notes, _maxBytes) = (Path.Combine(folder, "files"), Path.Combine(folder, "urls"), maxBytes);
        Directory.CreateDirectory(_files);
        Directory.CreateDirectory(_notes);
        Trim();
    }

    public StoredFile? Find(string sha256)
    {
        // What is no hash could be a path.
        if (sha256.Length != 64 || !sha256.All(char.IsAsciiHexDigit))
        {
            return null;
        }

        var path = Path.Combine(_files, sha256.ToLowerInvariant());
        return File.Exists(path) ? new StoredFile(sha256.ToLowerInvariant(), path) : null;
    }

    /// <summary>Stores a stream, at most so many bytes of it.</summary>
    /// <exception cref="SourceException">It is longer.</exception>
    public async Task<StoredFile> AddAsync(Stream content, long maxBytes, string shownAs, CancellationToken cancellation)
    {
        var aside = Path.Combine(_files, $".{Guid.NewGuid():N}");
        try
        {
            string sha256;
            using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
            {
                await using (var file = new FileStream(aside, FileMode.CreateNew, FileAccess.Write, FileShare.None))
                {
                    var buffer = new byte[64 * 1024];
                    var total = 0L;
                    for (int read; (read = await content.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
                    {
                        if ((total += read) > maxBytes)
                        {
                            throw new SourceException(SourceProblem.TooLarge, $"{shownAs}: the file has more than the {maxBytes:N0} bytes allowed");
                        }

                        hash.AppendData(buffer, 0, read);
                        await file.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
                    }

                    Interlocked.Add(ref _written, total);
                }

                sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
            }

            var path = Path.Combine(_files, sha256);
            File.Move(aside, path, overwrite: true);
            if (Interlocked.Read(ref _written) > _maxBytes / 8)
            {
                Interlocked.Exchange(ref _written, 0);
                Trim();
            }

            return new StoredFile(sha256, path);
        }
        finally
        {
            File.Delete(aside);
        }
    }

    /// <summary>What was noted of a URL; null when nothing was, or when its file is gone.</summary>
    public UrlNote? Note(string url)
    {
        try
        {
            var lines = File.ReadAllLines(NotePath(url));
            return lines is [var known, var sha256, var tag, var modified] && known == url && Find(sha256) is { } file ? new UrlNote(file, tag, modified) : null;
        }
        catch (IOException)
        {
            // No note is like a lost one: the file is fetched.
            return null;
        }
    }

    public void Remember(string url, UrlNote note)
    {
        var path = NotePath(url);
        var aside = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllLines(aside, [url, note.File.Sha256, note.Tag.ReplaceLineEndings(""), note.Modified.ReplaceLineEndings("")]);
        File.Move(aside, path, overwrite: true);
    }

    private string NotePath(string url) => Path.Combine(_notes, Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(url))));

    private void Trim()
    {
        var files = new DirectoryInfo(_files).GetFiles().OrderByDescending(f => f.LastWriteTimeUtc).ToArray();
        var total = 0L;
        foreach (var file in files)
        {
            if ((total += file.Length) > _maxBytes)
            {
                file.Delete();
            }
        }
    }
}

/// <summary>What is known of a URL.</summary>
/// <param name="File">Its content when it was last asked for.</param>
/// <param name="Tag">The server's tag for it; empty when it gave none.</param>
/// <param name="Modified">The server's date for it; empty when it gave none.</param>
internal sealed record UrlNote(StoredFile File, string Tag, string Modified);
