using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

public sealed class MainJobTests
{
    private static string ConfigMap(string name, string value) => $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  k: \"{value}\"\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_push_becomes_the_state_of_the_cluster_and_a_revert_undoes_it()
    {
        await using var ground = await Ground.StartAsync();
        var first = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a", "1")), ("deploy/b.yaml", ConfigMap("b", "1")));
        await ground.CreateApplicationAsync();
        var status = await ground.SyncedAsync(first);
        Assert.Equal("Healthy", status.At("health", "status")!.AsString());
        Assert.Equal("Directory", status["sourceType"]!.AsString());
        var live = await ground.FindAsync("ConfigMap", "a");
        Assert.Equal("shop:/ConfigMap:shop/a", live!.Annotation("argocd.argoproj.io/tracking-id"));

        var second = await ground.Git.CommitAsync("Change a, drop b", ("deploy/a.yaml", ConfigMap("a", "2")), ("deploy/b.yaml", null));
        await ground.SyncedAsync(second);
        Assert.Equal("2", (await ground.FindAsync("ConfigMap", "a"))!.Body.At("data", "k")!.AsString());
        await Ground.UntilAsync(async () => await ground.FindAsync("ConfigMap", "b") is null ? "gone" : null);

        var third = await ground.Git.RevertAsync();
        status = await ground.SyncedAsync(third);
        Assert.Equal("1", (await ground.FindAsync("ConfigMap", "a"))!.Body.At("data", "k")!.AsString());
        Assert.NotNull(await ground.FindAsync("ConfigMap", "b"));

        var history = ground.Engine.Desk.History(Ground.Shop);
        Assert.Equal([third, second, first], history.Select(d => d.Revision));
        Assert.Equal(("Ann Author", "Change a, drop b"), (history[1].Author, history[1].Subject));
        Assert.Equal(3, Assert.IsType<YamlList>(status["history"]).Count);
    }

    [Fact]
    public async Task Drift_is_healed_and_a_deleted_object_comes_back()
    {
        await using var ground = await Ground.StartAsync();
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a", "1")));
        await ground.CreateApplicationAsync();
        await ground.SyncedAsync(commit);

        await ground.Client.DeleteAsync(new ObjectKey(new GroupKind("", "ConfigMap"), "shop", "a"), cancellation: Cancel);
        await Ground.UntilAsync(() => ground.FindAsync("ConfigMap", "a"));
        var resource = await ground.Client.ResolveAsync(new GroupKind("", "ConfigMap"), Cancel);
        await ground.Client.PatchAsync(resource, "shop", "a", PatchKind.Merge, JsonText.Read("""{"data":{"k":"mine"}}"""), new WriteOptions { FieldManager = "kubectl-edit" }, cancellation: Cancel);
        await Ground.UntilAsync(async () => (await ground.FindAsync("ConfigMap", "a"))?.Body.At("data", "k")?.AsString() == "1" ? "healed" : null);

        // Undoing drift is no deployment.
        Assert.Single(ground.Engine.Desk.History(Ground.Shop));
    }

