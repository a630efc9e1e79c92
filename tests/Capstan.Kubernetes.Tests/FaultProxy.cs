using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Capstan.Kubernetes.Tests;

/// <summary>What the proxy does with one request.</summary>
internal abstract record Fault
{
    /// <summary>The connection is reset before anything is sent on.</summary>
    public sealed record Drop : Fault;

    /// <summary>The server does it, but its answer is lost.</summary>
    public sealed record LoseAnswer : Fault;

    /// <summary>The connection is reset after so many bytes of the answer.</summary>
    public sealed record ResetAfter(int Bytes) : Fault;

    /// <summary>The answer ends well-formed after so many bytes: broken JSON.</summary>
    public sealed record Truncate(int Bytes) : Fault;

    /// <summary>An answer that is not the server's.</summary>
    public sealed record Answer(int Status, string Body, string Headers = "") : Fault;

    /// <summary>A watch that says that its version is too old.</summary>
    public static readonly Answer Gone = new(
        200, """{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","message":"too old resource version","reason":"Expired","code":410}}""" + "\n");
}

/// <summary>An HTTP proxy before a real API server that does to requests what a bad day does.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly HttpMessageInvoker _http;
    private readonly ClusterConnection _cluster;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<Task, bool> _open = new();
    private readonly Task _work;

    public FaultProxy(ClusterConnection cluster)
    {
        _cluster = cluster;
        _http = new HttpMessageInvoker(ClusterTransport.Create(cluster));
        _listener.Start();
        Connection = ClusterConnection.From("proxy", $"http://{_listener.LocalEndpoint}", ServerTrust.System);
        _work = Task.Run(AcceptAsync);
    }

    /// <summary>The cluster through the proxy.</summary>
    public ClusterConnection Connection { get; }

    /// <summary>Chooses the fault for a request (<c>METHOD path?query</c>); null for none.</summary>
    public Func<string, Fault?> Choose { get; set; } = static _ => null;

    /// <summary>The requests that came.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await CutAsync();
        _end.Dispose();
    }

    /// <summary>Closes everything; the address answers no more.</summary>
    public async Task CutAsync()
    {
        if (_end.IsCancellationRequested)
        {
            return;
        }

        await _end.CancelAsync();
        _listener.Stop();
        await _work;
        await Task.WhenAll(_open.Keys);
        _http.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync(_end.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            var work = ServeAsync(socket);
            _open[work] = true;
            _ = work.ContinueWith(done => _open.TryRemove(done, out var _), TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await using var stream = new NetworkStream(socket);
                await OneAsync(socket, stream);
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or HttpRequestException)
            {
                socket.LingerState = new LingerOption(true, 0);
            }
        }
    }

    private async Task OneAsync(Socket socket, NetworkStream stream)
    {
        var (line, headers, body) = await ReadRequestAsync(stream);
        Requests.Enqueue(line);
        var fault = Choose(line);
        if (fault is Fault.Drop)
        {
            throw new IOException("dropped");
        }

        if (fault is Fault.Answer answer)
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(
                $"HTTP/1.1 {answer.Status} X\r\nContent-Type: application/json\r\nConnection: close\r\n{answer.Headers}Content-Length: {Encoding.UTF8.GetByteCount(answer.Body)}\r\n\r\n{answer.Body}"), _end.Token);
            return;
        }

        using var message = await ForwardAsync(line, headers, body);
        using var response = await _http.SendAsync(message, _end.Token);
        if (fault is Fault.LoseAnswer)
        {
            await response.Content.ReadAsByteArrayAsync(_end.Token);
            throw new IOException("lost");
        }

        await CopyAsync(socket, stream, response, fault);
    }

    private async Task CopyAsync(Socket socket, NetworkStream stream, HttpResponseMessage response, Fault? fault)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {(int)response.StatusCode} X\r\nContent-Type: application/json\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"), _end.Token);
        var left = fault switch { Fault.ResetAfter reset => reset.Bytes, Fault.Truncate truncate => truncate.Bytes, _ => int.MaxValue };
        await using var content = await response.Content.ReadAsStreamAsync(_end.Token);
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var closed = WatchForCloseAsync(socket, gone);
        var buffer = new byte[8192];
        int read;
        while (left > 0 && (read = await content.ReadAsync(buffer, gone.Token)) > 0)
        {
            read = Math.Min(read, left);
            left -= read;
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{read:x}\r\n"), gone.Token);
            await stream.WriteAsync(buffer.AsMemory(0, read), gone.Token);
            await stream.WriteAsync("\r\n"u8.ToArray(), gone.Token);
        }

        if (left == 0 && fault is Fault.ResetAfter)
        {
            throw new IOException("reset");
        }

        await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), gone.Token);
        await gone.CancelAsync();
        await closed;
    }

    private static async Task WatchForCloseAsync(Socket socket, CancellationTokenSource gone)
    {
        try
        {
            if (await socket.ReceiveAsync(new byte[1], gone.Token) == 0)
            {
                await gone.CancelAsync();
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The answer ended first.
        }
    }

    private async Task<HttpRequestMessage> ForwardAsync(string line, Dictionary<string, string> headers, byte[] body)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        var message = new HttpRequestMessage(new HttpMethod(line[..space]), new Uri(_cluster.Server, line[(space + 1)..]));
        message.Headers.Authorization = await _cluster.AuthorizationAsync(_end.Token);
        message.Headers.TryAddWithoutValidation("Accept", headers.GetValueOrDefault("accept", "application/json"));
        if (body.Length > 0)
        {
            message.Content = new ByteArrayContent(body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", headers["content-type"]);
        }

        return message;
    }

    private async Task<(string Line, Dictionary<string, string> Headers, byte[] Body)> ReadRequestAsync(NetworkStream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < 4 || Encoding.ASCII.GetString([.. head[^4..]]) != "\r\n\r\n")
        {
            await stream.ReadExactlyAsync(one, _end.Token);
            head.Add(one[0]);
        }

        var lines = Encoding.ASCII.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(p => p[0].ToLowerInvariant(), p => p[1]);
        var body = new byte[int.Parse(headers.GetValueOrDefault("content-length", "0"), CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, _end.Token);
        return (lines[0][..lines[0].LastIndexOf(' ')], headers, body);
    }
}
