using Capstan.Yaml;
using Microsoft.Extensions.Logging;

namespace Capstan.Kubernetes;

/// <summary>Asks a cluster what it serves and remembers the answer.</summary>
internal sealed class DiscoveryClient(ClusterWire wire, ClusterConnection connection, TimeProvider time, ILogger log) : IDisposable
{
    private const string Aggregated =
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json";

    private static readonly TimeSpan TooFresh = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _one = new(1);
    private volatile ApiDiscovery? _known;
    private long _askedAt;

    /// <summary>What the cluster serves: as remembered, or asked for now.</summary>
    public async Task<ApiDiscovery> GetAsync(bool refresh, CancellationToken cancellation)
    {
        var seen = _known;
        if (seen is not null && !refresh)
        {
            return seen;
        }

        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            // Somebody else asked while this caller waited, after this caller wanted to know: the answer is as new as its own would be.
            if (_known is { } known && !ReferenceEquals(known, seen))
            {
                return known;
            }

            var fresh = await AskAsync(cancellation).ConfigureAwait(false);
            _askedAt = time.GetTimestamp();
            _known = fresh;
            return fresh;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Asks again because a kind was not found; not more often than once a second, however many unknown kinds there are.</summary>
    public async Task<ApiDiscovery> GetForUnknownAsync(CancellationToken cancellation)
    {
        var known = _known;
        var isFresh = known is not null && time.GetElapsedTime(Volatile.Read(ref _askedAt)) < TooFresh;
        return isFresh ? known! : await GetAsync(refresh: true, cancellation).ConfigureAwait(false);
    }

    public void Dispose() => _one.Dispose();

    private async Task<ApiDiscovery> AskAsync(CancellationToken cancellation)
    {
        var resources = new List<ApiResource>();
        var failures = new List<DiscoveryFailure>();
        var core = await DocumentAsync("api", cancellation).ConfigureAwait(false);
        var groups = await DocumentAsync("apis", cancellation).ConfigureAwait(false);
        var singles = new List<(string Group, string Version)>();
        if (DiscoveryReader.IsAggregated(core))
        {
            DiscoveryReader.ReadAggregated(core, resources, failures);
        }
        else
        {
            singles.AddRange(DiscoveryReader.CoreVersions(core).Select(v => ("", v)));
        }

        if (DiscoveryReader.IsAggregated(groups))
        {
            DiscoveryReader.ReadAggregated(groups, resources, failures);
        }
        else
        {
            singles.AddRange(DiscoveryReader.GroupVersions(groups));
        }

        foreach (var (found, failure) in await Task.WhenAll(singles.Select(s => ListAsync(s.Group, s.Version, cancellation))).ConfigureAwait(false))
        {
            resources.AddRange(found);
            if (failure is not null)
            {
                failures.Add(failure);
            }
        }

        foreach (var failure in failures)
        {
            log.DiscoveryFailed(connection.Name, $"{failure.Group}/{failure.Version}", failure.Cause);
        }

        return new ApiDiscovery(resources, failures);
    }

    private async Task<(IReadOnlyList<ApiResource> Found, DiscoveryFailure? Failure)> ListAsync(string group, string version, CancellationToken cancellation)
    {
        var path = group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";
        try
        {
            var request = new WireRequest(HttpMethod.Get, path, $"discover {path}") { Tries = 2 };
            var document = await wire.SendAsync(request, static r => WireJson.Map(r.Body.Span), cancellation).ConfigureAwait(false);
            return ([.. DiscoveryReader.ReadList(group, version, document)], null);
        }
        catch (KubernetesException error) when (error.IsNotFound)
        {
            // Gone between the two requests, with its CustomResourceDefinition.
            return ([], null);
        }
        catch (KubernetesException error)
        {
            return ([], new DiscoveryFailure(group, version, error.ServerMessage.Length > 0 ? error.ServerMessage : error.Reason));
        }
        catch (ClusterUnreachableException error)
        {
            return ([], new DiscoveryFailure(group, version, error.Cause));
        }
    }

    private Task<YamlMap> DocumentAsync(string path, CancellationToken cancellation) =>
        wire.SendAsync(new WireRequest(HttpMethod.Get, path, $"discover {path}") { Accept = Aggregated }, static r => WireJson.Map(r.Body.Span), cancellation);
}
