using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Capstan.LocalCluster.ApiServer;
using Capstan.LocalCluster.Node.Running;
using Capstan.Resources;
using Microsoft.Extensions.Logging;
using Kinds = Capstan.LocalCluster.Controllers.Kinds;

namespace Capstan.LocalCluster.Node.Network;

/// <summary>How Services are reached: a name server and a relay for each port of each Service, in this process, kept in step with the cluster.</summary>
internal sealed class PodNetwork : IAsyncDisposable
{
    private static readonly TimeSpan RetryTaken = TimeSpan.FromSeconds(10);

    private readonly ClusterClient _cluster;
    private readonly ServiceRange _range;
    private readonly NodeEvents _events;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Dictionary<(IPEndPoint, ProtocolType), IAsyncDisposable> _relays = [];
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stopping = new();
    private ClusterDns? _dns;
    private bool _addedRoute;
    private Task _running = Task.CompletedTask;

    private PodNetwork(ClusterClient cluster, ServiceRange range, NodeEvents events, TimeProvider time, ILogger log) =>
        (_cluster, _range, _events, _time, _log) = (cluster, range, events, time, log);

    /// <summary>Why names and addresses of Services do not work within pods; empty when they do.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>The name server's address; empty when there is none.</summary>
    public string Dns => _dns is null ? "" : _range.Dns.ToString();

    /// <summary>Starts the name server, where this machine lets it.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="range">The addresses of Services.</param>
    /// <param name="sharesKernel">Whether pods reach this machine, and it them.</param>
    /// <param name="events">Where people are told of what cannot be.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where it logs.</param>
    /// <param name="cancellation">Ends the start.</param>
    public static async Task<PodNetwork> OpenAsync(
        ClusterClient cluster, ServiceRange range, bool sharesKernel, NodeEvents events, TimeProvider time, ILogger log, CancellationToken cancellation)
    {
        var network = new PodNetwork(cluster, range, events, time, log);
        var (added, problem) = sharesKernel
            ? await HostRoute.EnsureAsync(range, cancellation).ConfigureAwait(false)
            : (false, "the engine's containers run on another machine, in a virtual one, or without root");
        (network._addedRoute, network.Problem) = (added, problem ?? "");
        if (network.Problem.Length == 0)
        {
            try
            {
                network._dns = ClusterDns.Start(new IPEndPoint(range.Dns, 53), new ClusterNames(cluster), HostRoute.NameServers, log);
            }
            catch (SocketException taken)
            {
                network.Problem = $"the address {range.Dns}:53 cannot be listened on ({taken.Message}); does another Capstan run here?";
            }
        }

        if (network.Problem.Length > 0)
        {
            log.ServicesNotInPods(network.Problem);
        }

        return network;
    }

    /// <summary>Begins to relay.</summary>
    /// <param name="api">Where the API listens.</param>
    public void Start(IPEndPoint api) => _running = Task.WhenAll(RelayAsync(api), FollowAsync(Kinds.Service), FollowAsync(Kinds.EndpointSlice));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var relay in _relays.Values)
        {
            await relay.DisposeAsync().ConfigureAwait(false);
        }

        if (_dns is not null)
        {
            await _dns.DisposeAsync().ConfigureAwait(false);
        }

        if (_addedRoute)
        {
            await HostRoute.RemoveAsync(_range).ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

    private async Task FollowAsync(GroupKind kind)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                _changed.Writer.TryWrite(true);
                await foreach (var change in _cluster.WatchAsync(kind, _cluster.Revision, _stopping.Token).ConfigureAwait(false))
                {
                    _changed.Writer.TryWrite(true);
                }
            }
            catch (ApiStatusException behind)
            {
                _log.PartFailed("Following Services", behind.Message);
            }
        }
    }

    private async Task RelayAsync(IPEndPoint api)
    {
        while (!_stopping.IsCancellationRequested)
        {
            var whole = await ApplyAsync(ServiceRoute.All(_cluster, api, Problem.Length == 0)).ConfigureAwait(false);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            if (!whole)
            {
                limit.CancelAfter(RetryTaken);
            }

            try
            {
                await _changed.Reader.ReadAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
            {
                // An address that was taken may be free by now.
                continue;
            }
        }
    }

    private async Task<bool> ApplyAsync(IReadOnlyList<ServiceRoute> routes)
    {
        var wanted = new Dictionary<(IPEndPoint, ProtocolType), ServiceRoute>();
        foreach (var route in routes)
        {
            wanted.TryAdd((route.Listen, route.Protocol), route);
        }

        foreach (var (key, relay) in _relays.Where(r => !wanted.ContainsKey(r.Key)).ToList())
        {
            _relays.Remove(key);
            await relay.DisposeAsync().ConfigureAwait(false);
        }

        var whole = true;
        foreach (var (key, route) in wanted)
        {
            switch (_relays.GetValueOrDefault(key))
            {
                case TcpRelay tcp:
                    tcp.Change(route);
                    break;
                case UdpRelay udp:
                    udp.Change(route);
                    break;
                default:
                    whole &= TryStart(key, route);
                    break;
            }
        }

        return whole;
    }

    private bool TryStart((IPEndPoint Listen, ProtocolType Protocol) key, ServiceRoute route)
    {
        try
        {
            _relays[key] = route.Protocol == ProtocolType.Udp ? UdpRelay.Start(route, _log) : TcpRelay.Start(route, _log);
            return true;
        }
        catch (SocketException taken)
        {
            var parts = route.Name.Split('/', ':');
            if (_cluster.Get(new ObjectKey(Kinds.Service, parts[1], parts[2])) is { } service)
            {
                _events.Record(service, isWarning: true, "PortNotServed", $"{route.Listen} cannot be listened on ({taken.Message}); it is tried again every {RetryTaken.TotalSeconds:0} s");
            }

            return false;
        }
    }
}
