using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace Capstan.LocalCluster.Node.Streaming.Spdy;

/// <summary>The server's side of a SPDY/3.1 connection, as far as Kubernetes' clients speak it: they open streams and know no flow control.</summary>
/// <param name="transport">The connection.</param>
/// <param name="opened">Told of each stream; must return at once.</param>
internal sealed class SpdySession(Stream transport, Action<SpdyStream> opened) : IDisposable
{
    private const int MostBytes = 1 << 20;
    private const int MostStreams = 256;
    private const byte Fin = 1;

    private readonly SpdyHeaders _headers = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ConcurrentDictionary<uint, SpdyStream> _streams = [];

    private enum Frame : ushort
    {
        SynStream = 1,
        SynReply = 2,
        RstStream = 3,
        Ping = 6,
        GoAway = 7,
        Headers = 8,
    }

    /// <summary>Reads until the caller goes.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var head = new byte[8];
        try
        {
            while (await transport.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false) == head.Length)
            {
                var length = (int)(BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(4)) & 0xffffff);
                if (length > MostBytes)
                {
                    return;
                }

                var body = new byte[length];
                await transport.ReadExactlyAsync(body, cancellation).ConfigureAwait(false);
                if (!await TakeAsync(head, body, cancellation).ConfigureAwait(false))
                {
                    return;
                }
            }
        }
        catch (IOException)
        {
            // The caller went away in the middle of a frame, or sent what is none.
            return;
        }
        finally
        {
            foreach (var stream in _streams.Values)
            {
                stream.End();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _writing.Dispose();

    internal ValueTask SendDataAsync(uint id, ReadOnlyMemory<byte> bytes, bool end, CancellationToken cancellation)
    {
        var frame = new byte[8 + bytes.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, id);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), (uint)bytes.Length | (end ? (uint)Fin << 24 : 0));
        bytes.CopyTo(frame.AsMemory(8));
        return SendAsync(frame, cancellation);
    }

    // Whether to go on.
    private async ValueTask<bool> TakeAsync(byte[] head, byte[] body, CancellationToken cancellation)
    {
        var first = BinaryPrimitives.ReadUInt32BigEndian(head);
        var ends = (head[4] & Fin) != 0;
        if ((first & 0x80000000) == 0)
        {
            if (_streams.TryGetValue(first, out var stream))
            {
                if (body.Length > 0)
                {
                    await stream.TakeAsync(body, cancellation).ConfigureAwait(false);
                }

                EndIf(ends, stream);
            }

            return true;
        }

        switch ((Frame)(first & 0xffff))
        {
            case Frame.SynStream when body.Length >= 10:
                return await OpenAsync(body, ends, cancellation).ConfigureAwait(false);
            case Frame.Headers when body.Length >= 4:
                _headers.Read(body[4..]);
                return true;
            case Frame.RstStream when body.Length >= 4:
                EndIf(_streams.TryRemove(BinaryPrimitives.ReadUInt32BigEndian(body), out var reset), reset);
                return true;
            case Frame.Ping when body.Length == 4:
                await SendAsync(Control(Frame.Ping, body), cancellation).ConfigureAwait(false);
                return true;
            case Frame.GoAway:
                return false;
            default:
                return true;
        }
    }

    private async ValueTask<bool> OpenAsync(byte[] body, bool ends, CancellationToken cancellation)
    {
        var id = BinaryPrimitives.ReadUInt32BigEndian(body) & 0x7fffffff;
        var stream = new SpdyStream(this, id, _headers.Read(body[10..]));
        if (_streams.Count >= MostStreams || !_streams.TryAdd(id, stream))
        {
            return false;
        }

        EndIf(ends, stream);
        await ReplyAsync(id, cancellation).ConfigureAwait(false);
        opened(stream);
        return true;
    }

    private async ValueTask ReplyAsync(uint id, CancellationToken cancellation)
    {
        // Blocks must be sent in the order in which they were compressed.
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var block = _headers.Write(new Dictionary<string, string>());
            var reply = new byte[4 + block.Length];
            BinaryPrimitives.WriteUInt32BigEndian(reply, id);
            block.CopyTo(reply, 4);
            await transport.WriteAsync(Control(Frame.SynReply, reply), cancellation).ConfigureAwait(false);
            await transport.FlushAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
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

    private static byte[] Control(Frame type, byte[] body)
    {
        var frame = new byte[8 + body.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, 0x80030000u | (ushort)type);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), (uint)body.Length);
        body.CopyTo(frame, 8);
        return frame;
    }

    private static void EndIf(bool ends, SpdyStream? stream)
    {
        if (ends)
        {
            stream?.End();
        }
    }
}
