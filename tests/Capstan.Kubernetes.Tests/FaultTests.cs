using System.Diagnostics;
using Capstan.Resources;
using Capstan.Testing;
using Capstan.Yaml;

namespace Capstan.Kubernetes.Tests;

public sealed class FaultTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_lost_after_a_create_becomes_AlreadyExists_that_may_be_our_own()
    {
        await using var proxy = await ProxyAsync();
        var space = await SpaceAsync();
        using var client = Clusters.Client(proxy.Connection);
        proxy.Choose = Once("POST", new Fault.LoseAnswer());
        var error = await Assert.ThrowsAsync<KubernetesException>(() => client.CreateAsync(Clusters.Config(space, "a"), cancellation: Cancel));
        Assert.True(error.IsAlreadyExists && error.AfterLostResponse);

        var others = await Assert.ThrowsAsync<KubernetesException>(() => client.CreateAsync(Clusters.Config(space, "a"), cancellation: Cancel));
        Assert.True(others.IsAlreadyExists && !others.AfterLostResponse);
    }

    [Fact]
    public async Task A_delete_whose_answer_was_lost_counts_as_done()
    {
        await using var proxy = await ProxyAsync();
        var space = await SpaceAsync();
        using var client = Clusters.Client(proxy.Connection);
        var made = (await client.CreateAsync(Clusters.Config(space, "a"), cancellation: Cancel)).Object;
        proxy.Choose = Once("DELETE", new Fault.LoseAnswer());
        Assert.True(await client.DeleteAsync(made.Key, new DeleteOptions { Uid = made.Uid }, Cancel));
    }

    [Fact]
    public async Task What_may_not_be_repeated_is_sent_once()
    {
        await using var proxy = await ProxyAsync();
        var space = await SpaceAsync();
        using var client = Clusters.Client(proxy.Connection);
        await client.CreateAsync(Clusters.Config(space, "a"), cancellation: Cancel);
        var maps = await client.ResolveAsync(Clusters.ConfigMap, Cancel);
        proxy.Choose = static line => line.StartsWith("PATCH", StringComparison.Ordinal) ? new Fault.LoseAnswer() : null;
        var patch = JsonText.Read("""[{"op":"add","path":"/data/x","value":"1"}]""");
        await Assert.ThrowsAsync<ClusterUnreachableException>(() => client.PatchAsync(maps, space, "a", PatchKind.Json, patch, cancellation: Cancel));
        Assert.Single(proxy.Requests, line => line.StartsWith("PATCH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Retry_After_is_honoured()
    {
        await using var proxy = await ProxyAsync();
        var space = await SpaceAsync();
        using var client = Clusters.Client(proxy.Connection);
        await client.DiscoverAsync(cancellation: Cancel);
        proxy.Choose = Once("PATCH", new Fault.Answer(429, "{}", "Retry-After: 1\r\n"));
        var started = Stopwatch.GetTimestamp();
        Assert.True((await client.ApplyAsync(Clusters.Config(space, "a"), cancellation: Cancel)).Created);
        Assert.True(Stopwatch.GetElapsedTime(started) >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_burst_of_every_fault_is_bridged_by_what_is_idempotent()
    {
        await using var proxy = await ProxyAsync();
        var space = await SpaceAsync();
        using var client = Clusters.Client(proxy.Connection);
        await client.DiscoverAsync(cancellation: Cancel);
        Fault[] faults = [new Fault.Drop(), new Fault.Answer(500, "oops"), new Fault.ResetAfter(20), new Fault.Truncate(30), new Fault.LoseAnswer(), new Fault.Answer(503, "{}")];
        var next = 0;
        proxy.Choose = _ => Interlocked.Increment(ref next) is var n && n <= faults.Length ? faults[n - 1] : null;
        var applied = await client.ApplyAsync(Clusters.Config(space, "a"), cancellation: Cancel);
        Assert.Equal("a", applied.Object.Name);
        Assert.Equal(faults.Length + 1, next);
    }

    [Fact]
    public async Task A_group_that_cannot_be_discovered_leaves_the_others_and_is_told()
    {
        await using var proxy = await ProxyAsync();
        using var client = Clusters.Client(proxy.Connection);
        proxy.Choose = static line => line == "GET /apis/batch/v1" ? new Fault.Answer(503, "down") : null;
        var discovery = await client.DiscoverAsync(cancellation: Cancel);
        Assert.Equal(("batch", "v1"), (discovery.Failures.Single().Group, discovery.Failures.Single().Version));
        Assert.NotNull(discovery.Find(Clusters.Deployment));
        var error = await Assert.ThrowsAsync<UnknownKindException>(() => client.ResolveAsync(new GroupVersionKind("batch", "v1", "Job"), Cancel));
        Assert.NotNull(error.GroupFailure);
    }

    [Fact]
    public async Task A_kind_that_may_not_be_listed_fails_by_itself_and_recovers()
    {
        await using var proxy = await ProxyAsync();
        using var client = Clusters.Client(proxy.Connection);
        const string Forbidden = """{"kind":"Status","reason":"Forbidden","message":"secrets is forbidden","code":403}""";
        proxy.Choose = static line => line.StartsWith("GET /api/v1/secrets", StringComparison.Ordinal) ? new Fault.Answer(403, Forbidden) : null;
        await using var cache = new LiveCache(client);
        cache.Start();
        await cache.WaitForSyncAsync(Cancel);
        var secret = new GroupKind("", "Secret");
        Assert.Equal(KindPhase.Failed, cache.Kind(secret).Phase);
        Assert.Contains("secrets is forbidden", cache.Kind(secret).Cause, StringComparison.Ordinal);
        Assert.False(cache.IsSynced(secret));
        Assert.True(cache.IsSynced(Clusters.ConfigMap.GroupKind));
        proxy.Choose = static _ => null;
        await Clusters.EventuallyAsync(() => cache.IsSynced(secret), () => cache.Kind(secret).ToString());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task After_a_storm_of_faults_the_cache_equals_the_servers_list(int seed)
    {
        await using var proxy = await ProxyAsync();
        using var direct = await Clusters.ClientAsync();
        var space = await Clusters.NamespaceAsync(direct);
        using var client = Clusters.Client(proxy.Connection);
        var random = new Random(seed);
        var calm = false;
        proxy.Choose = line =>
        {
            lock (random)
            {
                return calm ? null : random.Next(10) switch
                {
                    0 => new Fault.Drop(),
                    1 => new Fault.Answer(random.Next(2) == 0 ? 500 : 429, "{}"),
                    2 => new Fault.Truncate(random.Next(4000)),
                    3 when line.Contains("watch=true", StringComparison.Ordinal) => Fault.Gone,
                    < 8 => new Fault.ResetAfter(random.Next(6000)),
                    _ => null,
                };
            }
        };
        await using var cache = new LiveCache(client, new LiveCacheOptions { Holds = static r => r.Kind == Clusters.ConfigMap });
        cache.Start();
        using var feed = cache.Subscribe(withCurrent: true);
        var maps = await direct.ResolveAsync(Clusters.ConfigMap, Cancel);
        for (var i = 0; i < 400; i++)
        {
            var name = $"c{random.Next(40)}";
            await (random.Next(4) == 0
                ? direct.DeleteAsync(maps, space, name, null, Cancel)
                : (Task)direct.ApplyAsync(Clusters.Config(space, name, $"{i}"), cancellation: Cancel));
        }

        lock (random)
        {
            calm = true;
        }

        var expected = "";
        var held = "";
        await Clusters.EventuallyAsync(
            async () =>
            {
                expected = Text((await direct.ListAsync(maps, new ListOptions { Namespace = space }, Cancel)).Items);
                held = Text(cache.List(Clusters.ConfigMap.GroupKind, space).Select(o => o.Read()));
                return expected == held && cache.IsSynced(Clusters.ConfigMap.GroupKind);
            },
            () => $"server:\n{expected}\ncache:\n{held}\n{cache.Kind(Clusters.ConfigMap.GroupKind)} {cache.Cluster}");

        Assert.Equal(expected, Text(await ReplayAsync(feed, space)));
    }

    [Fact]
    public async Task A_cluster_that_goes_away_is_reported_and_what_was_held_stays()
    {
        await using var proxy = await ProxyAsync();
        using var client = Clusters.Client(proxy.Connection);
        await using var cache = new LiveCache(client);
        cache.Start();
        await cache.WaitForSyncAsync(Cancel);
        Assert.True(cache.Cluster.IsReachable);
        var held = cache.Count;
        await proxy.CutAsync();
        await Clusters.EventuallyAsync(() => !cache.Cluster.IsReachable, () => cache.Cluster.ToString());
        Assert.NotEqual("", cache.Cluster.Cause);
        Assert.False(cache.IsSynced(Clusters.ConfigMap.GroupKind));
        Assert.Equal(held, cache.Count);
    }

    private static async Task<IEnumerable<KubernetesObject>> ReplayAsync(ChangeFeed feed, string space)
    {
        var replayed = new Dictionary<ObjectKey, CachedObject>();
        using var end = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        try
        {
            await foreach (var batch in feed.ReadAllAsync(end.Token))
            {
                foreach (var change in batch.OfType<ObjectChanged>())
                {
                    Assert.Equal(replayed.GetValueOrDefault(change.Key), change.Old);
                    _ = change.New is null ? replayed.Remove(change.Key) : (replayed[change.Key] = change.New) is not null;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Nothing more came: what there was is read.
        }

        return replayed.Values.Where(o => o.Namespace == space).Select(o => o.Read());
    }

    private static string Text(IEnumerable<KubernetesObject> objects) =>
        string.Join('\n', objects.Select(o => $"{o.Name}@{o.ResourceVersion}={o.Body.At("data", "value")}").Order(StringComparer.Ordinal));

    private static Func<string, Fault?> Once(string method, Fault fault)
    {
        var left = 1;
        return line => line.StartsWith(method, StringComparison.Ordinal) && Interlocked.Decrement(ref left) == 0 ? fault : null;
    }

    private static async Task<FaultProxy> ProxyAsync() => new(ClusterConnection.FromKubeconfig(await RealCluster.KubeconfigAsync()));

    private static async Task<string> SpaceAsync()
    {
        using var client = await Clusters.ClientAsync();
        return await Clusters.NamespaceAsync(client);
    }
}
