using System.Net.WebSockets;

namespace Capstan.LocalCluster.Node.Streaming;

/// <summary>Remote commands over a WebSocket: each message begins with the number of its channel (v4, v5.channel.k8s.io).</summary>
internal sealed class WebSocketChannels(WebSocket socket) : IRemoteChannels, IDisposable
{
    /// <summary>The protocols spoken, the best first.</summary>
    public static readonly string[] Protocols = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

    // v5: a message on this channel closes the one that it names.
    private const byte CloseChannel = 255;
    private const int MostBytes = 1 << 20;

    private readonly SemaphoreSlim _writing = new(1);
    private byte[] _buffer = new byte[32 * 1024];

    public async ValueTask<RemoteInput?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var length = await ReadMessageAsync(cancellation).ConfigureAwait(false);
            if (length < 0)
            {
                return null;
            }

            if (length == 0)
            {
                continue;
            }

            if (_buffer[0] == CloseChannel)
            {
                return length > 1 ? new RemoteInput((RemoteChannel)_buffer[1], default, Ended: true) : null;
            }

            return new RemoteInput((RemoteChannel)_buffer[0], _buffer.AsMemory(1, length - 1), Ended: false);
        }
    }

    public async ValueTask WriteAsync(RemoteChannel channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var message = new byte[bytes.Length + 1];
        message[0] = (byte)channel;
        bytes.CopyTo(message.AsMemory(1));
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask CloseAsync(CancellationToken cancellation)
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancellation).ConfigureAwait(false);
        }
    }

    public void Dispose() => _writing.Dispose();

    private async ValueTask<int> ReadMessageAsync(CancellationToken cancellation)
    {
        var length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult read;
            try
            {
                read = await socket.ReceiveAsync(_buffer.AsMemory(length), cancellation).ConfigureAwait(false);
            }
            catch (WebSocketException)
            {
                // The caller went away without a word.
                return -1;
            }

            if (read.MessageType == WebSocketMessageType.Close)
            {
                return -1;
            }

            length += read.Count;
            if (read.EndOfMessage)
            {
                return length;
            }

            if (length == _buffer.Length)
            {
                if (length >= MostBytes)
                {
                    return -1;
                }

                Array.Resize(ref _buffer, _buffer.Length * 2);
            }
        }
    }
}
