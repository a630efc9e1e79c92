using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Capstan.LocalCluster.Node.Streaming.Spdy;

/// <summary>Why a stream is ended before its end (SPDY protocol, draft 3.1, 2.4.2).</summary>
internal enum SpdyReset
{
    ProtocolError = 1,
    RefusedStream = 3,
    Cancel = 5,
}

/// <summary>
/// The answering side of a SPDY/3.1 connection, as far as Kubernetes' clients speak it: streams that the client opens, data both ways, halves
/// that end, pings. Windows are not kept: neither client-go nor the kubelet does, what is slow holds the connection back.
/// </summary>
internal sealed class SpdyConnection(Stream transport) : IAsyncDisposable
{
    private const int HeaderLength = 8;
    private const int MostControl = 64 * 1024;
    private const int DataPiece = 32 * 1024;
    private const int MostStreams = 1_024;
    private const int Version = 3;
    private const byte Fin = 1;

    private readonly ConcurrentDictionary<int, SpdyStream> _streams = new();
    private readonly Channel<SpdyStream> _opened = Channel.CreateBounded<SpdyStream>(64);
    private readonly SemaphoreSlim _writing = new(1);
    private readonly SpdyHeaderReader _headers = new();
    private readonly SpdyHeaderWriter _answers = new();

    private enum Frame
    {
        Open = 1,
        Reply = 2,
        Reset = 3,
        Ping = 6,
        GoAway = 7,
    }

    /// <summary>The streams that the peer opens, until the connection ends.</summary>
    public IAsyncEnumerable<SpdyStream> OpenedAsync(CancellationToken cancellation) => _opened.Reader.ReadAllAsync(cancellation);

