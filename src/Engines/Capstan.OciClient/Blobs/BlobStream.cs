using Capstan.Oci.Content;

namespace Capstan.OciClient.Blobs;

/// <summary>
/// The content of a blob as it comes, checked: its end is reached only when length and digest are what they were said to be. A connection that
/// breaks off is taken up again where it broke.
/// </summary>
internal sealed class BlobStream(Digest digest, long size, Func<long, CancellationToken, Task<Stream>> openAsync, string where) : Stream
{
    private const int MostResumptions = 5;
    private readonly ContentHasher _hasher = new(digest.Algorithm);
    private Stream? _source;
    private int _resumptions;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => size;

    public override long Position
    {
        get => _hasher.Length;
        set => throw new NotSupportedException("A blob is read once, from its beginning.");
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0) return 0;
        while (true)
        {
            try
            {
                _source ??= await openAsync(_hasher.Length, cancellationToken).ConfigureAwait(false);
                var read = await _source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (read == 0 && _hasher.Length < size) throw new IOException("the connection ended early");
                return Take(buffer.Span[..read]);
            }
            catch (IOException e) when (e is not RegistryClientException && _hasher.Length == size && size > 0)
            {
                // All of it is here; the digest decides.
                return Take([]);
            }
            catch (Exception e) when (e is HttpRequestException or (IOException and not RegistryClientException))
            {
                if (++_resumptions > MostResumptions) throw new RegistryClientException(RegistryProblem.Unreachable, $"{where}: the blob {digest} broke off {_resumptions} times, last after {_hasher.Length} of {size} bytes", e);
                await CloseAsync().ConfigureAwait(false);
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A blob is read once, from its beginning.");

    public override void SetLength(long value) => throw new NotSupportedException("A blob cannot be written to.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A blob cannot be written to.");

    public override async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        _hasher.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _source?.Dispose();
            _hasher.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Take(ReadOnlySpan<byte> piece)
    {
        _hasher.Append(piece);
        if (_hasher.Length > size) throw new RegistryClientException(RegistryProblem.Corrupt, $"{where}: the blob {digest} has more than the {size} bytes that it was said to have");
        if (piece.Length == 0 && _hasher.Current() is var found && found != digest)
        {
            throw new RegistryClientException(RegistryProblem.Corrupt, $"{where}: what came as the blob {digest} is {found}");
        }

        return piece.Length;
    }

    private async ValueTask CloseAsync()
    {
        if (_source is not null) await _source.DisposeAsync().ConfigureAwait(false);
        _source = null;
    }
}
