using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Capstan.LocalCluster.Node.Running;
using Microsoft.Extensions.Logging;

namespace Capstan.LocalCluster.Node.Network;

/// <summary>Listens at one address for datagrams; a caller keeps its endpoint, and gets the answers, until it has been silent for a while.</summary>
internal sealed class UdpRelay : IAsyncDisposable
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);
    private const int MostCallers = 4096;
    private const int MostBytes = 65_535;

    private readonly Socket _listener;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<IPEndPoint, Socket> _callers = [];
    private readonly Task _running;
    private volatile ServiceRoute _route;
    private int _next;

    private UdpRelay(Socket listener, ServiceRoute route, ILogger log)
    {
        (_listener, _route, _log) = (listener, route, log);
        _running = ReceiveAsync();
    }

    /// <summary>Begins to listen.</summary>
    /// <exception cref="SocketException">The address is taken or not this machine's.</exception>
    public static UdpRelay Start(ServiceRoute route, ILogger log)
    {
        var listener = new Socket(route.Listen.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            listener.Bind(route.Listen);
            return new UdpRelay(listener, route, log);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Who is behind it now; callers that are known keep their endpoint.</summary>
    public void Change(ServiceRoute route) => _route = route;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var socket in _callers.Values)
        {
            socket.Dispose();
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[MostBytes];
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var read = await _listener.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stopping.Token).ConfigureAwait(false);
                if (Of((IPEndPoint)read.RemoteEndPoint) is { } socket)
                {
                    await socket.SendAsync(buffer.AsMemory(0, read.ReceivedBytes), _stopping.Token).ConfigureAwait(false);
                }
            }
            catch (SocketException lost)
            {
                // A datagram may be lost; the next one comes.
                _log.RelayEnded(_route.Name, lost.Message);
            }
        }
    }

    private Socket? Of(IPEndPoint caller)
    {
        if (_callers.TryGetValue(caller, out var known))
        {
            return known;
        }

        var endpoints = _route.Endpoints;
        if (endpoints.Count == 0 || _callers.Count >= MostCallers)
        {
            return null;
        }

        var endpoint = endpoints[(Interlocked.Increment(ref _next) & int.MaxValue) % endpoints.Count];
        var socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(endpoint);
        _callers[caller] = socket;
        _ = AnswerAsync(caller, socket);
        return socket;
    }

    private async Task AnswerAsync(IPEndPoint caller, Socket socket)
    {
        var buffer = new byte[MostBytes];
        try
        {
            while (true)
            {
                using var silence = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                silence.CancelAfter(Silence);
                var read = await socket.ReceiveAsync(buffer, silence.Token).ConfigureAwait(false);
                await _listener.SendToAsync(buffer.AsMemory(0, read), caller, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (Exception end) when (end is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            _log.RelayEnded(_route.Name, end.Message);
        }
        finally
        {
            _callers.TryRemove(caller, out _);
            socket.Dispose();
        }
    }
}
