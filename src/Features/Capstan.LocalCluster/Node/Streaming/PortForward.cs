using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Capstan.LocalCluster.Node.Streaming.Spdy;

namespace Capstan.LocalCluster.Node.Streaming;

/// <summary>
/// Forwards ports of a pod over one SPDY connection: for each connection that the client takes it opens two streams of one request, one for
/// what is said and one for what went wrong (kubelet, port-forward over HTTP streams).
/// </summary>
/// <param name="connection">The client.</param>
/// <param name="pod">The pod, as messages name it.</param>
/// <param name="connect">A connection to a port of the pod.</param>
internal sealed class PortForward(SpdyConnection connection, string pod, Func<int, CancellationToken, Task<Socket>> connect)
{
    /// <summary>The protocol that is spoken, by its name in <c>X-Stream-Protocol-Version</c>.</summary>
    public const string Protocol = "portforward.k8s.io";

    private const int MostPending = 256;
    private const int BufferBytes = 32 * 1024;

    private readonly Dictionary<string, SpdyStream> _errors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SpdyStream> _data = new(StringComparer.Ordinal);

    /// <summary>Forwards until the client goes.</summary>
    /// <exception cref="InvalidDataException">The client does not speak SPDY/3.1.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var reading = connection.RunAsync(leaving.Token);
        var forwarding = new List<Task>();
        try
        {
            await foreach (var stream in connection.OpenedAsync(leaving.Token).ConfigureAwait(false))
            {
                forwarding.RemoveAll(f => f.IsCompletedSuccessfully);
                if (Pair(stream) is { } pair)
                {
                    forwarding.Add(ForwardAsync(pair.Data, pair.Error, leaving.Token));
                }
                else if (_errors.Count + _data.Count > MostPending)
                {
                    throw new InvalidDataException($"{MostPending} streams wait for the other of their pair.");
                }
            }

            await reading.ConfigureAwait(false);
        }
        finally
        {
            await leaving.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll([.. forwarding, reading]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private (SpdyStream Data, SpdyStream Error)? Pair(SpdyStream stream)
    {
        var kind = stream.Headers.GetValueOrDefault("streamtype", "");
        if (kind is not ("data" or "error"))
        {
            throw new InvalidDataException($"A stream of type \"{kind}\" has no place in forwarding a port.");
        }

        // Clients before the header opened the error stream first and the other right after it.
        var request = stream.Headers.GetValueOrDefault("requestid") ?? (kind == "error" ? stream.Id : stream.Id - 2).ToString(CultureInfo.InvariantCulture);
        var (own, other) = kind == "data" ? (_data, _errors) : (_errors, _data);
        if (!other.Remove(request, out var found))
        {
            own[request] = stream;
            return null;
        }

        return kind == "data" ? (stream, found) : (found, stream);
    }

    private async Task ForwardAsync(SpdyStream data, SpdyStream error, CancellationToken cancellation)
    {
        var text = data.Headers.GetValueOrDefault("port", "");
        if (!ushort.TryParse(text, CultureInfo.InvariantCulture, out var port) || port == 0)
        {
            await FailAsync(data, error, $"\"{text}\" is no port", cancellation).ConfigureAwait(false);
            return;
        }

        Socket socket;
        try
        {
            socket = await connect(port, cancellation).ConfigureAwait(false);
        }
        catch (SocketException refused)
        {
            await FailAsync(data, error, $"error forwarding port {port} to pod {pod}: {refused.Message}", cancellation).ConfigureAwait(false);
            return;
        }

        using (socket)
        {
            try
            {
                await Task.WhenAll(InAsync(data, socket, cancellation), OutAsync(socket, data, cancellation)).ConfigureAwait(false);
                await error.CloseOutputAsync(cancellation).ConfigureAwait(false);
            }
            catch (SocketException broken)
            {
                await FailAsync(data, error, $"error forwarding port {port} to pod {pod}: {broken.Message}", cancellation).ConfigureAwait(false);
            }
        }
    }

    private static async Task InAsync(SpdyStream data, Socket socket, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await data.Input.ReadAsync(cancellation).ConfigureAwait(false);
            foreach (var piece in read.Buffer)
            {
                for (var rest = piece; rest.Length > 0;)
                {
                    rest = rest[await socket.SendAsync(rest, cancellation).ConfigureAwait(false)..];
                }
            }

            data.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    // When the program is done, so is the connection: what the client may still send has no reader.
    private static async Task OutAsync(Socket socket, SpdyStream data, CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        int read;
        while ((read = await socket.ReceiveAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            await data.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
        }

        await data.CloseOutputAsync(cancellation).ConfigureAwait(false);
    }

    private static async Task FailAsync(SpdyStream data, SpdyStream error, string message, CancellationToken cancellation)
    {
        await error.WriteAsync(Encoding.UTF8.GetBytes(message), cancellation).ConfigureAwait(false);
        await error.CloseOutputAsync(cancellation).ConfigureAwait(false);
        await data.ResetAsync(cancellation).ConfigureAwait(false);
    }
}
