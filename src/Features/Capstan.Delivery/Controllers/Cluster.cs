using Capstan.Delivery.Applications;
using Capstan.Delivery.Comparing;
using Capstan.Delivery.Rendering;
using Capstan.Delivery.Sync;
using Capstan.Delivery.Tracking;
using Capstan.Kubernetes;
using Capstan.Resources;

namespace Capstan.Delivery.Controllers;

/// <summary>One cluster that is delivered to: its client, what is live in it, and how much may be written at once.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    public const string SecretTypeLabel = "argocd.argoproj.io/secret-type";

    private readonly SemaphoreSlim _slots;
    private readonly TrackingInUse _tracking;
    private volatile KnownVersions? _versions;

    public Cluster(string server, ClusterClient client, TrackingInUse tracking, DeliveryOptions options, TimeProvider time)
    {
        Server = server;
        Client = client;
        _tracking = tracking;
        Tracking = tracking.Rules;
        Live = new LiveCache(client, new LiveCacheOptions
        {
            Marks = [.. Tracking.Marks, SecretTypeLabel],
            // What a controller made of something else (pods, ReplicaSets) comes from no source, so nobody compares it field by field.
            DropsManagedFields = static o => o.Mark(TrackingId.Annotation) is null && o.Owners.Any(owner => owner.IsController),
            Index = o => Tracking.InstanceOf(o),
        });
        _slots = new SemaphoreSlim(options.WritesAtOnce);
        Runner = new SyncRunner(client, _slots, time);
        Hooks = new HookRunner(client, time);
    }

    /// <summary>The address by which Applications name it.</summary>
    public string Server { get; }

    public ClusterClient Client { get; }

    public LiveCache Live { get; }

    /// <summary>By what its objects are tracked, as the index of the cache has it.</summary>
    public TrackingRules Tracking { get; private set; }

    /// <summary>Takes over a change of how objects are tracked.</summary>
    public void Retrack()
    {
        if (Tracking != _tracking.Rules)
        {
            Tracking = _tracking.Rules;
            Live.Remark([.. Tracking.Marks, SecretTypeLabel]);
        }
    }

    public SyncRunner Runner { get; }

    public HookRunner Hooks { get; }

    /// <summary>What the cluster says of kinds now; what its cache cannot list is not listable.</summary>
    public async Task<KindLookup> KindsAsync(CancellationToken cancellation)
    {
        var discovery = await Client.DiscoverAsync(cancellation: cancellation).ConfigureAwait(false);
        return kind => discovery.Find(kind) is { } resource ? new KindInfo(resource.Namespaced, resource.IsWatchable) : null;
    }

    /// <summary>What the cluster serves, as charts see it. Asked for again when its discovery changed; while it cannot be reached, as last known.</summary>
    public async Task<ClusterVersions> VersionsAsync(CancellationToken cancellation)
    {
        if (Live.Cluster is { IsReachable: false })
        {
            return _versions?.Versions ?? ClusterVersions.Unknown;
        }

        var discovery = await Client.DiscoverAsync(cancellation: cancellation).ConfigureAwait(false);
        if (_versions is { } known && ReferenceEquals(known.Discovery, discovery))
        {
            return known.Versions;
        }

        var version = await Client.VersionAsync(cancellation).ConfigureAwait(false);
        var seen = ClusterVersions.Of(version["gitVersion"]?.AsString(), discovery);
        seen = _versions?.Versions is { } before && before.IsSame(seen) ? before : seen;
        _versions = new KnownVersions(discovery, seen);
        return seen;
    }

    public async ValueTask DisposeAsync()
    {
        await Live.DisposeAsync().ConfigureAwait(false);
        Client.Dispose();
        _slots.Dispose();
    }

    private sealed record KnownVersions(ApiDiscovery Discovery, ClusterVersions Versions);
}

/// <summary>The clusters that Applications may name: the engine's own, and those of labelled Secrets.</summary>
internal sealed class ClusterRegistry(Cluster own, TrackingInUse tracking, DeliveryOptions options, TimeProvider time, Microsoft.Extensions.Logging.ILogger log) : IAsyncDisposable
{
    private static readonly GroupKind Secret = new("", "Secret");

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Version, Cluster Cluster)> _others = new(StringComparer.Ordinal);

    /// <summary>Told of each cluster that is new, so that its changes are followed.</summary>
    public Action<Cluster>? Added { get; set; }

    public Cluster Own => own;

    public IReadOnlyList<Cluster> All
    {
        get
        {
            lock (_gate)
            {
                return [own, .. _others.Values.Select(o => o.Cluster)];
            }
        }
    }

    /// <summary>The cluster of a destination.</summary>
    /// <exception cref="ClusterConfigurationException">No cluster of that name or address is registered, or its Secret is not usable.</exception>
    public Cluster Find(ApplicationDestination destination)
    {
        if (destination.IsOwnCluster)
        {
            return own;
        }

        foreach (var secret in Secrets())
        {
            var read = secret.Read();
            if (ClusterSecret.Peek(read).Matches(destination))
            {
                return Connect(ClusterSecret.Read(read), read);
            }
        }

        throw new ClusterConfigurationException(
            $"spec.destination: no cluster \"{destination}\" is registered; make a Secret with the label {Cluster.SecretTypeLabel}: cluster, or use {ApplicationDestination.InCluster}");
    }

    /// <summary>The project that a cluster belongs to by its Secret; empty for none.</summary>
    public string ProjectOf(Cluster cluster) => Secrets().Select(s => ClusterSecret.Peek(s.Read()))
        .FirstOrDefault(s => s.Server.TrimEnd('/') == cluster.Server.TrimEnd('/'))?.Project ?? "";

    public async ValueTask DisposeAsync()
    {
        Cluster[] others;
        lock (_gate)
        {
            others = [.. _others.Values.Select(o => o.Cluster)];
            _others.Clear();
        }

        foreach (var cluster in others)
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
        }
    }

    private IEnumerable<CachedObject> Secrets() => options.ApplicationNamespaces
        .SelectMany(space => own.Live.List(Secret, space))
        .Where(s => s.Mark(Cluster.SecretTypeLabel) == "cluster");

    private Cluster Connect(ClusterSecret registration, KubernetesObject secret)
    {
        lock (_gate)
        {
            var key = $"{secret.Namespace}/{secret.Name}";
            if (_others.TryGetValue(key, out var known) && known.Version == secret.ResourceVersion)
            {
                return known.Cluster;
            }

            // The cluster of an outdated Secret is let go when the engine ends: reconciliations may still be using it.
            var client = new ClusterClient(registration.Connect(), time, log);
            var cluster = new Cluster(registration.Server, client, tracking, options, time);
            if (known.Cluster is not null)
            {
                _others[$"{key}@{known.Version}"] = known;
            }

            _others[key] = (secret.ResourceVersion, cluster);
            cluster.Live.Start();
            Added?.Invoke(cluster);
            return cluster;
        }
    }
}
