using Capstan.Oci.Content;
using Microsoft.Win32.SafeHandles;

namespace Capstan.Registry.Uploads;

/// <summary>One upload while a request has its turn: a file that grows at its end, hashed as it grows.</summary>
internal sealed class Upload : IDisposable
{
    private const int CopyBytes = 128 * 1024;
    private readonly SafeFileHandle _file;
    private readonly UploadState _state;

    public Upload(UploadState state)
    {
        _state = state;
        _file = File.OpenHandle(state.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        Length = RandomAccess.GetLength(_file);
    }

    /// <summary>How many bytes are here.</summary>
    public long Length { get; private set; }

    /// <summary>Appends what comes; what came before a failure stays.</summary>
    /// <param name="body">The bytes.</param>
    /// <param name="admit">Called with the length to be before each piece is written; throws to refuse it.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task AppendAsync(Stream body, Action<long> admit, CancellationToken cancellation)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
            {
                admit(Length + read);
                RandomAccess.Write(_file, buffer.AsSpan(0, read), Length);
                if (_state.Hasher.Length == Length) _state.Hasher.Append(buffer.AsSpan(0, read));
                Length += read;
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The digest of all that is here. The running hash serves where it has seen all of it; after a restart, or for another algorithm, the file is read.</summary>
    public Digest DigestOf(DigestAlgorithm algorithm)
    {
        if (_state.Hasher.Algorithm == algorithm && _state.Hasher.Length == Length) return _state.Hasher.Current();
        using var hasher = new ContentHasher(algorithm);
        var buffer = new byte[CopyBytes];
        int read;
        while (hasher.Length < Length && (read = RandomAccess.Read(_file, buffer, hasher.Length)) > 0) hasher.Append(buffer.AsSpan(0, read));
        return hasher.Current();
    }

    /// <summary>Flushes the content to the disk.</summary>
    public void Flush() => RandomAccess.FlushToDisk(_file);

    /// <summary>Lets the next request have its turn.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _state.Turn.Release();
    }
}

/// <summary>What is known of an upload between two requests.</summary>
/// <param name="id">Its name.</param>
/// <param name="path">Its file.</param>
/// <param name="algorithm">The hash that is kept while it grows.</param>
internal sealed class UploadState(string id, string path, DigestAlgorithm algorithm)
{
    public string Id => id;

    public string Path => path;

    public SemaphoreSlim Turn { get; } = new(1, 1);

    public ContentHasher Hasher { get; } = new(algorithm);

    public bool Ended { get; set; }
}
