using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

public sealed class IgnoredDifferencesEngineTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Deployment(int replicas, string image) => $$$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: {{{replicas}}}
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: main, image: "example/web:{{{image}}}"}]}
        """;

    private static async Task<long> ReplicasAsync(Ground ground) =>
        (await ground.FindAsync("Deployment", "web", group: "apps"))!.Spec["replicas"] is YamlScalar scalar && scalar.TryGetInteger(out var number) ? number : -1;

    [Theory]
    [InlineData(true, 5)]
    [InlineData(false, 2)]
    public async Task A_field_that_does_not_count_is_no_drift_and_a_sync_leaves_it_only_if_it_is_told_to(bool respect, long afterSync)
    {
        await using var ground = await Ground.StartAsync();
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/web.yaml", Deployment(2, "1")));
        await ground.CreateApplicationAsync(
            $$"""{"automated":{"prune":true,"selfHeal":true},"syncOptions":["CreateNamespace=true","RespectIgnoreDifferences={{(respect ? "true" : "false")}}"] },"ignoreDifferences":[{"group":"apps","kind":"Deployment","jsonPointers":["/spec/replicas"]}]""");
        await ground.SyncedAsync(commit);

        var resource = await ground.Client.ResolveAsync(new GroupKind("apps", "Deployment"), Cancel);
        await ground.Client.PatchAsync(resource, "shop", "web", PatchKind.Merge, JsonText.Read("""{"spec":{"replicas":5}}"""), new WriteOptions { FieldManager = "kubectl-scale" }, cancellation: Cancel);
        await ground.UntilAsync(s => s.At("health", "status")?.AsString() == "Healthy" && s.At("sync", "status")?.AsString() == "Synced");
        Assert.Equal(5, await ReplicasAsync(ground));

        await ground.SyncedAsync(await ground.Git.CommitAsync("Release", ("deploy/web.yaml", Deployment(2, "2"))));
        Assert.Equal(afterSync, await ReplicasAsync(ground));
    }
}
