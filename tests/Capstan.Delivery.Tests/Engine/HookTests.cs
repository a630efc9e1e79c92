using Capstan.Delivery.Applications;
using Capstan.Delivery.Controllers;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>Waves and hooks on a running engine. A suspended Job is a hook that runs until the test says what came of it.</summary>
public sealed class HookTests
{
    private static readonly DeliveryOptions Quick = new() { PollInterval = TimeSpan.FromSeconds(5), WaveDelay = TimeSpan.Zero };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string ConfigMap(string name, string value = "1", string annotations = "{}") =>
        $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  annotations: {annotations}\ndata:\n  k: \"{value}\"\n";

    private static string Job(string name, string annotations, bool suspended = false) => $$"""
        apiVersion: batch/v1
        kind: Job
        metadata:
          {{(name.EndsWith('-') ? "generateName" : "name")}}: {{name}}
          annotations: {{{annotations}}}
        spec:
          suspend: {{(suspended ? "true" : "false")}}
          template:
            spec:
              restartPolicy: Never
              containers: [{name: main, image: example/job}]
        """;

    private static string Hook(string type, string policy = "") =>
        $"argocd.argoproj.io/hook: {type}{(policy.Length > 0 ? $", argocd.argoproj.io/hook-delete-policy: {policy}" : "")}";

    private static Task<KubernetesObject?> FindJobAsync(Ground ground, string name) => ground.FindAsync("Job", name, group: "batch");

    private static async Task SayAsync(Ground ground, string job, string condition)
    {
        var resource = await ground.Client.ResolveAsync(new GroupKind("batch", "Job"), Cancel);
        var status = JsonText.Read($$"""{"status":{"conditions":[{"type":"{{condition}}","status":"True","message":"said the test"}]} }""");
        await ground.Client.PatchAsync(resource, "shop", job, PatchKind.Merge, status, subresource: "status", cancellation: Cancel);
    }

    private static Task<YamlMap> PhaseAsync(Ground ground, string phase, string message = "") => ground.UntilAsync(s =>
        s.At("operationState", "phase")?.AsString() == phase && s.At("operationState", "message")!.AsString()!.Contains(message, StringComparison.Ordinal));

    private static string[] Results(YamlMap status) => [.. ((YamlList)status.At("operationState", "syncResult", "resources")!).Cast<YamlMap>()
        .Select(r => $"{r["syncPhase"]!.AsString()} {r["name"]!.AsString()} {r["hookPhase"]!.AsString()}")];

    [Fact]
    public async Task Hooks_and_waves_run_in_their_order_and_again_at_the_next_commit()
    {
        await using var ground = await Ground.StartAsync(Quick);
        var commit = await ground.SyncedOnceAsync(
            ("deploy/before.yaml", Job("before", Hook("PreSync"))), ("deploy/a.yaml", ConfigMap("a", annotations: "{argocd.argoproj.io/sync-wave: '-1'}")),
            ("deploy/b.yaml", ConfigMap("b")), ("deploy/after.yaml", Job("after", Hook("PostSync"))));
        var status = (await ground.ApplicationAsync()).Status;
        Assert.Equal(["PreSync before Succeeded", "Sync a Running", "Sync b Running", "PostSync after Succeeded"], Results(status));
        var before = (await FindJobAsync(ground, "before"))!;
        Assert.DoesNotContain(before.Finalizers, f => f.Contains("hook", StringComparison.Ordinal));
        Assert.Equal("shop:batch/Job:shop/before", before.Annotation("argocd.argoproj.io/tracking-id"));
        Assert.Equal(["ConfigMap a", "ConfigMap b"], ((YamlList)status["resources"]!).Cast<YamlMap>().Select(r => $"{r["kind"]!.AsString()} {r["name"]!.AsString()}"));

        var next = await ground.Git.CommitAsync("Change b", ("deploy/b.yaml", ConfigMap("b", "2")));
        await ground.SyncedAsync(next);
        Assert.NotEqual(before.Uid, (await FindJobAsync(ground, "before"))!.Uid);
        Assert.Equal([next, commit], ground.Engine.Desk.History(Ground.Shop).Select(d => d.Revision));
    }

