using Capstan.Reconcile;
using Capstan.Resources;

namespace Capstan.Kubernetes;

/// <summary>
/// What a cluster holds, kept up to date by one list and one watch a kind. Kinds come and go with their definitions; one that cannot be
/// listed is reported and never passes for empty.
/// </summary>
public sealed class LiveCache : IAsyncDisposable
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(100);
    private static readonly Backoff Pause = new(TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(30), Jitter: 0.5);

    private readonly ClusterClient _client;
    private readonly LiveCacheOptions _options;
    private readonly CacheStore _store;
    private readonly WatcherContext _context;
    private readonly SemaphoreSlim _lists;
    private readonly SemaphoreSlim _look = new(0, 1);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<GroupKind, RunningKind> _running = [];
    private readonly HashSet<GroupKind> _asked = [];
    private Task _main = Task.CompletedTask;
    private bool _started;

    /// <summary>Makes an empty cache; <see cref="Start"/> fills it.</summary>
    public LiveCache(ClusterClient client, LiveCacheOptions? options = null)
    {
        _client = client;
        _options = options ?? new LiveCacheOptions();
        _store = new CacheStore(_options.Index, client.Time);
        _lists = new SemaphoreSlim(_options.ListsAtOnce);
        _context = new WatcherContext(client, _store, new ObjectScanner(_options), _lists, LookAgain);
    }

    /// <summary>Whether the cluster answers.</summary>
    public ClusterState Cluster => _store.Cluster;

    /// <summary>All kinds that are held or should be.</summary>
    public IReadOnlyList<KindState> Kinds => _store.Kinds;

    /// <summary>How many objects are held.</summary>
    public int Count => _store.Count;

    /// <summary>Begins to list and watch, in the background, until the cache is disposed. Calling it again does nothing.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (!_started)
            {
                _started = true;
                _main = Task.Run(() => DiscoverAsync(_end.Token));
            }
        }
    }

    /// <summary>How far the cache is with a kind.</summary>
    public KindState Kind(GroupKind kind) => _store.Kind(kind);

    /// <summary>
    /// Whether all objects of a kind are known and the cluster answers. Only then does the absence of an object mean that it does not exist.
    /// </summary>
    public bool IsSynced(GroupKind kind) => _store.Kind(kind).Phase == KindPhase.Synced && _store.Cluster.IsReachable;

    /// <summary>One object; null when it is not held.</summary>
    public CachedObject? Find(ObjectKey key) => _store.Find(key);

    /// <summary>All objects of a kind, or those in one namespace.</summary>
    public IReadOnlyList<CachedObject> List(GroupKind kind, string space = "") => _store.List(kind, space);

    /// <summary>The objects of one entry of <see cref="LiveCacheOptions.Index"/>.</summary>
    public IReadOnlyList<CachedObject> Indexed(string entry) => _store.Indexed(entry);

    /// <summary>The objects that name an owner of this uid. Whether the owner may own them (same namespace) is the caller's to judge.</summary>
    public IReadOnlyList<CachedObject> OwnedBy(string uid) => _store.OwnedBy(uid);

    /// <summary>Subscribes to all changes from now on. Dispose the feed when it is not read any more.</summary>
    /// <param name="withCurrent">Whether what is held already comes first, as changes from nothing.</param>
    public ChangeFeed Subscribe(bool withCurrent = false) => _store.Subscribe(withCurrent);

    /// <summary>
    /// Makes the index of <see cref="LiveCacheOptions.Index"/> anew, after what it goes by has changed, with other marks at hand from now on.
    /// </summary>
    /// <param name="marks">In the place of <see cref="LiveCacheOptions.Marks"/>.</param>
    public void Remark(IReadOnlyCollection<string> marks)
    {
        _context.Scanner.Mark(marks);
        _store.Reindex(_context.Scanner.Again);
    }

    /// <summary>Holds everything in less room, at the price of some work now and a little at each reading. Call it when little happens.</summary>
    public void Shrink() => _store.Shrink();

    /// <summary>Waits until every kind that is held is synced or has failed.</summary>
    public async Task WaitForSyncAsync(CancellationToken cancellation = default)
    {
        using var feed = Subscribe(withCurrent: true);
        await foreach (var batch in feed.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            if (IsSettled())
            {
                return;
            }
        }
    }

    /// <summary>Holds a kind from now on that is not among those of <see cref="LiveCacheOptions.Holds"/>, and waits until it is synced or has failed.</summary>
    public async Task<KindState> EnsureAsync(GroupKind kind, CancellationToken cancellation = default)
    {
        using var feed = Subscribe(withCurrent: true);
        lock (_lock)
        {
            _asked.Add(kind);
        }

        if (!IsRunning(kind))
        {
            var resource = await _client.ResolveAsync(kind, cancellation).ConfigureAwait(false);
            if (!resource.IsWatchable)
            {
                return new KindState(kind, KindPhase.Failed, _client.Time.GetUtcNow(), $"{resource} cannot be listed and watched");
            }

            Launch(resource);
        }

        if (Kind(kind) is { Phase: KindPhase.Synced or KindPhase.Failed } known)
        {
            return known;
        }

        await foreach (var batch in feed.ReadAllAsync(cancellation).ConfigureAwait(false))
        {
            if (batch.OfType<KindChanged>().LastOrDefault(c => c.State.Kind == kind && c.State.Phase is KindPhase.Synced or KindPhase.Failed) is { } change
                && change.State.Kind == kind)
            {
                return change.State;
            }
        }

        return Kind(kind);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _main.ConfigureAwait(false);
        Task[] running;
        lock (_lock)
        {
            running = [.. _running.Values.Select(r => r.Work)];
        }

        await Task.WhenAll(running).ConfigureAwait(false);
        _end.Dispose();
        _lists.Dispose();
        _look.Dispose();
    }

    private bool IsSettled()
    {
        lock (_lock)
        {
            return _running.Count > 0 && _running.Keys.All(kind => _store.Kind(kind).Phase is KindPhase.Synced or KindPhase.Failed);
        }
    }

    private bool IsRunning(GroupKind kind)
    {
        lock (_lock)
        {
            return _running.ContainsKey(kind);
        }
    }

    private void LookAgain()
    {
        lock (_lock)
        {
            if (_look.CurrentCount == 0)
            {
                _look.Release();
            }
        }
    }

    private async Task DiscoverAsync(CancellationToken cancellation)
    {
        var failures = 0;
        while (!cancellation.IsCancellationRequested)
        {
            TimeSpan next;
            try
            {
                var discovery = await _client.DiscoverAsync(refresh: true, cancellation).ConfigureAwait(false);
                _context.Reached();
                failures = 0;
                await AdoptAsync(discovery).ConfigureAwait(false);
                next = discovery.Failures.Count > 0 ? TimeSpan.FromSeconds(30) : TimeSpan.FromMinutes(10);
            }
            catch (Exception error) when (error is KubernetesException or ClusterUnreachableException)
            {
                _context.Lost((error as ClusterUnreachableException)?.Cause ?? error.Message);
                next = Pause.After(++failures);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await RestAsync(next, failures == 0, cancellation).ConfigureAwait(false);
        }
    }

    // Until a definition changes, or the time is up. A definition comes in several steps; the last of them counts.
    private async Task RestAsync(TimeSpan rest, bool untilChange, CancellationToken cancellation)
    {
        using var limit = new TimeLimit(_client.Time, rest, cancellation);
        try
        {
            await (untilChange ? _look.WaitAsync(limit.Token) : Task.Delay(Timeout.InfiniteTimeSpan, limit.Token)).ConfigureAwait(false);
            await Task.Delay(Settle, _client.Time, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The time is up, or the cache ends: the loop knows which.
        }
    }

    private async Task AdoptAsync(ApiDiscovery discovery)
    {
        var wanted = discovery.Preferred.Where(r => r.IsWatchable && IsWanted(r)).ToList();
        var kinds = wanted.Select(r => r.Kind.GroupKind).ToHashSet();
        List<GroupKind> gone;
        lock (_lock)
        {
            // A group that could not be discovered may still serve its kinds.
            gone = [.. _running.Keys.Where(k => !kinds.Contains(k) && discovery.FailureOf(k.Group) is null)];
        }

        foreach (var kind in gone)
        {
            await StopAsync(kind).ConfigureAwait(false);
            _store.Drop(kind);
        }

        foreach (var resource in wanted)
        {
            if (VersionOf(resource.Kind.GroupKind) is { } version && version != resource.Kind.Version)
            {
                await StopAsync(resource.Kind.GroupKind).ConfigureAwait(false);
            }

            Launch(resource);
        }
    }

    private bool IsWanted(ApiResource resource)
    {
        lock (_lock)
        {
            return _asked.Contains(resource.Kind.GroupKind) || _options.Holds(resource);
        }
    }

    private string? VersionOf(GroupKind kind)
    {
        lock (_lock)
        {
            return _running.GetValueOrDefault(kind)?.Version;
        }
    }

    private void Launch(ApiResource resource)
    {
        lock (_lock)
        {
            if (_end.IsCancellationRequested || _running.ContainsKey(resource.Kind.GroupKind))
            {
                return;
            }

            var end = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
            var work = Task.Run(() => new KindWatcher(resource, _context).RunAsync(end.Token), CancellationToken.None);
            _running.Add(resource.Kind.GroupKind, new RunningKind(resource.Kind.Version, end, work));
        }
    }

    private async Task StopAsync(GroupKind kind)
    {
        RunningKind? running;
        lock (_lock)
        {
            _running.Remove(kind, out running);
        }

        if (running is not null)
        {
            await running.End.CancelAsync().ConfigureAwait(false);
            await running.Work.ConfigureAwait(false);
            running.End.Dispose();
        }
    }

    private sealed record RunningKind(string Version, CancellationTokenSource End, Task Work);
}
