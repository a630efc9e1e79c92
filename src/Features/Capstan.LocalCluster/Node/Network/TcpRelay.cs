using System.Net;
using System.Net.Sockets;
using Capstan.LocalCluster.Node.Running;
using Microsoft.Extensions.Logging;

namespace Capstan.LocalCluster.Node.Network;

/// <summary>Listens at one address and hands each connection on to one of the endpoints, the next one each time; one that does not answer is passed over.</summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);
    private const int MostConnections = 4096;
    private const int BufferBytes = 64 * 1024;

    private readonly Socket _listener;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _room = new(MostConnections);
    private readonly Task _running;
    private volatile ServiceRoute _route;
    private int _next;

    private TcpRelay(Socket listener, ServiceRoute route, ILogger log)
    {
        (_listener, _route, _log) = (listener, route, log);
        _running = AcceptAsync();
    }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="SocketException">The address is taken or not this machine's.</exception>
    public static TcpRelay Start(ServiceRoute route, ILogger log)
    {
        var listener = new Socket(route.Listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Bind(route.Listen);
            listener.Listen(512);
            return new TcpRelay(listener, route, log);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Who is behind it now; connections that are open stay as they are.</summary>
    public void Change(ServiceRoute route) => _route = route;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            await _room.WaitAsync(_stopping.Token).ConfigureAwait(false);
            var client = await _listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
            _ = RelayAsync(client);
        }
    }

    private async Task RelayAsync(Socket client)
    {
        using var disposing = client;
        try
        {
            using var server = await ConnectAsync(client).ConfigureAwait(false);
            if (server is null)
            {
                // Nobody is there: the caller is refused as a closed port refuses.
                client.LingerState = new LingerOption(true, 0);
                return;
            }

            client.NoDelay = true;
            server.NoDelay = true;
            await Task.WhenAll(CopyAsync(client, server), CopyAsync(server, client)).ConfigureAwait(false);
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            _log.RelayEnded(_route.Name, end.Message);
        }
        finally
        {
            _room.Release();
        }
    }

    private async Task<Socket?> ConnectAsync(Socket client)
    {
        var route = _route;
        var first = route.Sticky && client.RemoteEndPoint is IPEndPoint caller ? caller.Address.GetHashCode() & int.MaxValue : Interlocked.Increment(ref _next) & int.MaxValue;
        for (var i = 0; i < route.Endpoints.Count; i++)
        {
            var endpoint = route.Endpoints[(first + i) % route.Endpoints.Count];
            var server = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            limit.CancelAfter(ConnectLimit);
            try
            {
                await server.ConnectAsync(endpoint, limit.Token).ConfigureAwait(false);
                return server;
            }
            catch (Exception failure) when (failure is SocketException || (failure is OperationCanceledException && !_stopping.IsCancellationRequested))
            {
                server.Dispose();
                _log.RelayEnded($"{route.Name} to {endpoint}", failure.Message);
            }
        }

        return null;
    }

    // Either side may end its half and still listen.
    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[BufferBytes];
        int read;
        while ((read = await from.ReceiveAsync(buffer, _stopping.Token).ConfigureAwait(false)) > 0)
        {
            await to.SendAsync(buffer.AsMemory(0, read), _stopping.Token).ConfigureAwait(false);
        }

        to.Shutdown(SocketShutdown.Send);
    }
}
