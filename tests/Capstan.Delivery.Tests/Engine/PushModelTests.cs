using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplySets;
using Capstan.Delivery.Controllers;
using Capstan.Delivery.Rendering;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

public sealed class PushModelTests
{
    private static readonly ApplySet Set = new("shop-set", "shop");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string ConfigMap(string name) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n";

    private static PushRequest Request(params (string Path, string Text)[] files) =>
        new(cluster => LocalSource.Render(Make.Tree(files), ".", new DirectoryOptions(), RenderTarget.None with { Cluster = cluster }), "shop", Set, Prune: true);

    [Fact]
    public async Task What_was_applied_is_remembered_so_that_the_next_call_can_prune()
    {
        await using var ground = await Ground.StartAsync();
        var push = new ApplySetSync(ground.Client, TimeProvider.System);
        var first = Request(("a.yaml", ConfigMap("a")), ("b.yaml", ConfigMap("b")));
        var plan = await push.PlanAsync(first, Cancel);
        Assert.EndsWith("2 to create, 0 to change, 0 to prune, 0 unchanged\n", plan.ToText(), StringComparison.Ordinal);
        Assert.True((await push.RunAsync(first, plan, dryRun: false, Cancel)).Succeeded);
        Assert.Equal(Set.Id, (await ground.FindAsync("ConfigMap", "a"))!.Label("applyset.kubernetes.io/part-of"));
        var parent = await ground.FindAsync("Secret", "shop-set");
        Assert.Equal(("capstan/v0.1", "ConfigMap"), (parent!.Annotation("applyset.kubernetes.io/tooling"), parent.Annotation("applyset.kubernetes.io/contains-group-kinds")));

        var second = Request(("a.yaml", ConfigMap("a")));
        plan = await push.PlanAsync(second, Cancel);
        Assert.EndsWith("0 to create, 0 to change, 1 to prune, 1 unchanged\n", plan.ToText(), StringComparison.Ordinal);
        await push.RunAsync(second, plan, dryRun: false, Cancel);
        await Ground.UntilAsync(async () => await ground.FindAsync("ConfigMap", "b") is null ? "gone" : null);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "a"));
    }

    [Fact]
    public async Task Waves_and_hooks_are_waited_for_and_hooks_are_not_pruned()
    {
        await using var ground = await Ground.StartAsync();
        const string job = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: before\n  annotations: {argocd.argoproj.io/hook: PreSync}\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{name: main, image: example/job}]\n";
        var late = ConfigMap("b").Replace("{name: b}", "{name: b, annotations: {argocd.argoproj.io/sync-wave: '1'}}", StringComparison.Ordinal);
        foreach (var expected in (string[])["2 to create, 0 to change, 0 to prune, 0 unchanged, 1 hooks\n", "0 to create, 0 to change, 0 to prune, 2 unchanged, 1 hooks\n"])
        {
            var push = new ApplySetSync(ground.Client, TimeProvider.System);
            var request = Request(("a.yaml", ConfigMap("a")), ("b.yaml", late), ("job.yaml", job));
            var plan = await push.PlanAsync(request, Cancel);
            Assert.EndsWith(expected, plan.ToText(), StringComparison.Ordinal);
            var told = new List<string>();
            var run = await push.RunAsync(request, plan, dryRun: false, Cancel, tell: told.Add);
            Assert.True(run.Succeeded, run.Message);
            Assert.Contains("waiting for completion of hook Job/shop/before", told);
            Assert.NotNull(await ground.FindAsync("Job", "before", group: "batch"));
        }
    }

    [Fact]
    public async Task The_set_of_another_tool_is_refused()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Client.CreateAsync(Make.Object("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}"""), cancellation: Cancel);
        var other = Set.Parent([], []).WithAnnotation(ApplySet.ToolingAnnotation, "kubectl/v1.35");
        await ground.Client.CreateAsync(other, cancellation: Cancel);
        var error = await Assert.ThrowsAsync<DeliveryException>(() => new ApplySetSync(ground.Client, TimeProvider.System).PlanAsync(Request(("a.yaml", ConfigMap("a"))), Cancel));
        Assert.Contains("is an ApplySet of kubectl/v1.35", error.Message);
    }

    [Fact]
    public void The_id_is_made_as_the_proposal_says()
    {
        Assert.Matches("^applyset-[A-Za-z0-9_-]{43}-v1$", Set.Id);
        Assert.Equal(new GroupKind("apps", "Deployment"), ApplySet.KindsOf(Set.Parent([new GroupKind("apps", "Deployment")], [])).Single());
        Assert.Equal(["shop", "other"], ApplySet.NamespacesOf(Set.Parent([], ["other", "shop", ""])));
        Assert.NotEqual(Set.Id, new ApplySet("shop-set", "other").Id);
        Assert.IsType<YamlMap>(Set.Parent([], []).Body);
    }
}
