using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>Objects that nobody delivers, where the project asks for them.</summary>
public sealed class OrphanTests
{
    private const string Map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {k: '1'}\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{}", "namespace shop has 2 orphaned resources: ConfigMap/shop/left, Secret/shop/old")]
    [InlineData("""{"ignore":[{"kind":"Secret","name":"o*"}]}""", "namespace shop has 1 orphaned resources: ConfigMap/shop/left")]
    [InlineData("""{"ignore":[{"group":"","kind":"*"}]}""", null)]
    [InlineData("""{"warn":false}""", null)]
    public async Task They_are_named_but_for_those_that_are_meant_to_be_there(string orphans, string? message)
    {
        await using var ground = await Ground.StartAsync();
        var project = await ground.ResolveAsync(new GroupKind("argoproj.io", "AppProject"));
        await ground.Client.PatchAsync(project, "capstan", "default", PatchKind.Merge, JsonText.Read($$$"""{"spec":{"orphanedResources":{{{orphans}}}}}"""), cancellation: Cancel);
        await ground.Client.CreateAsync(Make.Object("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}"""), cancellation: Cancel);
        await ground.Client.CreateAsync(Make.ConfigMap("left"), cancellation: Cancel);
        await ground.Client.CreateAsync(Make.Object("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"old","namespace":"shop"}}"""), cancellation: Cancel);
        var commit = await ground.SyncedOnceAsync(("deploy/a.yaml", Map));
        await ground.Engine.Desk.RefreshAsync(Ground.Shop, hard: false, Cancel);
        await Ground.UntilAsync(async () => (await ground.ApplicationAsync()).Annotation("argocd.argoproj.io/refresh") is null ? "" : null);
        var status = await ground.UntilAsync(s => s.At("sync", "revision")?.AsString() == commit
            && (message is null || s["conditions"]?.ToString().Contains("OrphanedResourceWarning", StringComparison.Ordinal) == true));
        var said = (status["conditions"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().FirstOrDefault(c => c["type"]?.AsString() == "OrphanedResourceWarning")?["message"]?.AsString();
        Assert.Equal(message, said);
    }
}