    [Fact]
    public async Task A_hook_that_fails_before_the_sync_keeps_everything_as_it_is_and_hooks_for_failures_run()
    {
        await using var ground = await Ground.StartAsync(Quick);
        await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("a")));
        await ground.Git.CommitAsync(
            "Break", ("deploy/a.yaml", ConfigMap("a", "2")), ("deploy/before.yaml", Job("before", Hook("PreSync"), suspended: true)),
            ("deploy/rescue.yaml", ConfigMap("rescue", annotations: $"{{{Hook("SyncFail")}}}")));
        await PhaseAsync(ground, "Running", "waiting for completion of hook Job");
        await SayAsync(ground, "before", "Failed");
        var status = await PhaseAsync(ground, "Failed", "PreSync hook Job/shop/before failed: said the test");
        Assert.Equal(["PreSync before Failed", "SyncFail rescue Succeeded"], Results(status));
        Assert.Equal("1", (await ground.FindAsync("ConfigMap", "a"))!.Body.At("data", "k")!.AsString());
        Assert.NotNull(await ground.FindAsync("ConfigMap", "rescue"));

        await ground.SyncedAsync(await ground.Git.CommitAsync("Mend", ("deploy/before.yaml", null)));
        Assert.Equal("2", (await ground.FindAsync("ConfigMap", "a"))!.Body.At("data", "k")!.AsString());
    }

    [Fact]
    public async Task A_sync_that_waits_for_a_hook_goes_on_after_a_restart_with_the_same_object()
    {
        await using var ground = await Ground.StartAsync(Quick);
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/before.yaml", Job("before", Hook("PreSync"), suspended: true)), ("deploy/a.yaml", ConfigMap("a")));
        await ground.CreateApplicationAsync();
        await PhaseAsync(ground, "Running", "waiting for completion of hook");
        var uid = (await FindJobAsync(ground, "before"))!.Uid;

        await ground.StopEngineAsync();
        await SayAsync(ground, "before", "Complete");
        ground.StartEngine(Quick);
        await ground.SyncedAsync(commit);
        Assert.Equal(uid, (await FindJobAsync(ground, "before"))!.Uid);
        Assert.Single(ground.Engine.Desk.History(Ground.Shop));
    }

    [Fact]
    public async Task A_new_commit_overtakes_a_sync_whose_hook_hangs_and_the_hook_goes()
    {
        await using var ground = await Ground.StartAsync(Quick);
        var stuck = await ground.Git.CommitAsync("Hang", ("deploy/before.yaml", Job("before", Hook("PreSync"), suspended: true)), ("deploy/a.yaml", ConfigMap("a")));
        await ground.CreateApplicationAsync();
        await PhaseAsync(ground, "Running", "waiting for completion of hook");
        var mended = await ground.Git.CommitAsync("Mend", ("deploy/before.yaml", null));
        await ground.SyncedAsync(mended);
        await Ground.UntilAsync(async () => await FindJobAsync(ground, "before") is null ? "gone" : null);
        var history = ground.Engine.Desk.History(Ground.Shop);
        Assert.Equal([(mended, OperationPhase.Succeeded), (stuck, OperationPhase.Failed)], history.Select(d => (d.Revision, d.Outcome)));
        Assert.Equal($"superseded by commit {mended}", history[1].Message);
    }

    [Fact]
    public async Task A_sync_that_is_terminated_takes_its_running_hook_along()
    {
        await using var ground = await Ground.StartAsync(Quick);
        await ground.Git.CommitAsync("Hang", ("deploy/before.yaml", Job("before", Hook("PreSync"), suspended: true)), ("deploy/a.yaml", ConfigMap("a")));
        await ground.CreateApplicationAsync("""{"syncOptions":["CreateNamespace=true"]}""");
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "OutOfSync");
        await ground.Engine.Desk.SyncAsync(Ground.Shop, "ann", null, null, Cancel);
        await PhaseAsync(ground, "Running", "waiting for completion of hook");
        Assert.True(await ground.Engine.Desk.TerminateAsync(Ground.Shop, Cancel));
        await PhaseAsync(ground, "Failed", "Operation terminated");
        await Ground.UntilAsync(async () => await FindJobAsync(ground, "before") is null ? "gone" : null);
        Assert.Null(await ground.FindAsync("ConfigMap", "a"));
    }

    [Fact]
    public async Task Undoing_drift_runs_no_hooks()
    {
        await using var ground = await Ground.StartAsync(Quick);
        await ground.SyncedOnceAsync(("deploy/before.yaml", Job("before", Hook("PreSync"))), ("deploy/a.yaml", ConfigMap("a")));
        var uid = (await FindJobAsync(ground, "before"))!.Uid;
        await ground.Client.DeleteAsync(new ObjectKey(new GroupKind("", "ConfigMap"), "shop", "a"), cancellation: Cancel);
        await Ground.UntilAsync(() => ground.FindAsync("ConfigMap", "a"));
        Assert.Equal(uid, (await FindJobAsync(ground, "before"))!.Uid);
        Assert.Single(ground.Engine.Desk.History(Ground.Shop));
    }

    [Fact]
    public async Task A_hook_with_a_prefix_gets_its_name_from_the_operation_and_goes_when_the_sync_succeeded()
    {
        await using var ground = await Ground.StartAsync(Quick);
        var commit = await ground.Git.CommitAsync(
            "Begin", ("deploy/before.yaml", Job("migrate-", Hook("PreSync", "HookSucceeded"), suspended: true)), ("deploy/a.yaml", ConfigMap("a")));
        await ground.CreateApplicationAsync();
        var status = await PhaseAsync(ground, "Running", "waiting for completion of hook");
        var name = ((YamlMap)((YamlList)status.At("operationState", "syncResult", "resources")!)[0])["name"]!.AsString()!;
        Assert.StartsWith($"migrate-{commit[..7]}-presync-", name, StringComparison.Ordinal);
        Assert.Equal($"shop:batch/Job:shop/{name}", (await FindJobAsync(ground, name))!.Annotation("argocd.argoproj.io/tracking-id"));
        await SayAsync(ground, name, "Complete");
        await ground.SyncedAsync(commit);
        await Ground.UntilAsync(async () => await FindJobAsync(ground, name) is null ? "gone" : null);
    }

    [Fact]
    public async Task Hooks_of_charts_run_by_helms_own_words_and_tests_do_not()
    {
        await using var ground = await Ground.StartAsync(Quick);
        await ground.SyncedOnceAsync(
            ("deploy/before.yaml", Job("before", "helm.sh/hook: 'pre-install,pre-upgrade', helm.sh/hook-weight: '-5'")),
            ("deploy/test.yaml", Job("test", "helm.sh/hook: test")), ("deploy/a.yaml", ConfigMap("a")));
        Assert.NotNull(await FindJobAsync(ground, "before"));
        Assert.Null(await FindJobAsync(ground, "test"));
    }

    [Fact]
    public async Task An_annotation_that_is_not_understood_is_named_and_the_sync_goes_on()
    {
        await using var ground = await Ground.StartAsync(Quick);
        await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("a", annotations: "{argocd.argoproj.io/sync-wave: '99999999999999999999'}")));
        var status = await ground.UntilAsync(s => s["conditions"] is YamlList { Count: > 0 });
        var condition = (YamlMap)((YamlList)status["conditions"]!)[0];
        Assert.Equal("InvalidAnnotationWarning", condition["type"]!.AsString());
        Assert.StartsWith("deploy/a.yaml:1: ConfigMap/shop/a: annotation argocd.argoproj.io/sync-wave: \"99999999999999999999\" is no integer", condition["message"]!.AsString(), StringComparison.Ordinal);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "a"));
    }

    [Fact]
    public async Task A_deletion_that_wants_to_be_confirmed_holds_the_sync_until_it_is()
    {
        await using var ground = await Ground.StartAsync(Quick);
        await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("a")), ("deploy/b.yaml", ConfigMap("b", annotations: "{argocd.argoproj.io/sync-options: Prune=confirm}")));
        var commit = await ground.Git.CommitAsync("Drop b", ("deploy/b.yaml", null), ("deploy/a.yaml", ConfigMap("a", "2")));
        await PhaseAsync(ground, "Running", "waiting for pruning confirmation of ConfigMap/shop/b");
        Assert.Equal("1", (await ground.FindAsync("ConfigMap", "a"))!.Body.At("data", "k")!.AsString());

        var application = await ground.Client.ResolveAsync(Application.Kind, Cancel);
        var approval = YamlMap.Of(("metadata", YamlMap.Of(("annotations", YamlMap.Of((Application.DeletionApprovedAnnotation, $"{TimeProvider.System.GetUtcNow().AddSeconds(1):yyyy-MM-ddTHH:mm:ssZ}"))))));
        await ground.Client.PatchAsync(application, "capstan", "shop", PatchKind.Merge, approval, cancellation: Cancel);
        await ground.SyncedAsync(commit);
        await Ground.UntilAsync(async () => await ground.FindAsync("ConfigMap", "b") is null ? "gone" : null);
    }

    [Fact]
    public async Task A_sync_of_some_objects_touches_no_other_runs_no_hook_and_is_no_deployment()
    {
        await using var ground = await Ground.StartAsync(Quick);
        await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a")), ("deploy/b.yaml", ConfigMap("b")), ("deploy/before.yaml", Job("before", Hook("PreSync"))));
        await ground.CreateApplicationAsync("""{"syncOptions":["CreateNamespace=true"]}""");
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "OutOfSync");
        await AskAsync(ground, """{"resources":[{"group":"","kind":"ConfigMap","name":"a"}]}""");
        await PhaseAsync(ground, "Succeeded");
        Assert.NotNull(await ground.FindAsync("ConfigMap", "a"));
        Assert.Null(await ground.FindAsync("ConfigMap", "b"));
        Assert.Null(await FindJobAsync(ground, "before"));
        Assert.Empty(ground.Engine.Desk.History(Ground.Shop));
    }

    [Fact]
    public async Task A_dry_run_that_is_asked_for_writes_nothing()
    {
        await using var ground = await Ground.StartAsync(Quick);
        await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("a")));
        await ground.PatchPolicyAsync("""{"automated":{"enabled":false}}""");
        await ground.Git.CommitAsync("Change", ("deploy/a.yaml", ConfigMap("a", "2")));
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "OutOfSync");
        await AskAsync(ground, """{"dryRun":true}""");
        var status = await ground.UntilAsync(s => s.At("operationState", "operation", "sync", "dryRun") is not null && s.At("operationState", "phase")?.AsString() == "Succeeded");
        Assert.Contains("(dry run)", JsonText.Write(status), StringComparison.Ordinal);
        Assert.Equal("1", (await ground.FindAsync("ConfigMap", "a"))!.Body.At("data", "k")!.AsString());
        Assert.Single(ground.Engine.Desk.History(Ground.Shop));
    }

    [Fact]
    public async Task Deleting_an_application_leaves_what_wants_to_stay_and_asks_before_what_wants_to_be_confirmed()
    {
        await using var ground = await Ground.StartAsync(Quick);
        await ground.Git.CommitAsync(
            "Begin", ("deploy/a.yaml", ConfigMap("a")), ("deploy/stays.yaml", ConfigMap("stays", annotations: "{helm.sh/resource-policy: keep}")),
            ("deploy/asks.yaml", ConfigMap("asks", annotations: "{argocd.argoproj.io/sync-options: Delete=confirm}")), ("deploy/before.yaml", Job("before", Hook("PreSync"))));
        await ground.CreateApplicationAsync(metadata: """, "finalizers":["resources-finalizer.argocd.argoproj.io"]""");
        await PhaseAsync(ground, "Succeeded");
        await ground.Client.DeleteAsync(new ObjectKey(new GroupKind("argoproj.io", "Application"), "capstan", "shop"), cancellation: Cancel);
        await ground.UntilAsync(s => s["conditions"]?.ToString().Contains("waiting for confirmation of the deletion of ConfigMap/shop/asks", StringComparison.Ordinal) == true);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "a"));

        var application = await ground.Client.ResolveAsync(Application.Kind, Cancel);
        var approval = YamlMap.Of(("metadata", YamlMap.Of(("annotations", YamlMap.Of((Application.DeletionApprovedAnnotation, $"{TimeProvider.System.GetUtcNow().AddSeconds(1):yyyy-MM-ddTHH:mm:ssZ}"))))));
        await ground.Client.PatchAsync(application, "capstan", "shop", PatchKind.Merge, approval, cancellation: Cancel);
        await Ground.UntilAsync(async () => await ground.FindAsync("Application", "shop", "capstan", "argoproj.io") is null ? "gone" : null);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "stays"));
        foreach (var name in (string[])["a", "asks"])
        {
            Assert.Null(await ground.FindAsync("ConfigMap", name));
        }

        Assert.Null(await FindJobAsync(ground, "before"));
    }

    private static async Task AskAsync(Ground ground, string sync)
    {
        var application = await ground.Client.ResolveAsync(Application.Kind, Cancel);
        await ground.Client.PatchAsync(application, "capstan", "shop", PatchKind.Merge, JsonText.Read($$"""{"operation":{"initiatedBy":{"username":"ann"},"sync":{{sync}}} }"""), cancellation: Cancel);
    }
}
