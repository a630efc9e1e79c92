using Capstan.Kubernetes;
using Capstan.Kubernetes.Tests;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>What a bad day does to a sync.</summary>
public sealed class ResilienceTests
{
    private static readonly GroupKind ConfigMaps = new("", "ConfigMap");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string ConfigMap(string name, string value = "1") => $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  k: \"{value}\"\n";

    private static bool IsWrite(string request) => !request.StartsWith("GET ", StringComparison.Ordinal) && request.Contains("/configmaps/", StringComparison.Ordinal);

    [Fact]
    public async Task A_sync_that_was_cut_off_goes_on_at_the_commit_at_which_it_began()
    {
        await using var ground = await Ground.StartAsync(throughProxy: true);
        var hung = new TaskCompletionSource();
        ground.Proxy.Choose = request =>
        {
            // The first object arrives; the second is never answered, as if the process had died there.
            if (IsWrite(request) && request.Contains("/b?", StringComparison.Ordinal))
            {
                hung.TrySetResult();
                return new Fault.Drop();
            }

            return null;
        };
        var first = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a")), ("deploy/b.yaml", ConfigMap("b")));
        await ground.CreateApplicationAsync(policy: """{"syncOptions":["CreateNamespace=true"]}""");
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "OutOfSync");
        await ground.Engine.Desk.SyncAsync(Ground.Shop, "eve", null, null, Cancel);
        await hung.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        await ground.StopEngineAsync();
        var cut = (await ground.ApplicationAsync()).Status;
        Assert.Equal(("Running", first), (cut.At("operationState", "phase")!.AsString(), cut.At("operationState", "operation", "sync", "revision")?.AsString() ?? cut.At("operationState", "syncResult", "revision")?.AsString()));
        Assert.Null(await ground.FindAsync("ConfigMap", "b"));

