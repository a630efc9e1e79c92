using System.Threading.Channels;

namespace Capstan.LocalCluster.Node.Streaming.Spdy;

/// <summary>One stream of a SPDY connection, opened by the caller.</summary>
internal sealed class SpdyStream
{
    private const int MostWaiting = 64;

    private readonly SpdySession _session;
    private readonly uint _id;
    private readonly Channel<byte[]> _incoming = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MostWaiting) { SingleReader = true, SingleWriter = true });
    private bool _closed;

    internal SpdyStream(SpdySession session, uint id, IReadOnlyDictionary<string, string> headers) => (_session, _id, Headers) = (session, id, headers);

    /// <summary>What the caller says of it.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>What comes next; null when the caller has closed its side.</summary>
    public async ValueTask<byte[]?> ReadAsync(CancellationToken cancellation)
    {
        while (await _incoming.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            if (_incoming.Reader.TryRead(out var bytes))
            {
                return bytes;
            }
        }

        return null;
    }

    /// <summary>Sends to the caller.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => _session.SendDataAsync(_id, bytes, end: false, cancellation);

    /// <summary>Closes this side; once is enough.</summary>
    public ValueTask CloseAsync(CancellationToken cancellation)
    {
        if (_closed)
        {
            return ValueTask.CompletedTask;
        }

        _closed = true;
        return _session.SendDataAsync(_id, ReadOnlyMemory<byte>.Empty, end: true, cancellation);
    }

    internal ValueTask TakeAsync(byte[] bytes, CancellationToken cancellation) => _incoming.Writer.WriteAsync(bytes, cancellation);

    internal void End() => _incoming.Writer.TryComplete();
}
