using Capstan.Resources;

namespace Capstan.Kubernetes.Tests;

public sealed class LiveCacheTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_cache_holds_what_the_server_holds_and_follows_it()
    {
        using var client = await Clusters.ClientAsync();
        var space = await Clusters.NamespaceAsync(client);
        await client.ApplyAsync(Clusters.Config(space, "before"), cancellation: Cancel);
        await using var cache = new LiveCache(client, new LiveCacheOptions
        {
            Marks = ["argocd.argoproj.io/tracking-id"],
            Index = static o => o.Mark("argocd.argoproj.io/tracking-id")?.Split(':')[0],
        });
        cache.Start();
        await cache.WaitForSyncAsync(Cancel);
        Assert.True(cache.IsSynced(Clusters.ConfigMap.GroupKind));
        Assert.Equal("1", cache.Find(new ObjectKey(Clusters.ConfigMap.GroupKind, space, "before"))!.Read().Body.At("data", "value")?.AsString());

        using var feed = cache.Subscribe();
        var after = (await client.ApplyAsync(Clusters.Config(space, "after").WithAnnotation("argocd.argoproj.io/tracking-id", "shop:/ConfigMap:x"), cancellation: Cancel)).Object;
        await foreach (var batch in feed.ReadAllAsync(Cancel))
        {
            if (batch.OfType<ObjectChanged>().FirstOrDefault(c => c.Key == after.Key) is { } change)
            {
                Assert.Null(change.Old);
                Assert.Equal(after, change.New!.Read());
                break;
            }
        }

        Assert.Equal(after.Key, Assert.Single(cache.Indexed("shop")).Key);
        await client.DeleteAsync(after.Key, null, Cancel);
        await Clusters.EventuallyAsync(() => cache.Find(after.Key) is null && cache.Indexed("shop").Count == 0, () => "still held");
    }

    [Fact]
    public async Task What_a_deployment_owns_is_found_by_its_uid()
    {
        using var client = await Clusters.ClientAsync();
        var space = await Clusters.NamespaceAsync(client);
        await using var cache = new LiveCache(client);
        cache.Start();
        var web = await client.ApplyAsync(
            Clusters.Object($$$$"""
                {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"{{{{space}}}}"},"spec":{"selector":{"matchLabels":{"app":"web"}},
                "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"example/web:1"}]} }}}
                """),
            cancellation: Cancel);
        await Clusters.EventuallyAsync(
            () => cache.OwnedBy(web.Object.Uid) is [{ Kind.Kind: "ReplicaSet" } set] && cache.OwnedBy(set.Uid) is [{ Kind.Kind: "Pod" }],
            () => string.Join(", ", cache.OwnedBy(web.Object.Uid)));
    }

    [Fact]
    public async Task A_kind_comes_and_goes_with_its_definition()
    {
        using var client = await Clusters.ClientAsync();
        await using var cache = new LiveCache(client);
        cache.Start();
        await cache.WaitForSyncAsync(Cancel);
        var plural = $"things{Guid.NewGuid():N}"[..12];
        var kind = new GroupKind($"{plural}.example.com", "Thing");
        var definition = await client.ApplyAsync(
            Clusters.Object($$$$"""
                {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"{{{{plural}}}}.{{{{kind.Group}}}}"},
                "spec":{"group":"{{{{kind.Group}}}}","scope":"Cluster","names":{"kind":"Thing","plural":"{{{{plural}}}}"},"versions":[{"name":"v1","served":true,"storage":true,
                "schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
                """),
            cancellation: Cancel);
        await Clusters.EventuallyAsync(() => cache.IsSynced(kind), () => cache.Kind(kind).ToString());
        var thing = await client.ApplyAsync(
            Clusters.Object($$$$"""{"apiVersion":"{{{{kind.Group}}}}/v1","kind":"Thing","metadata":{"name":"one"},"spec":{"a":1}}"""), cancellation: Cancel);
        await Clusters.EventuallyAsync(() => cache.Find(thing.Object.Key) is not null, () => "the object did not come");

        await client.DeleteAsync(definition.Object.Key, null, Cancel);
        await Clusters.EventuallyAsync(
            () => cache.Kind(kind).Phase == KindPhase.NotHeld && cache.Find(thing.Object.Key) is null, () => cache.Kind(kind).ToString());
    }

    [Fact]
    public async Task A_kind_that_is_held_on_demand_only_is_synced_when_asked_for()
    {
        using var client = await Clusters.ClientAsync();
        await using var cache = new LiveCache(client, new LiveCacheOptions { Holds = r => r.Kind == Clusters.ConfigMap });
        cache.Start();
        await cache.WaitForSyncAsync(Cancel);
        var lease = new GroupKind("coordination.k8s.io", "Lease");
        Assert.Equal(KindPhase.NotHeld, cache.Kind(lease).Phase);
        Assert.Equal(KindPhase.Synced, (await cache.EnsureAsync(lease, Cancel)).Phase);
    }
}