        // A commit that came meanwhile is not what was being deployed.
        await ground.Git.CommitAsync("Meanwhile", ("deploy/b.yaml", ConfigMap("b", "2")));
        ground.StartEngine();
        var status = await ground.UntilAsync(s => s.At("operationState", "phase")?.AsString() == "Succeeded");
        Assert.Equal(first, status.At("operationState", "syncResult", "revision")!.AsString());
        Assert.Equal("eve", status.At("operationState", "operation", "initiatedBy", "username")!.AsString());
        Assert.Equal("1", (await ground.FindAsync("ConfigMap", "b"))!.Body.At("data", "k")!.AsString());
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "OutOfSync");
    }

    [Fact]
    public async Task A_branch_that_is_forced_elsewhere_during_a_sync_changes_nothing_in_it()
    {
        await using var ground = await Ground.StartAsync();
        static string Second(string value) => ConfigMap("b", value).Replace("  name: b\n", "  name: b\n  annotations: {argocd.argoproj.io/sync-wave: '1'}\n", StringComparison.Ordinal);
        var before = await ground.Git.CommitAsync("Before", ("README", "nothing"));
        var first = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a")), ("deploy/b.yaml", Second("1")));
        await ground.CreateApplicationAsync(policy: """{"syncOptions":["CreateNamespace=true"]}""");
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "OutOfSync");
        await ground.Engine.Desk.SyncAsync(Ground.Shop, "eve", null, null, Cancel);

        // Between the waves the branch is moved to a commit that knows nothing of the first.
        await Ground.UntilAsync(async () => await ground.FindAsync("ConfigMap", "a"));
        await ground.Git.ForcePushAsync(before, ("deploy/b.yaml", Second("2")));

        var status = await ground.UntilAsync(s => s.At("operationState", "phase")?.AsString() == "Succeeded");
        Assert.Equal(first, status.At("operationState", "syncResult", "revision")!.AsString());
        Assert.Equal("1", (await ground.FindAsync("ConfigMap", "b"))!.Body.At("data", "k")!.AsString());
        Assert.Equal(first, ((YamlMap)((YamlList)status["history"]!)[^1])["revision"]!.AsString());
    }

    [Fact]
    public async Task A_termination_stops_the_operation_and_says_so()
    {
        await using var ground = await Ground.StartAsync(throughProxy: true);
        var begun = new TaskCompletionSource();
        ground.Proxy.Choose = request =>
        {
            if (!IsWrite(request))
            {
                return null;
            }

            begun.TrySetResult();
            return new Fault.Answer(429, """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"TooManyRequests","code":429,"message":"slow down"}""", "Retry-After: 20\r\n");
        };
        await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a")));
        await ground.CreateApplicationAsync(policy: """{"syncOptions":["CreateNamespace=true"]}""");
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "OutOfSync");
        await ground.Engine.Desk.SyncAsync(Ground.Shop, "eve", null, null, Cancel);
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        Assert.True(await ground.Engine.Desk.TerminateAsync(Ground.Shop, Cancel));
        var status = await ground.UntilAsync(s => s.At("operationState", "phase")?.AsString() == "Failed");
        Assert.Equal("Operation terminated", status.At("operationState", "message")!.AsString());
        Assert.False(await ground.Engine.Desk.TerminateAsync(Ground.Shop, Cancel));
        Assert.Null(await ground.FindAsync("ConfigMap", "a"));
    }

    private static async Task SkipAsync(Ground ground, string value)
    {
        var resource = await ground.Client.ResolveAsync(Delivery.Applications.Application.Kind, Cancel);
        await ground.Client.PatchAsync(resource, "capstan", "shop", PatchKind.Merge, JsonText.Read($$"""{"metadata":{"annotations":{"argocd.argoproj.io/skip-reconcile":{{value}}} } }"""), cancellation: Cancel);
    }

    [Fact]
    public async Task An_application_whose_reconciliation_is_skipped_rests_and_goes_on_when_that_is_lifted()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("a")));
        await SkipAsync(ground, "\"true\"");
        await Ground.UntilAsync(async () => (await ground.ApplicationAsync()).Annotation("argocd.argoproj.io/skip-reconcile") == "true" && ground.Engine.Desk.Get(Ground.Shop)!.Annotation("argocd.argoproj.io/skip-reconcile") == "true" ? "" : null);
        var paused = await ground.Git.CommitAsync("While paused", ("deploy/a.yaml", ConfigMap("a", "2")));
        await ground.Client.DeleteAsync(new ObjectKey(ConfigMaps, "shop", "a"), cancellation: Cancel);
        await Task.Delay(500, Cancel);
        Assert.Null(await ground.FindAsync("ConfigMap", "a"));
        await SkipAsync(ground, "null");
        await ground.SyncedAsync(paused);
        Assert.Equal("2", (await ground.FindAsync("ConfigMap", "a"))!.Body.At("data", "k")!.AsString());
    }

    [Fact]
    public async Task A_pinned_application_stays_where_it_is_until_the_pin_is_lifted()
    {
        await using var ground = await Ground.StartAsync();
        var first = await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("a")));
        var second = await ground.Git.CommitAsync("Second", ("deploy/a.yaml", ConfigMap("a", "2")));
        await ground.SyncedAsync(second);

        // A tag cannot go forward, so going back is a pin.
        var application = await ground.ApplicationAsync();
        var resource = await ground.Client.ResolveAsync(application.GroupVersionKind, Cancel);
        await ground.Client.PatchAsync(resource, "capstan", "shop", PatchKind.Merge, JsonText.Read($$"""{"spec":{"source":{"targetRevision":"{{second}}"} } }"""), cancellation: Cancel);
        await Ground.UntilAsync(async () => (await Task.FromResult(ground.Engine.Desk.Get(Ground.Shop)))!.Spec.At("source", "targetRevision")!.AsString() == second ? "" : null);
        var outcome = await ground.Engine.Desk.RollbackAsync(Ground.Shop, null, "eve", dryRun: false, Cancel);
        Assert.True(outcome.Pinned);
        var status = await ground.UntilAsync(s => s.At("sync", "revision")?.AsString() == first && s["conditions"]?.ToString().Contains("held at", StringComparison.Ordinal) == true);
        await ground.Engine.Desk.UnpinAsync(Ground.Shop, Cancel);
        await ground.SyncedAsync(second);
        Assert.NotNull(status);
    }

    [Fact]
    public async Task A_definition_and_its_objects_come_in_one_sync()
    {
        await using var ground = await Ground.StartAsync();
        const string definition = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: ships.example.com}
            spec:
              group: example.com
              scope: Namespaced
              names: {plural: ships, kind: Ship}
              versions:
              - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
            """;
        await ground.SyncedOnceAsync(("deploy/ship.yaml", "apiVersion: example.com/v1\nkind: Ship\nmetadata: {name: mary}\nspec: {masts: 3}\n"), ("deploy/z.yaml", definition));
        await ground.Client.DiscoverAsync(refresh: true, Cancel);
        Assert.Equal("3", (await ground.FindAsync("Ship", "mary", group: "example.com"))!.Spec["masts"]!.ToString());
    }

    [Fact]
    public async Task With_prune_last_nothing_goes_before_the_rest_is_healthy()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("a")), ("deploy/b.yaml", ConfigMap("b")));
        await ground.PatchPolicyAsync("""{"syncOptions":["CreateNamespace=true","PruneLast=true"]}""");
        const string job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: slow}\nspec:\n  suspend: true\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{name: main, image: example/job}]\n";
        await ground.Git.CommitAsync("Replace b", ("deploy/b.yaml", null), ("deploy/c.yaml", job));
        await ground.UntilAsync(s => s.At("operationState", "message")?.AsString()?.Contains("waiting for healthy state of Job", StringComparison.Ordinal) == true);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "b"));
        var jobs = await ground.Client.ResolveAsync(new GroupKind("batch", "Job"), Cancel);
        await ground.Client.PatchAsync(jobs, "shop", "slow", PatchKind.Merge, JsonText.Read("""{"status":{"conditions":[{"type":"Complete","status":"True"}]}}"""), subresource: "status", cancellation: Cancel);
        await Ground.UntilAsync(async () => await ground.FindAsync("ConfigMap", "b") is null ? "gone" : null);
        await ground.UntilAsync(s => s.At("operationState", "phase")?.AsString() == "Succeeded");
    }

    [Fact]
    public async Task A_storm_of_errors_ends_in_the_wanted_state()
    {
        await using var ground = await Ground.StartAsync(throughProxy: true);
        var count = 0;
        ground.Proxy.Choose = request => !IsWrite(request) ? null : (Interlocked.Increment(ref count) % 5) switch
        {
            0 => new Fault.Answer(429, """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"TooManyRequests","code":429,"message":"slow down"}"""),
            1 => new Fault.Answer(500, """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"InternalError","code":500,"message":"oh"}"""),
            2 => new Fault.Answer(409, """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Conflict","code":409,"message":"the object has been modified"}"""),
            3 => new Fault.LoseAnswer(),
            _ => null,
        };
        var files = Enumerable.Range(0, 6).Select(i => ($"deploy/{i}.yaml", (string?)ConfigMap($"c{i}"))).ToArray();
        var commit = await ground.Git.CommitAsync("Begin", files);
        await ground.CreateApplicationAsync(policy: """{"automated":{"prune":true,"selfHeal":true},"syncOptions":["CreateNamespace=true"],"retry":{"limit":20,"backoff":{"duration":"100ms","maxDuration":"1s"}}}""");
        var status = await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "Synced" && s.At("operationState", "finishedAt") is not null);
        Assert.Equal(commit, status.At("sync", "revision")!.AsString());
        Assert.DoesNotContain("SyncError", status["conditions"]?.ToString() ?? "", StringComparison.Ordinal);
        foreach (var i in Enumerable.Range(0, 6))
        {
            Assert.NotNull(await ground.FindAsync("ConfigMap", $"c{i}"));
        }
    }

    [Fact]
    public async Task A_watch_that_ends_because_its_version_is_too_old_loses_nothing()
    {
        await using var ground = await Ground.StartAsync(throughProxy: true);
        var gone = 0;
        ground.Proxy.Choose = request => request.Contains("watch=", StringComparison.Ordinal) && request.Contains("/configmaps", StringComparison.Ordinal) && Interlocked.Increment(ref gone) < 4 ? Fault.Gone : null;

        // Made and deleted again while nobody watches: no event tells of it.
        await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("a")));
        await ground.Client.DeleteAsync(new ObjectKey(ConfigMaps, "shop", "a"), cancellation: Cancel);
        await Ground.UntilAsync(() => ground.FindAsync("ConfigMap", "a"));
        await Ground.UntilAsync(() => Task.FromResult(Volatile.Read(ref gone) >= 4 ? "followed again" : null));
        await ground.Client.DeleteAsync(new ObjectKey(ConfigMaps, "shop", "a"), cancellation: Cancel);
        await Ground.UntilAsync(() => ground.FindAsync("ConfigMap", "a"));
    }

    [Fact]
    public async Task A_cluster_that_is_lost_turns_applications_unknown_and_nothing_is_pruned()
    {
        await using var ground = await Ground.StartAsync();
        await using var far = new FaultProxy(ClusterConnection.FromKubeconfig(ground.Kubeconfig));
        await ground.Client.CreateAsync(Make.Object($$$$"""
            {"apiVersion":"v1","kind":"Secret","metadata":{"name":"far","namespace":"capstan","labels":{"argocd.argoproj.io/secret-type":"cluster"}},
             "stringData":{"name":"far","server":"{{{{far.Connection.Server.ToString().TrimEnd('/')}}}}","config":"{\"bearerToken\":\"t\"}"}}
            """), cancellation: Cancel);
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a")));
        var server = far.Connection.Server.ToString().TrimEnd('/');
        await ground.CreateApplicationAsync(server: server);
        await ground.SyncedAsync(commit);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "a"));

        await far.CutAsync();
        await ground.Git.CommitAsync("Drop", ("deploy/a.yaml", null), ("deploy/b.yaml", ConfigMap("b")));
        var status = await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "Unknown" && s.At("health", "status")?.AsString() == "Unknown");
        Assert.Contains("nothing is pruned meanwhile", status["conditions"]!.ToString(), StringComparison.Ordinal);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "a"));
    }

    [Theory]
    [InlineData("""{"execProviderConfig":{"command":"evil"}}""", "config.execProviderConfig is not supported")]
    [InlineData("{not json", "config is no JSON")]
    public async Task A_cluster_secret_that_is_not_usable_is_named_without_its_content(string config, string said)
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a")));
        await ground.Client.CreateAsync(Make.Object($$$$"""
            {"apiVersion":"v1","kind":"Secret","metadata":{"name":"far","namespace":"capstan","labels":{"argocd.argoproj.io/secret-type":"cluster"}},
             "stringData":{"name":"far","server":"https://127.0.0.1:1","config":{{{{JsonText.Write(YamlScalar.String(config))}}}}}}
            """), cancellation: Cancel);
        await ground.CreateApplicationAsync(server: "https://127.0.0.1:1");
        var status = await ground.UntilAsync(s => s["conditions"] is YamlList { Count: > 0 });
        Assert.Contains(said, status["conditions"]!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("evil", status["conditions"]!.ToString(), StringComparison.Ordinal);

        // It does not stop the others.
        await ground.CreateApplicationAsync(name: "near");
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "Synced", "near");
    }

    [Fact]
    public async Task A_namespace_that_is_being_deleted_is_waited_for()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Client.CreateAsync(Make.Object("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}"""), cancellation: Cancel);
        await ground.Client.CreateAsync(Make.Object("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"holds","namespace":"shop","finalizers":["example.com/hold"]}}"""), cancellation: Cancel);
        await ground.Client.DeleteAsync(new ObjectKey(new GroupKind("", "Namespace"), "", "shop"), cancellation: Cancel);
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a")));
        await ground.CreateApplicationAsync(policy: """{"automated":{"prune":true,"selfHeal":true},"syncOptions":["CreateNamespace=true"],"retry":{"limit":-1,"backoff":{"duration":"200ms","maxDuration":"1s"}}}""");
        var status = await ground.UntilAsync(s => s["conditions"] is YamlList { Count: > 0 });
        Assert.Contains("Wait until the namespace is gone", status["conditions"]!.ToString(), StringComparison.Ordinal);
        var resource = await ground.Client.ResolveAsync(ConfigMaps, Cancel);
        await ground.Client.PatchAsync(resource, "shop", "holds", PatchKind.Merge, JsonText.Read("""{"metadata":{"finalizers":null}}"""), cancellation: Cancel);
        await ground.SyncedAsync(commit);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "a"));
    }

    [Fact]
    public async Task Beside_argo_cd_nothing_is_done_and_that_is_said()
    {
        await using var ground = await Ground.StartAsync();
        const string argo = """{"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"argocd-application-controller","namespace":"argocd"},"spec":{"replicas":1,"serviceName":"a","selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""";
        await ground.Client.CreateAsync(Make.Object(argo), cancellation: Cancel);
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a")));
        await ground.CreateApplicationAsync();
        await Ground.UntilAsync(async () => (ground.Engine.Desk.Get(Ground.Shop) is null ? [] : await ground.Engine.Desk.WhyAsync(Ground.Shop, Cancel)).FirstOrDefault(e => e.Cause.Contains("Capstan acts on nothing", StringComparison.Ordinal)));
        Assert.Null(await ground.FindAsync("ConfigMap", "a"));
        Assert.False((await ground.ApplicationAsync()).Body.ContainsKey("status"));

        var sets = await ground.Client.ResolveAsync(new GroupKind("apps", "StatefulSet"), Cancel);
        await ground.Client.PatchAsync(sets, "argocd", "argocd-application-controller", PatchKind.Merge, JsonText.Read("""{"spec":{"replicas":0}}"""), cancellation: Cancel);
        await ground.SyncedAsync(commit);
    }
}
