using Capstan.Delivery.Controllers;
using Capstan.Delivery.Projects;
using Capstan.Kubernetes;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>Sync windows on a running engine.</summary>
public sealed class WindowTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string ConfigMap(string value) => $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: \"{value}\"\n";

    private static async Task WindowsAsync(Ground ground, string windows)
    {
        var resource = await ground.Client.ResolveAsync(AppProject.Kind, Cancel);
        await ground.Client.PatchAsync(resource, "capstan", "default", PatchKind.Merge, JsonText.Read($$"""{"spec":{"syncWindows":{{windows}}} }"""), cancellation: Cancel);
    }

    private static bool Says(YamlMap status, string text) =>
        (status["conditions"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Any(c => $"{c["type"]?.AsString()}: {c["message"]?.AsString()}".Contains(text, StringComparison.Ordinal));

    [Fact]
    public async Task A_deny_window_rests_automation_and_refuses_people_until_it_is_over()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("1")));
        await WindowsAsync(ground, """[{"kind":"deny","schedule":"* * * * *","duration":"1h","applications":["shop"]}]""");
        await ground.UntilAsync(s => Says(s, "SyncWindowWarning: automated sync rests: the deny window \"* * * * *\" for 1h (UTC) is open"));
        var second = await ground.Git.CommitAsync("Change", ("deploy/a.yaml", ConfigMap("2")));
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "OutOfSync" && s.At("sync", "revision")?.AsString() == second);
        var refused = await Assert.ThrowsAsync<DeliveryException>(() => ground.Engine.Desk.SyncAsync(Ground.Shop, "ann", null, null, Cancel));
        Assert.Contains("cannot be synced now: the deny window", refused.Message, StringComparison.Ordinal);
        Assert.Contains(await ground.Engine.Desk.WhyAsync(Ground.Shop, Cancel), e => e.What == "SyncWindowWarning" && e.Next.Contains("manualSync", StringComparison.Ordinal));
        Assert.Equal("1", (await ground.FindAsync("ConfigMap", "a"))!.Body.At("data", "k")!.AsString());

        await WindowsAsync(ground, """[{"kind":"deny","schedule":"* * * * *","duration":"1h","applications":["other"]}]""");
        await ground.SyncedAsync(second);
        await ground.UntilAsync(s => !Says(s, "SyncWindowWarning"));
    }

    [Fact]
    public async Task With_manual_sync_a_person_may_and_what_was_asked_through_the_object_waits_otherwise()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("1")));
        await WindowsAsync(ground, """[{"kind":"deny","schedule":"* * * * *","duration":"1h","namespaces":["shop"]}]""");
        await ground.UntilAsync(s => Says(s, "SyncWindowWarning"));
        var second = await ground.Git.CommitAsync("Change", ("deploy/a.yaml", ConfigMap("2")));
        await ground.UntilAsync(s => s.At("sync", "revision")?.AsString() == second);
        var application = await ground.Client.ResolveAsync(Delivery.Applications.Application.Kind, Cancel);
        await ground.Client.PatchAsync(application, "capstan", "shop", PatchKind.Merge, JsonText.Read("""{"operation":{"initiatedBy":{"username":"ann"},"sync":{} } }"""), cancellation: Cancel);
        await ground.UntilAsync(s => s.At("operationState", "message")?.AsString()?.StartsWith("waiting for a sync window: the deny window", StringComparison.Ordinal) == true);
        Assert.Equal("1", (await ground.FindAsync("ConfigMap", "a"))!.Body.At("data", "k")!.AsString());
        await WindowsAsync(ground, """[{"kind":"deny","schedule":"* * * * *","duration":"1h","namespaces":["shop"],"manualSync":true}]""");
        await ground.SyncedAsync(second);
    }
}
