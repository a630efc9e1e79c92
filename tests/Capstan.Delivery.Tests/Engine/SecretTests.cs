using System.Text;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>Values of Secrets show nowhere: not in plans, diffs, conditions, results, events, manifests or rollbacks.</summary>
public sealed class SecretTests
{
    private const string Old = "canary-old-value";
    private const string New = "canary-new-value";
    private const string Drifted = "canary-drifted-value";
    private const string Annotated = "canary-annotated-value";
    private const string Block = "canary-line-one\ncanary-line-two";

    private static readonly string[] Canaries =
        [.. ((string[])[Old, New, Drifted, Annotated, Block]).SelectMany(v => (string[])[v, Encoded(v)]), "canary-line-one", "canary-line-two"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Secret(string value, string type = "Opaque") => $$$"""
        apiVersion: v1
        kind: Secret
        metadata:
          name: keys
          annotations:
            kubectl.kubernetes.io/last-applied-configuration: '{"apiVersion":"v1","kind":"Secret","data":{"a":"{{{Encoded(Annotated)}}}"}}'
        type: {{{type}}}
        stringData:
          token: {{{value}}}
          block: |-
            canary-line-one
            canary-line-two
        data:
          encoded: {{{Encoded(value)}}}

        """;

    private static void Clean(string where, string text)
    {
        foreach (var canary in Canaries)
        {
            Assert.False(text.Contains(canary, StringComparison.Ordinal), $"{where} shows {canary}:\n{text}");
        }
    }

    [Fact]
    public async Task Values_of_secrets_show_nowhere()
    {
        await using var ground = await Ground.StartAsync();
        var first = await ground.SyncedOnceAsync(("deploy/keys.yaml", Secret(Old)));
        Assert.Equal(Encoded(Old), (await ground.FindAsync("Secret", "keys"))!.Body.At("data", "token")!.AsString());
        await ground.PatchPolicyAsync("""{"automated":null,"syncOptions":["CreateNamespace=true"]}""");

        // Drift by hand, and another wish in Git: every field differs.
        var secrets = await ground.Client.ResolveAsync(new GroupKind("", "Secret"), Cancel);
        await ground.Client.PatchAsync(secrets, "shop", "keys", Capstan.Kubernetes.PatchKind.Merge,
            JsonText.Read($$$"""{"stringData":{"token":"{{{Drifted}}}","encoded":"{{{Drifted}}}"}}"""), cancellation: Cancel);
        await ground.Git.CommitAsync("New values", ("deploy/keys.yaml", Secret(New)));
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "OutOfSync");
        await EverywhereAsync(ground);
        var plan = await ground.Engine.Desk.PlanAsync(Ground.Shop, null, null, Cancel);
        Assert.Contains("data.token", plan.ToText(), StringComparison.Ordinal);
        Clean("the rollback", (await ground.Engine.Desk.RollbackAsync(Ground.Shop, first, "eve", dryRun: true, Cancel)).Diff);
    }

    [Fact]
    public async Task A_secret_that_the_server_refuses_is_told_without_its_values()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SyncedOnceAsync(("deploy/keys.yaml", Secret(Old)));
        await ground.Git.CommitAsync("Another type", ("deploy/keys.yaml", Secret(New, "kubernetes.io/tls")));
        var status = await ground.UntilAsync(s => s.At("operationState", "phase")?.AsString() == "Failed");
        Assert.Contains("Secret/shop/keys", JsonText.Write(status), StringComparison.Ordinal);
        await EverywhereAsync(ground);
    }

    private static async Task EverywhereAsync(Ground ground)
    {
        var application = await ground.ApplicationAsync();
        Clean("the status", JsonText.Write(application.Without("metadata", "managedFields").Body));
        Clean("why", string.Join('\n', await ground.Engine.Desk.WhyAsync(Ground.Shop, Cancel)));
        var plan = await ground.Engine.Desk.PlanAsync(Ground.Shop, null, null, Cancel);
        Clean("the plan", plan.ToText());
        Clean("the differences", string.Join('\n', plan.Steps.SelectMany(s => s.Differences).Select(d => $"{d} {d.Wanted} {d.Live}")));
        Clean("the manifests", string.Join('\n', (await ground.Engine.Desk.ManifestsAsync(Ground.Shop, Cancel)).Select(m => m.Body.ToString())));
        Clean("the tree", string.Join('\n', ground.Engine.Desk.Tree(Ground.Shop)));
        var events = await ground.Client.ListAsync(await ground.Client.ResolveAsync(new GroupKind("", "Event"), Cancel), new Capstan.Kubernetes.ListOptions(), Cancel);
        Clean("the events", string.Join('\n', events.Items.Select(e => e.Body.ToString())));
    }
}