    /// <summary>Reads what comes until the peer goes; then all streams have ended.</summary>
    /// <exception cref="InvalidDataException">The peer does not speak SPDY/3.1.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            var header = new byte[HeaderLength];
            while (await ReadHeaderAsync(header, cancellation).ConfigureAwait(false))
            {
                var length = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4)) & 0x00ff_ffff;
                if ((header[0] & 0x80) == 0)
                {
                    await TakeDataAsync(BinaryPrimitives.ReadInt32BigEndian(header), length, (header[4] & Fin) != 0, cancellation).ConfigureAwait(false);
                    continue;
                }

                if (length > MostControl)
                {
                    throw new InvalidDataException($"A frame of {length} bytes says nothing that is known here.");
                }

                var body = new byte[length];
                await transport.ReadExactlyAsync(body, cancellation).ConfigureAwait(false);
                await TakeControlAsync((Frame)BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2)), header[4], body, cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            _opened.Writer.TryComplete();
            foreach (var stream in _streams.Values)
            {
                stream.EndInput();
            }
        }
    }

    /// <summary>Sends data of a stream.</summary>
    internal async ValueTask SendDataAsync(int stream, ReadOnlyMemory<byte> bytes, bool ends, CancellationToken cancellation)
    {
        do
        {
            var piece = bytes[..Math.Min(bytes.Length, DataPiece)];
            bytes = bytes[piece.Length..];
            var frame = new byte[HeaderLength + piece.Length];
            BinaryPrimitives.WriteInt32BigEndian(frame, stream);
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), piece.Length);
            frame[4] = ends && bytes.Length == 0 ? Fin : (byte)0;
            piece.Span.CopyTo(frame.AsSpan(HeaderLength));
            await SendAsync(frame, cancellation).ConfigureAwait(false);
        }
        while (bytes.Length > 0);
    }

    /// <summary>Ends a stream before its end.</summary>
    internal ValueTask ResetAsync(int stream, SpdyReset reason, CancellationToken cancellation)
    {
        var body = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(body, stream);
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(4), (int)reason);
        return SendAsync(Control(Frame.Reset, body), cancellation);
    }

    /// <summary>A stream both of whose halves ended needs no memory.</summary>
    internal void Forget(SpdyStream stream)
    {
        if (stream.InputEnded && stream.OutputEnded)
        {
            Remove(stream);
        }
    }

    /// <summary>The stream is over.</summary>
    internal void Remove(SpdyStream stream) => _streams.TryRemove(stream.Id, out _);

    public async ValueTask DisposeAsync()
    {
        _headers.Dispose();
        _writing.Dispose();
        await transport.DisposeAsync().ConfigureAwait(false);
    }

    private static byte[] Control(Frame type, ReadOnlySpan<byte> body)
    {
        var frame = new byte[HeaderLength + body.Length];
        BinaryPrimitives.WriteUInt16BigEndian(frame, 0x8000 | Version);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)type);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), body.Length);
        body.CopyTo(frame.AsSpan(HeaderLength));
        return frame;
    }

    private async Task<bool> ReadHeaderAsync(byte[] header, CancellationToken cancellation)
    {
        var read = await transport.ReadAtLeastAsync(header, HeaderLength, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        return read == HeaderLength || (read == 0 ? false : throw new InvalidDataException("The connection was cut within a frame."));
    }

    private async Task TakeDataAsync(int id, int length, bool ends, CancellationToken cancellation)
    {
        var stream = _streams.GetValueOrDefault(id);
        var buffer = new byte[Math.Min(length, DataPiece)];
        for (var left = length; left > 0;)
        {
            var piece = buffer.AsMemory(0, Math.Min(left, buffer.Length));
            await transport.ReadExactlyAsync(piece, cancellation).ConfigureAwait(false);
            left -= piece.Length;
            if (stream is { InputEnded: false })
            {
                // Who no longer reads has completed the reader: what comes is let go.
                await stream.Received.WriteAsync(piece, cancellation).ConfigureAwait(false);
            }
        }

        if (ends)
        {
            stream?.EndInput();
        }
    }

    private async Task TakeControlAsync(Frame type, byte flags, byte[] body, CancellationToken cancellation)
    {
        switch (type)
        {
            case Frame.Open when body.Length >= 10:
                await OpenAsync(BinaryPrimitives.ReadInt32BigEndian(body) & int.MaxValue, _headers.Read(body.AsSpan(10)), (flags & Fin) != 0, cancellation).ConfigureAwait(false);
                break;
            case Frame.Reset when body.Length >= 4:
                if (_streams.TryRemove(BinaryPrimitives.ReadInt32BigEndian(body) & int.MaxValue, out var reset))
                {
                    reset.EndInput();
                }

                break;
            case Frame.Ping:
                await SendAsync(Control(Frame.Ping, body), cancellation).ConfigureAwait(false);
                break;
            case Frame.GoAway:
                _opened.Writer.TryComplete();
                break;
            default:
                // Settings, windows and what is unknown may be passed over (draft 3.1, 2.2.1).
                break;
        }
    }

    private async Task OpenAsync(int id, Dictionary<string, string> headers, bool ended, CancellationToken cancellation)
    {
        var stream = new SpdyStream(this, id, headers);
        if (_streams.Count >= MostStreams || !_streams.TryAdd(id, stream))
        {
            await ResetAsync(id, SpdyReset.RefusedStream, cancellation).ConfigureAwait(false);
            return;
        }

        if (ended)
        {
            stream.EndInput();
        }

        await SendAsync(Reply(id), cancellation).ConfigureAwait(false);
        if (!await _opened.Writer.WaitToWriteAsync(cancellation).ConfigureAwait(false) || !_opened.Writer.TryWrite(stream))
        {
            // The peer said before that it goes.
            await stream.ResetAsync(cancellation).ConfigureAwait(false);
        }
    }

    private byte[] Reply(int id)
    {
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, id);
        return Control(Frame.Reply, [.. number, .. _answers.Write(new Dictionary<string, string>())]);
    }

    private async ValueTask SendAsync(byte[] frame, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await transport.WriteAsync(frame, cancellation).ConfigureAwait(false);
            await transport.FlushAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }
}