    [Fact]
    public async Task Broken_manifests_leave_the_last_good_state_and_are_named()
    {
        await using var ground = await Ground.StartAsync();
        var good = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a", "1")));
        await ground.CreateApplicationAsync();
        await ground.SyncedAsync(good);

        await ground.Git.CommitAsync("Break", ("deploy/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n"));
        var status = await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "Unknown");
        var condition = Assert.IsType<YamlMap>(Assert.IsType<YamlList>(status["conditions"])[0]);
        Assert.Equal("ComparisonError", condition["type"]!.AsString());
        Assert.StartsWith("deploy/a.yaml:1:1: ConfigMap: metadata.name is missing", condition["message"]!.AsString(), StringComparison.Ordinal);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "a"));
        Assert.Contains(await ground.Engine.Desk.WhyAsync(Ground.Shop, Cancel), e => e.Cause.Contains("metadata.name is missing", StringComparison.Ordinal));

        await ground.SyncedAsync(await ground.Git.RevertAsync());
    }

    [Fact]
    public async Task A_source_that_went_empty_deletes_nothing()
    {
        await using var ground = await Ground.StartAsync();
        var good = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a", "1")), ("deploy/README.md", "x"));
        await ground.CreateApplicationAsync();
        await ground.SyncedAsync(good);

        var empty = await ground.Git.CommitAsync("Empty", ("deploy/a.yaml", null));
        var status = await ground.UntilAsync(s => s.At("sync", "revision")?.AsString() == empty && s["conditions"] is YamlList { Count: > 0 });
        Assert.Contains("the source holds no objects", status["conditions"]!.ToString());
        Assert.NotNull(await ground.FindAsync("ConfigMap", "a"));
    }

    [Fact]
    public async Task Deleting_an_application_with_the_finalizer_takes_its_objects_along()
    {
        await using var ground = await Ground.StartAsync();
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a", "1")));
        await ground.CreateApplicationAsync(metadata: ",\"finalizers\":[\"resources-finalizer.argocd.argoproj.io\"]");
        await ground.SyncedAsync(commit);
        await ground.Client.DeleteAsync(new ObjectKey(new GroupKind("argoproj.io", "Application"), "capstan", "shop"), cancellation: Cancel);
        await Ground.UntilAsync(async () => await ground.FindAsync("Application", "shop", "capstan", "argoproj.io") is null ? "gone" : null);
        Assert.Null(await ground.FindAsync("ConfigMap", "a"));
    }

    [Fact]
    public async Task A_restart_finds_everything_as_it_was_and_writes_nothing()
    {
        await using var ground = await Ground.StartAsync();
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a", "1")));
        await ground.CreateApplicationAsync();
        await ground.SyncedAsync(commit);
        await ground.StopEngineAsync();
        var before = await ground.ApplicationAsync();
        var live = await ground.FindAsync("ConfigMap", "a");

        ground.StartEngine();
        await Ground.UntilAsync(async () => ground.Engine.Desk.Get(Ground.Shop) is not null && (await ground.Engine.Desk.WhyAsync(Ground.Shop, Cancel)).Count == 0 && ground.Engine.Desk.Tree(Ground.Shop).Count == 1 ? "looked" : null);
        ground.Engine.NotifyPush(ground.Git.Url);
        await Task.Delay(500, Cancel);
        Assert.Equal(before.ResourceVersion, (await ground.ApplicationAsync()).ResourceVersion);
        Assert.Equal(live!.ResourceVersion, (await ground.FindAsync("ConfigMap", "a"))!.ResourceVersion);
    }

    [Fact]
    public async Task Two_applications_that_want_one_object_both_say_so_and_do_not_fight()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a", "1")), ("other/a.yaml", ConfigMap("a", "2")));
        await ground.CreateApplicationAsync();
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "Synced");
        await ground.CreateApplicationAsync(name: "other", path: "other");
        bool Says(YamlMap s) => s["conditions"]?.ToString().Contains("SharedResourceWarning", StringComparison.Ordinal) == true;
        await ground.UntilAsync(Says, "other");
        await ground.UntilAsync(Says);
        Assert.Equal("1", (await ground.FindAsync("ConfigMap", "a"))!.Body.At("data", "k")!.AsString());
    }

    [Fact]
    public async Task FailOnSharedResource_syncs_nothing_while_another_application_wants_one_of_the_objects()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a", "1")), ("other/a.yaml", ConfigMap("a", "2")), ("other/b.yaml", ConfigMap("b", "2")));
        await ground.CreateApplicationAsync();
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "Synced");

        await ground.CreateApplicationAsync(name: "other", path: "other", policy: """{"automated":{},"syncOptions":["CreateNamespace=true","FailOnSharedResource=true"]}""");

        var status = await ground.UntilAsync(s => s.At("operationState", "phase")?.AsString() == "Failed", "other");
        Assert.Contains("Shared resource found", status.At("operationState", "message")!.AsString()!, StringComparison.Ordinal);
        Assert.Null(await ground.FindAsync("ConfigMap", "b"));
        Assert.Equal("1", (await ground.FindAsync("ConfigMap", "a"))!.Body.At("data", "k")!.AsString());

        await ground.Git.CommitAsync("Leave it", ("deploy/a.yaml", null), ("deploy/c.yaml", ConfigMap("c", "1")));
        await ground.UntilAsync(s => s.At("operationState", "phase")?.AsString() == "Succeeded", "other");
        Assert.NotNull(await ground.FindAsync("ConfigMap", "b"));
    }

    [Fact]
    public async Task Only_the_platform_repository_may_write_capstans_own_kinds()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: evil, namespace: capstan}\nspec: {}\n"));
        await ground.CreateApplicationAsync();
        var status = await ground.UntilAsync(s => s["conditions"] is YamlList { Count: > 0 });
        Assert.Contains("this source may not write", status["conditions"]!.ToString());
        Assert.Null(await ground.FindAsync("Application", "evil", "capstan", "argoproj.io"));
    }

    [Fact]
    public async Task A_sync_that_is_asked_for_runs_and_names_who_asked()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a", "1")));
        await ground.CreateApplicationAsync(policy: """{"syncOptions":["CreateNamespace=true"]}""");
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "OutOfSync");
        var plan = await ground.Engine.Desk.PlanAsync(Ground.Shop, null, null, Cancel);
        Assert.Equal("+ ConfigMap/shop/a  (deploy/a.yaml:1)\n1 to create, 0 to change, 0 to prune, 0 unchanged\n", plan.ToText());
        Assert.Null(await ground.FindAsync("ConfigMap", "a"));

        await ground.Engine.Desk.SyncAsync(Ground.Shop, "eve", null, null, Cancel);
        var status = await ground.UntilAsync(s => s.At("operationState", "phase")?.AsString() == "Succeeded" && s.At("sync", "status")?.AsString() == "Synced");
        Assert.Equal("eve", status.At("operationState", "operation", "initiatedBy", "username")!.AsString());
        Assert.False((await ground.ApplicationAsync()).Body.ContainsKey("operation"));
    }

    [Fact]
    public async Task A_rollback_writes_one_commit_that_restores_the_path()
    {
        await using var ground = await Ground.StartAsync();
        var first = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a", "1")), ("elsewhere.txt", "1"));
        await ground.CreateApplicationAsync();
        await ground.SyncedAsync(first);
        var second = await ground.Git.CommitAsync("Change", ("deploy/a.yaml", ConfigMap("a", "2")), ("deploy/new.txt", "new\n"), ("elsewhere.txt", "2"));
        await ground.SyncedAsync(second);

        var dry = await ground.Engine.Desk.RollbackAsync(Ground.Shop, null, "eve", dryRun: true, Cancel);
        Assert.Equal((second, first, "--- a/deploy/a.yaml\n+++ b/deploy/a.yaml\n@@ -3,4 +3,4 @@\n metadata:\n   name: a\n data:\n-  k: \"2\"\n+  k: \"1\"\n--- a/deploy/new.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-new\n", null), (dry.From, dry.To, dry.Diff, dry.Commit));
        var done = await ground.Engine.Desk.RollbackAsync(Ground.Shop, null, "eve", dryRun: false, Cancel);
        await ground.SyncedAsync(done.Commit!);
        Assert.Equal("1", (await ground.FindAsync("ConfigMap", "a"))!.Body.At("data", "k")!.AsString());
        Assert.Equal("2", await GitFolder.RunAsync(ground.Git.Bare, "show", "main:elsewhere.txt"));
        Assert.Contains($"Capstan-Rollback-To: {first}", await GitFolder.RunAsync(ground.Git.Bare, "log", "-1", "--format=%B", "main"));
    }
}
