using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Server.Problems;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Live;

/// <summary>Follows the objects of one kind in one namespace: told of each as it is, and again whenever it changes or goes.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="kind">The kind.</param>
/// <param name="space">The namespace.</param>
/// <param name="take">Gets each object; null when it is gone.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where it is told that the kind cannot be followed.</param>
internal sealed class ObjectFollower(ClusterClient cluster, GroupKind kind, string space, Action<ObjectKey, KubernetesObject?> take, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<ObjectKey> _known = [];
    private Task _following = Task.CompletedTask;

    /// <summary>Begins, and answers at once.</summary>
    public void Start() => _following = FollowAsync();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task FollowAsync()
    {
        await Task.Yield();
        var pause = ShortestPause;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await OnceAsync(() => pause = ShortestPause).ConfigureAwait(false);
            }
            catch (Exception e) when (e is KubernetesException or ClusterUnreachableException or UnknownKindException)
            {
                // A version that is forgotten is no trouble: all is listed anew.
                if (e is not KubernetesException { IsGone: true }) log.KindNotFollowed(kind.ToString(), e.Message);
                var jitter = pause * (0.5 + Random.Shared.NextDouble() / 2);
                await Task.Delay(jitter, time, _stopping.Token).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private async Task OnceAsync(Action succeeded)
    {
        var resource = await cluster.ResolveAsync(kind, _stopping.Token).ConfigureAwait(false);
        var options = new ListOptions { Namespace = space };
        var list = await cluster.ListAsync(resource, options, _stopping.Token).ConfigureAwait(false);
        var there = list.Items.Select(i => i.Key).ToHashSet();
        foreach (var gone in _known.Where(k => !there.Contains(k)).ToArray()) Take(gone, null);
        foreach (var item in list.Items) Take(item.Key, item);
        var version = list.ResourceVersion;
        while (!_stopping.IsCancellationRequested)
        {
            await foreach (var change in cluster.WatchAsync(resource, version, options, _stopping.Token).ConfigureAwait(false))
            {
                if (change.Kind != WatchEventKind.Bookmark) Take(change.Object.Key, change.Kind == WatchEventKind.Deleted ? null : change.Object);
                version = change.Object.ResourceVersion;
                succeeded();
            }
        }
    }

    private void Take(ObjectKey key, KubernetesObject? now)
    {
        if (now is null) _known.Remove(key);
        else _known.Add(key);
        take(key, now);
    }
}
