using System.Net.WebSockets;
using System.Text;
using Capstan.Yaml;

namespace Capstan.Kubernetes;

/// <summary>What a terminal tells: bytes of its screen, or with <see cref="Ended"/> how the command ended.</summary>
/// <param name="Bytes">What the command wrote.</param>
/// <param name="Ended">How it ended, in words; null as long as it runs.</param>
public readonly record struct TerminalOutput(ReadOnlyMemory<byte> Bytes, string? Ended);

/// <summary>A command with a terminal in a container of a pod (the <c>exec</c> of Kubernetes, over a WebSocket). Reading and writing may go on at the same time.</summary>
public sealed class PodTerminal : IAsyncDisposable
{
    private const string Protocol = "v4.channel.k8s.io";
    private const byte Input = 0;
    private const byte Output = 1;
    private const byte Errors = 2;
    private const byte Status = 3;
    private const byte Size = 4;
    private const int LargestMessage = 1 << 20;
    private static readonly TimeSpan GreetingTime = TimeSpan.FromSeconds(20);

    private readonly ClientWebSocket _socket;
    private readonly HttpMessageInvoker _http;
    private readonly SemaphoreSlim _writing = new(1);
    private byte[] _buffer = new byte[32 * 1024];

    private PodTerminal(ClientWebSocket socket, HttpMessageInvoker http) => (_socket, _http) = (socket, http);

    internal static async Task<PodTerminal> OpenAsync(ClusterConnection connection, string space, string pod, string container, IReadOnlyList<string> command, CancellationToken cancellation)
    {
        var query = new StringBuilder($"stdin=true&stdout=true&tty=true&container={Uri.EscapeDataString(container)}");
        foreach (var word in command) query.Append("&command=").Append(Uri.EscapeDataString(word));
        var address = new UriBuilder(new Uri(connection.Server, $"api/v1/namespaces/{Uri.EscapeDataString(space)}/pods/{Uri.EscapeDataString(pod)}/exec")) { Query = query.ToString() };
        address.Scheme = address.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs;
        var socket = new ClientWebSocket();
        // A cluster that runs in this process has an address too; only there a connection is more than one request and one answer.
        var http = new HttpMessageInvoker(ClusterTransport.Create(connection));
        try
        {
            socket.Options.AddSubProtocol(Protocol);
            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(20);
            if (await connection.AuthorizationAsync(cancellation).ConfigureAwait(false) is { } authorization) socket.Options.SetRequestHeader("Authorization", authorization.ToString());
            using var greeting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            greeting.CancelAfter(GreetingTime);
            await socket.ConnectAsync(address.Uri, http, greeting.Token).ConfigureAwait(false);
            return new PodTerminal(socket, http);
        }
        catch (Exception e) when (e is WebSocketException or HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            var status = (int)socket.HttpStatusCode;
            socket.Dispose();
            http.Dispose();
            throw new ClusterUnreachableException(connection.ToString(), status >= 400 ? $"it answers {status} to a terminal in {space}/{pod}: the container does not run, or Capstan may not exec there" : e.Message, inner: e);
        }
        catch
        {
            socket.Dispose();
            http.Dispose();
            throw;
        }
    }

    /// <summary>Types.</summary>
    public Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => SendAsync(Input, bytes, cancellation);

    /// <summary>Tells how large the screen is.</summary>
    public Task ResizeAsync(int columns, int rows, CancellationToken cancellation) =>
        SendAsync(Size, JsonText.WriteBytes(YamlMap.Of(("Width", columns), ("Height", rows))), cancellation);

    /// <summary>The next that the command wrote, or its end. The bytes are good until the next call.</summary>
    public async Task<TerminalOutput> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var length = await ReceiveAsync(cancellation).ConfigureAwait(false);
            if (length < 0) return new TerminalOutput(default, "the connection was closed");
            if (length == 0) continue;
            var bytes = _buffer.AsMemory(1, length - 1);
            switch (_buffer[0])
            {
                case Output or Errors when bytes.Length > 0:
                    return new TerminalOutput(bytes, null);
                case Status:
                    return new TerminalOutput(default, End(bytes));
                default:
                    continue;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        // The server ends the command when its caller is gone.
        _socket.Abort();
        _socket.Dispose();
        _http.Dispose();
        _writing.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<int> ReceiveAsync(CancellationToken cancellation)
    {
        var length = 0;
        while (true)
        {
            if (length == _buffer.Length)
            {
                if (length >= LargestMessage) return -1;
                Array.Resize(ref _buffer, length * 2);
            }

            ValueWebSocketReceiveResult received;
            try
            {
                received = await _socket.ReceiveAsync(_buffer.AsMemory(length), cancellation).ConfigureAwait(false);
            }
            catch (WebSocketException)
            {
                return -1;
            }

            if (received.MessageType == WebSocketMessageType.Close) return -1;
            length += received.Count;
            if (received.EndOfMessage) return length;
        }
    }

    private async Task SendAsync(byte channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        var message = new byte[bytes.Length + 1];
        message[0] = channel;
        bytes.CopyTo(message.AsMemory(1));
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private static string End(ReadOnlyMemory<byte> status)
    {
        try
        {
            var told = JsonText.Read(status.ToArray()).AsMap() ?? YamlMap.Empty;
            return told["status"]?.AsString() == "Success" ? "the command ended" : told["message"]?.AsString() ?? "the command failed";
        }
        catch (YamlException)
        {
            return "the command ended";
        }
    }
}
