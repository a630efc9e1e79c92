using System.Globalization;
using Capstan.Reconcile;
using Capstan.Resources;
using Capstan.Yaml;
using Microsoft.Extensions.Logging;

namespace Capstan.Kubernetes;

/// <summary>
/// Keeps one kind of the store equal to the cluster: lists it, follows its changes, goes on after every fault where it was, and lists
/// again only when the server says that this version is too old.
/// </summary>
internal sealed class KindWatcher(ApiResource resource, WatcherContext context)
{
    private static readonly Backoff Pause = new(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(30), Jitter: 0.5);

    // A poison object must not keep its whole kind from being seen: the list is refused, said, and tried again ever more rarely.
    private static readonly Backoff RefusedPause = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), Jitter: 0.5);

    private string _version = "";
    private int _failures;
    private bool _doubtful;

    private GroupKind Kind => resource.Kind.GroupKind;

    /// <summary>Runs until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        context.Store.SetKind(new KindState(Kind, context.Store.Kind(Kind).Phase == KindPhase.Synced ? KindPhase.Synced : KindPhase.Listing, context.Time.GetUtcNow()));
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await RoundAsync(cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (KubernetesException error) when (error.IsGone)
            {
                context.Log.WatchEnded(context.Cluster, resource.Plural, error.Message);
                _version = "";

                // Every watcher of the cluster learns it at the same moment.
                await DelayAsync(TimeSpan.FromMilliseconds(Random.Shared.Next(20, 1000)), cancellation).ConfigureAwait(false);
            }
            catch (KubernetesException error)
            {
                await RefusedAsync(error, cancellation).ConfigureAwait(false);
            }
            catch (ClusterUnreachableException error)
            {
                _doubtful = true;
                context.Log.WatchEnded(context.Cluster, resource.Plural, error.Cause);
                await DelayAsync(Pause.After(++_failures), cancellation).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                // The worker's edge: one kind's trouble is never another's.
                Fail($"{error.GetType().Name}: {error.Message}");
                _version = "";
                await DelayAsync(RefusedPause.After(++_failures), cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task RoundAsync(CancellationToken cancellation)
    {
        if (_version.Length == 0)
        {
            await ListAsync(cancellation).ConfigureAwait(false);
        }
        else if (_doubtful)
        {
            await CheckVersionAsync(cancellation).ConfigureAwait(false);
        }

        await WatchAsync(cancellation).ConfigureAwait(false);
    }

    private async Task ListAsync(CancellationToken cancellation)
    {
        await context.Lists.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var objects = new List<CachedObject>();
            var (size, token, version) = (500, "", "");
            do
            {
                var request = Requests.List(resource, new ListOptions { PageSize = size }, token, "", tries: 1);
                var page = await ReachAsync(() => PageAsync(request, objects, cancellation)).ConfigureAwait(false);
                (version, token) = (page.ResourceVersion, page.Continue);
            }
            while (token.Length > 0);

            context.Log.Listed(context.Cluster, resource.Plural, objects.Count, version);
            context.Store.Replace(Kind, objects);
            _version = version;
            Synced();
        }
        finally
        {
            context.Lists.Release();
        }
    }

    private Task<ListHeader> PageAsync(WireRequest request, List<CachedObject> objects, CancellationToken cancellation) =>
        context.Client.Wire.SendAsync(
            request,
            response =>
            {
                // A try that broke off must leave nothing behind.
                var items = new List<CachedObject>();
                var header = context.Scanner.ScanList(resource.Kind, response.Body.Span, items.Add);
                objects.AddRange(items);
                return header;
            },
            cancellation);

    /// <summary>
    /// After a broken connection: is the cluster still the one that gave our version? A store restored from a backup counts from an earlier
    /// one, and a watch from a version that it has not reached again would be silent about all that happens until then.
    /// </summary>
    private async Task CheckVersionAsync(CancellationToken cancellation)
    {
        var request = Requests.List(resource, new ListOptions { PageSize = 1 }, "", "", tries: 1);
        var header = await ReachAsync(() => context.Client.Wire.SendAsync(
            request, r => context.Scanner.ScanList(resource.Kind, r.Body.Span, static _ => { }), cancellation)).ConfigureAwait(false);
        if (Number(header.ResourceVersion) is { } now && Number(_version) is { } known && now < known)
        {
            context.Log.VersionWentBack(context.Cluster, resource.Plural, _version, header.ResourceVersion);
            context.Store.SetKind(context.Store.Kind(Kind) with { WentBackAt = context.Time.GetUtcNow() });
            _version = "";
            await ListAsync(cancellation).ConfigureAwait(false);
        }

        _doubtful = false;
    }

    private async Task WatchAsync(CancellationToken cancellation)
    {
        var started = context.Time.GetTimestamp();
        var events = 0;
        var watch = Watches.ReadAsync(context.Client.Wire, resource, new ListOptions(), _version, cancellation);
        await foreach (var (kind, body) in watch.ConfigureAwait(false))
        {
            var seen = Scan(body);
            switch (kind)
            {
                case WatchEventKind.Bookmark:
                    break;
                case WatchEventKind.Deleted:
                    context.Store.Remove(seen.Key);
                    break;
                default:
                    context.Store.Set(seen);
                    break;
            }

            if (kind != WatchEventKind.Bookmark && IsOfApis())
            {
                context.KindsChanged();
            }

            _version = seen.ResourceVersion;
            events++;
            Synced();
        }

        Synced();
        if (events == 0 && context.Time.GetElapsedTime(started) < TimeSpan.FromSeconds(1))
        {
            // A server that ends watches at once must not be asked in a circle.
            await DelayAsync(TimeSpan.FromMilliseconds(Random.Shared.Next(300, 1200)), cancellation).ConfigureAwait(false);
        }
    }

    private CachedObject Scan(ReadOnlyMemory<byte> body)
    {
        try
        {
            return context.Scanner.Scan(resource.Kind, body.Span);
        }
        catch (YamlException error)
        {
            throw new ClusterUnreachableException(context.Cluster, $"an event of its watch of {resource} is broken: {error.Problem}", inner: error);
        }
    }

    private async Task RefusedAsync(KubernetesException error, CancellationToken cancellation)
    {
        if (error.IsNotFound)
        {
            // Its CustomResourceDefinition may be gone.
            context.KindsChanged();
        }

        // A refused watch may hide that time passed; what is held counts only when it was listed anew.
        _version = error.IsTransient ? _version : "";
        if (!error.IsTransient || _failures >= 3)
        {
            Fail(error.Message);
        }

        var delay = (error.IsTransient ? Pause : RefusedPause).After(++_failures);
        await DelayAsync(error.RetryAfter is { } asked && asked > delay ? asked : delay, cancellation).ConfigureAwait(false);
    }

    private async Task<T> ReachAsync<T>(Func<Task<T>> send)
    {
        try
        {
            var result = await send().ConfigureAwait(false);
            context.Reached();
            return result;
        }
        catch (ClusterUnreachableException error)
        {
            context.Lost(error.Cause);
            throw;
        }
    }

    private bool IsOfApis() => Kind is { Kind: "CustomResourceDefinition", Group: "apiextensions.k8s.io" } or { Kind: "APIService", Group: "apiregistration.k8s.io" };

    private void Synced()
    {
        _failures = 0;
        context.Store.SetKind(new KindState(Kind, KindPhase.Synced, context.Time.GetUtcNow()));
    }

    private void Fail(string cause)
    {
        context.Log.KindFailed(context.Cluster, resource.Plural, cause);
        context.Store.SetKind(new KindState(Kind, KindPhase.Failed, context.Time.GetUtcNow(), cause));
    }

    private Task DelayAsync(TimeSpan delay, CancellationToken cancellation) => Task.Delay(delay, context.Time, cancellation)
        .ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private static ulong? Number(string version) => ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>What the watchers of one cache share.</summary>
internal sealed record WatcherContext(ClusterClient Client, CacheStore Store, ObjectScanner Scanner, SemaphoreSlim Lists, Action KindsChanged)
{
    public string Cluster => Client.Connection.Name;

    public TimeProvider Time => Client.Time;

    public ILogger Log => Client.Log;

    public void Reached()
    {
        if (Store.SetCluster(true, ""))
        {
            Log.ClusterReached(Cluster);
        }
    }

    public void Lost(string cause)
    {
        if (Store.SetCluster(false, cause))
        {
            Log.ClusterLost(Cluster, cause);
        }
    }
}
