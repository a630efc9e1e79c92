using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Capstan.LocalCluster.ApiServer;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Node.Streaming.Spdy;
using Capstan.Resources;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Capstan.LocalCluster.Node.Streaming;

/// <summary>
/// Connections to ports of a pod: SPDY, by itself or within a WebSocket. For each connection the caller opens two streams with the same
/// request id, one for data and one for what goes wrong.
/// </summary>
internal sealed class PortForward
{
    private const string Protocol = "portforward.k8s.io";
    private const string Tunnel = "SPDY/3.1+" + Protocol;
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(10);

    private readonly KubernetesObject _pod;
    private readonly string _address;
    private readonly CancellationToken _cancellation;
    private readonly ConcurrentDictionary<string, SpdyStream> _errors = new(StringComparer.Ordinal);

    private PortForward(KubernetesObject pod, string address, CancellationToken cancellation) => (_pod, _address, _cancellation) = (pod, address, cancellation);

    public static async Task HandleAsync(HttpContext context, KubernetesObject pod, CancellationToken cancellation)
    {
        var address = pod.Status.Text("podIP");
        if (pod.Status.Text("phase") != "Running" || address.Length == 0)
        {
            throw ApiErrors.BadRequest($"unable to forward port because pod is not running. Current status={pod.Status.Text("phase")}");
        }

        var forward = new PortForward(pod, address, cancellation);
        if (context.WebSockets.IsWebSocketRequest)
        {
            if (!context.WebSockets.WebSocketRequestedProtocols.Contains(Tunnel))
            {
                throw ApiErrors.BadRequest($"unable to upgrade: unable to negotiate protocol: client supports {string.Join(", ", context.WebSockets.WebSocketRequestedProtocols)}, server supports {Tunnel}");
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync(Tunnel).ConfigureAwait(false);
            var tunnel = new WebSocketTransport(socket);
            await using var closing = tunnel.ConfigureAwait(false);
            await forward.ServeAsync(tunnel).ConfigureAwait(false);
            return;
        }

        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade || !context.Request.Headers.Upgrade.ToString().Equals("SPDY/3.1", StringComparison.OrdinalIgnoreCase))
        {
            throw ApiErrors.BadRequest("unable to upgrade: the request asks for no protocol that is spoken here; use SPDY/3.1 or WebSocket");
        }

        context.Response.Headers.Upgrade = "SPDY/3.1";
        context.Response.Headers["X-Stream-Protocol-Version"] = Protocol;
        var transport = await upgrade.UpgradeAsync().ConfigureAwait(false);
        await using var disposing = transport.ConfigureAwait(false);
        await forward.ServeAsync(transport).ConfigureAwait(false);
    }

    private async Task ServeAsync(Stream transport)
    {
        using var session = new SpdySession(transport, Opened);
        await session.RunAsync(_cancellation).ConfigureAwait(false);
    }

    private void Opened(SpdyStream stream)
    {
        var request = stream.Headers.GetValueOrDefault("requestid") ?? "";
        if (stream.Headers.GetValueOrDefault("streamtype") == "error")
        {
            _errors[request] = stream;
        }
        else
        {
            _ = ForwardAsync(stream, request);
        }
    }

    private async Task ForwardAsync(SpdyStream data, string request)
    {
        var port = data.Headers.GetValueOrDefault("port") ?? "";
        _errors.TryRemove(request, out var errors);
        try
        {
            var problem = await TryForwardAsync(data, port).ConfigureAwait(false);
            if (problem is not null && errors is not null)
            {
                await errors.WriteAsync(Encoding.UTF8.GetBytes($"error forwarding port {port} to pod {_pod.Name}, uid {_pod.Uid}: {problem}"), _cancellation).ConfigureAwait(false);
            }

            await data.CloseAsync(_cancellation).ConfigureAwait(false);
            if (errors is not null)
            {
                await errors.CloseAsync(_cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or ObjectDisposedException or WebSocketException)
        {
            // The caller went away; there is nobody to tell.
            return;
        }
    }

    private async Task<string?> TryForwardAsync(SpdyStream data, string port)
    {
        if (!int.TryParse(port, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 65_535)
        {
            return $"\"{port}\" is no port";
        }

        using var connection = new TcpClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_cancellation);
        limit.CancelAfter(ConnectLimit);
        try
        {
            await connection.ConnectAsync(_address, number, limit.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is SocketException || (failure is OperationCanceledException && !_cancellation.IsCancellationRequested))
        {
            return $"failed to connect to {_address}:{number}: {failure.Message}";
        }

        var there = connection.GetStream();
        var sending = SendAsync(data, connection, there);
        try
        {
            var buffer = new byte[32 * 1024];
            int read;
            while ((read = await there.ReadAsync(buffer, _cancellation).ConfigureAwait(false)) > 0)
            {
                await data.WriteAsync(buffer.AsMemory(0, read), _cancellation).ConfigureAwait(false);
            }
        }
        catch (IOException)
        {
            // The pod cut the connection, which the caller sees by its end.
            return null;
        }

        await data.CloseAsync(_cancellation).ConfigureAwait(false);
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return null;
    }

    private async Task SendAsync(SpdyStream data, TcpClient connection, NetworkStream there)
    {
        while (await data.ReadAsync(_cancellation).ConfigureAwait(false) is { } bytes)
        {
            await there.WriteAsync(bytes, _cancellation).ConfigureAwait(false);
        }

        connection.Client.Shutdown(SocketShutdown.Send);
    }
}
