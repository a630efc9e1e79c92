using Capstan.Delivery.Applications;
using Capstan.Delivery.Controllers;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>Applications that are deleted, on a running engine.</summary>
public sealed class DeletionTests
{
    private static readonly DeliveryOptions Quick = new() { PollInterval = TimeSpan.FromSeconds(5), WaveDelay = TimeSpan.Zero };
    private static readonly GroupKind Jobs = new("batch", "Job");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string ConfigMap(string name) => $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  k: v\n";

    private static string Job(string name, string type, string policy = "BeforeHookCreation", string image = "example/job") => $$"""
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: {{name}}
          annotations: {argocd.argoproj.io/hook: {{type}}, argocd.argoproj.io/hook-delete-policy: {{policy}}}
        spec:
          suspend: true
          template:
            spec:
              restartPolicy: Never
              containers: [{name: main, image: {{image}}}]
        """;

    private static async Task SayAsync(Ground ground, string job, string condition)
    {
        var resource = await ground.Client.ResolveAsync(Jobs, Cancel);
        var status = JsonText.Read($$"""{"status":{"conditions":[{"type":"{{condition}}","status":"True","message":"said the test"}]} }""");
        await ground.Client.PatchAsync(resource, ground.Space, job, PatchKind.Merge, status, subresource: "status", cancellation: Cancel);
    }

    private static Task<KubernetesObject> JobAsync(Ground ground, string name) =>
        Ground.UntilAsync(() => ground.FindAsync("Job", name, group: "batch"));

    private static Task<bool> DeleteAsync(Ground ground) => ground.Client.DeleteAsync(new ObjectKey(Application.Kind.GroupKind, ground.Control, ground.Key().Name), cancellation: Cancel);

    private static Task<string> GoneAsync(Ground ground) =>
        Ground.UntilAsync(async () => await ground.FindAsync("Application", ground.Key().Name, ground.Control, "argoproj.io") is null ? "gone" : null);

