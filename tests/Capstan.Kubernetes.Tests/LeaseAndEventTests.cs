using Capstan.Reconcile;
using Capstan.Resources;

namespace Capstan.Kubernetes.Tests;

public sealed class LeaseAndEventTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lease_is_written_by_whoever_read_it_last()
    {
        using var client = await Clusters.ClientAsync();
        var store = new ClusterLeaseStore(client, await Clusters.NamespaceAsync(client));
        var wanted = new Lease("engine", "one", TimeSpan.FromSeconds(15), DateTimeOffset.UnixEpoch, 1);
        var written = await store.TryWriteAsync(wanted, Cancel);
        Assert.Equal(wanted with { Version = written!.Version }, written);
        Assert.Null(await store.TryWriteAsync(wanted with { Holder = "two" }, Cancel));
        var renewed = await store.TryWriteAsync(written with { RenewedAt = DateTimeOffset.UnixEpoch.AddSeconds(5) }, Cancel);
        Assert.Null(await store.TryWriteAsync(written with { Holder = "two" }, Cancel));
        Assert.Equal(renewed, Assert.Single(await store.ListAsync("eng", Cancel)));
        await store.RemoveAsync(written, Cancel);
        Assert.NotNull(await store.GetAsync("engine", Cancel));
        await store.RemoveAsync(renewed!, Cancel);
        Assert.Null(await store.GetAsync("engine", Cancel));
    }

    [Fact]
    public async Task The_same_event_is_counted_and_another_is_another()
    {
        using var client = await Clusters.ClientAsync();
        var space = await Clusters.NamespaceAsync(client);
        var about = (await client.ApplyAsync(Clusters.Config(space, "a"), cancellation: Cancel)).Object;
        var recorder = new EventRecorder(client, "capstan");
        for (var i = 0; i < 3; i++)
        {
            await recorder.RecordAsync(new ObjectEvent(about, IsWarning: true, "SyncFailed", "it failed"), Cancel);
        }

        await new EventRecorder(client, "capstan").RecordAsync(new ObjectEvent(about, IsWarning: false, "Synced", "it worked"), Cancel);
        var events = await client.ListAsync(await client.ResolveAsync(new GroupVersionKind("", "v1", "Event"), Cancel), new ListOptions { Namespace = space }, Cancel);
        Assert.Equal(
            ["Normal Synced 1 a", "Warning SyncFailed 3 a"],
            events.Items.Select(e => $"{e.Body["type"]?.AsString()} {e.Body["reason"]?.AsString()} {e.Body["count"]} {e.Body.At("involvedObject", "name")?.AsString()}").Order());
    }
}
