using System.Buffers.Binary;

namespace Capstan.GitHost.Protocol;

/// <summary>
/// Passes a gzip stream on and remembers its end, where the length of the content stands (RFC 1952, ISIZE). The decompressor is content
/// when the end is missing; a request that was cut off there must not be taken for a whole one.
/// </summary>
internal sealed class GzipTail(Stream inner) : Stream
{
    private uint _tail;
    private long _length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException("The length of a request is not known before its end.");

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException("A request cannot be read twice.");
    }

    /// <summary>Whether the stream ended, and its end says that the content has this many bytes.</summary>
    public bool Promises(long contentLength) => _length >= 18 && _tail == (uint)contentLength;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Remember(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A request cannot be read twice.");

    public override void SetLength(long value) => throw new NotSupportedException("A request cannot be written to.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A request cannot be written to.");

    private void Remember(ReadOnlySpan<byte> bytes)
    {
        _length += bytes.Length;
        if (bytes.Length >= 4)
        {
            _tail = BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]);
            return;
        }

        foreach (var one in bytes)
        {
            _tail = (_tail >> 8) | ((uint)one << 24);
        }
    }
}