    private static Task<YamlMap> SaysAsync(Ground ground, string text) =>
        ground.UntilAsync(s => (s["conditions"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Any(c => $"{c["type"]?.AsString()}: {c["message"]?.AsString()}".Contains(text, StringComparison.Ordinal)));

    [Theory]
    [InlineData(ClusterKind.Local)]
    [InlineData(ClusterKind.Real)]
    public async Task A_hook_of_a_kind_without_health_is_done_when_it_is_made(ClusterKind kind)
    {
        await using var ground = await Ground.StartAsync(Quick, kind);
        static string Hook(string name, string type) => ConfigMap(name).Replace("\ndata:", $"\n  annotations: {{argocd.argoproj.io/hook: {type}}}\ndata:", StringComparison.Ordinal);
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a")), ("deploy/before.yaml", Hook("before", "PreDelete")), ("deploy/after.yaml", Hook("after", "PostDelete")));
        await ground.CreateApplicationAsync(metadata: """, "finalizers":["resources-finalizer.argocd.argoproj.io"]""");
        await ground.SyncedAsync(commit);
        await Ground.UntilAsync(async () => (await ground.ApplicationAsync()).Finalizers.Count() == 5 ? "" : null);
        await DeleteAsync(ground);
        await GoneAsync(ground);
        Assert.Null(await ground.FindAsync("ConfigMap", "a"));
        Assert.Empty((await ground.FindAsync("ConfigMap", "after"))!.Finalizers);
    }

    [Fact]
    public async Task Hooks_run_before_the_objects_go_and_after_they_are_gone()
    {
        await using var ground = await Ground.StartAsync(Quick);
        var commit = await ground.Git.CommitAsync(
            "Begin", ("deploy/a.yaml", ConfigMap("a")), ("deploy/before.yaml", Job("before", "PreDelete")), ("deploy/after.yaml", Job("after", "PostDelete", "HookSucceeded")));
        await ground.CreateApplicationAsync(metadata: """, "finalizers":["resources-finalizer.argocd.argoproj.io"]""");
        await ground.SyncedAsync(commit);
        Assert.Null(await ground.FindAsync("Job", "before", group: "batch"));
        var finalizers = await Ground.UntilAsync(async () => (await ground.ApplicationAsync()).Finalizers.ToList() is { Count: 5 } all ? all : null);
        Assert.Contains("pre-delete-finalizer.argocd.argoproj.io/cleanup", finalizers);
        Assert.Contains("post-delete-finalizer.argocd.argoproj.io", finalizers);

        await DeleteAsync(ground);
        await JobAsync(ground, "before");
        await SaysAsync(ground, $"DeletionWarning: waiting for completion of PreDelete hook Job/{ground.Space}/before");
        Assert.NotNull(await ground.FindAsync("ConfigMap", "a"));
        await SayAsync(ground, "before", "Complete");

        await JobAsync(ground, "after");
        Assert.Null(await ground.FindAsync("ConfigMap", "a"));
        await SaysAsync(ground, "waiting for completion of PostDelete hook");
        await SayAsync(ground, "after", "Complete");
        await GoneAsync(ground);
        await Ground.UntilAsync(async () => await ground.FindAsync("Job", "after", group: "batch") is null ? "gone" : null);
    }

    [Fact]
    public async Task A_failed_hook_deletes_nothing_and_runs_again_when_its_manifest_is_corrected()
    {
        await using var ground = await Ground.StartAsync(Quick);
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a")), ("deploy/before.yaml", Job("before", "PreDelete")));
        await ground.CreateApplicationAsync(metadata: """, "finalizers":["resources-finalizer.argocd.argoproj.io"]""");
        await ground.SyncedAsync(commit);
        await Ground.UntilAsync(async () => (await ground.ApplicationAsync()).Finalizers.Count() == 3 ? "" : null);
        await DeleteAsync(ground);
        var first = await JobAsync(ground, "before");
        await SayAsync(ground, "before", "Failed");
        await SaysAsync(ground, "DeletionError: PreDelete hook Job/shop/before failed: said the test; it runs again when its manifest is corrected");
        Assert.NotNull(await ground.FindAsync("ConfigMap", "a"));
        Assert.Contains(await ground.Engine.Desk.WhyAsync(Ground.Shop, Cancel), e => e.What == "DeletionError" && e.Cause.Contains("remove the finalizer pre-delete-finalizer", StringComparison.Ordinal));

        // Another commit runs nothing again.
        await ground.Git.CommitAsync("Beside", ("README.md", "x"));
        await ground.Git.CommitAsync("Correct", ("deploy/before.yaml", Job("before", "PreDelete", image: "example/corrected")));
        var second = await Ground.UntilAsync(async () => await ground.FindAsync("Job", "before", group: "batch") is { } job && job.Uid != first.Uid ? job : null);
        await SayAsync(ground, second.Name, "Complete");
        await GoneAsync(ground);
        Assert.Null(await ground.FindAsync("ConfigMap", "a"));
    }

    [Fact]
    public async Task The_finalizers_go_when_the_source_has_no_such_hooks_any_more()
    {
        await using var ground = await Ground.StartAsync(Quick);
        await ground.SyncedOnceAsync(("deploy/a.yaml", ConfigMap("a")), ("deploy/after.yaml", Job("after", "PostDelete")));
        await Ground.UntilAsync(async () => (await ground.ApplicationAsync()).Finalizers.Count() == 2 ? "" : null);
        await ground.SyncedAsync(await ground.Git.CommitAsync("Remove", ("deploy/after.yaml", null), ("deploy/b.yaml", ConfigMap("b"))));
        await Ground.UntilAsync(async () => !(await ground.ApplicationAsync()).Finalizers.Any() ? "" : null);
    }

    [Fact]
    public async Task An_object_that_is_stuck_on_a_finalizer_says_which_one()
    {
        await using var ground = await Ground.StartAsync(Quick);
        var stuck = ConfigMap("a").Replace("  name: a\n", "  name: a\n  finalizers: [example.com/guard]\n", StringComparison.Ordinal);
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", stuck));
        await ground.CreateApplicationAsync(metadata: """, "finalizers":["resources-finalizer.argocd.argoproj.io"]""");
        await ground.SyncedAsync(commit);
        await DeleteAsync(ground);
        await SaysAsync(ground, "it keeps the finalizer example.com/guard, which the controller that set it has to remove");
        var why = await ground.Engine.Desk.WhyAsync(Ground.Shop, Cancel);
        Assert.Contains(why, e => e.What == "DeletionWarning" && e.Next.Contains("kubectl edit", StringComparison.Ordinal));
        var resource = await ground.Client.ResolveAsync(new GroupKind("", "ConfigMap"), Cancel);
        await ground.Client.PatchAsync(resource, ground.Space, "a", PatchKind.Merge, JsonText.Read("""{"metadata":{"finalizers":null} }"""), cancellation: Cancel);
        await GoneAsync(ground);
    }

    [Theory]
    [InlineData("resources-finalizer.argocd.argoproj.io", true)]
    [InlineData("resources-finalizer.argocd.argoproj.io/foreground", true)]
    [InlineData("resources-finalizer.argocd.argoproj.io/background", true)]
    [InlineData("", false)]
    public async Task The_finalizer_says_whether_the_objects_go_along(string finalizer, bool goes)
    {
        await using var ground = await Ground.StartAsync(Quick);
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a")));
        await ground.CreateApplicationAsync(metadata: finalizer.Length == 0 ? "" : $", \"finalizers\":[\"{finalizer}\"]");
        await ground.SyncedAsync(commit);
        await DeleteAsync(ground);
        await GoneAsync(ground);
        Assert.Equal(goes, await ground.FindAsync("ConfigMap", "a") is null);
    }
}
