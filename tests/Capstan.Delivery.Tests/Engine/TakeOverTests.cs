using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplySets;
using Capstan.Delivery.Rendering;
using Capstan.LocalCluster.Tests;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>What other tools made, and what they are told of ours.</summary>
public sealed class TakeOverTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Deployment(string env, string labels = "{app: web}") => $$$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, labels: {{{labels}}} }
        spec:
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, image: "nginx:1.27", env: [{{{env}}}]}]}

        """;

    private static string ConfigMap(string data) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings}}\ndata: {data}\n";

    [Theory]
    [InlineData(ClusterKind.Local, "apply --validate=false")]
    [InlineData(ClusterKind.Real, "apply --validate=false")]
    [InlineData(ClusterKind.Local, "apply --server-side --field-manager=argocd-controller --validate=false")]
    [InlineData(ClusterKind.Real, "apply --server-side --field-manager=argocd-controller --validate=false")]
    [InlineData(ClusterKind.Local, "create --validate=false")]
    [InlineData(ClusterKind.Real, "create --validate=false")]
    public async Task A_field_that_another_tool_set_and_git_does_not_hold_goes(ClusterKind kind, string how)
    {
        await using var ground = await Ground.StartAsync(kind: kind);
        await Good(ground, $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {ground.Space}}}\n", "apply", "--validate=false", "-f", "-");
        await Good(ground, Deployment("{name: KEPT, value: a}, {name: GONE, value: b}", "{app: web, old: label}") + "---\n" + ConfigMap("{kept: a, gone: b}"), [.. how.Split(' '), "-n", ground.Space, "-f", "-"]);

        var commit = await ground.Git.CommitAsync("Begin", ("deploy/web.yaml", Deployment("{name: KEPT, value: a}")), ("deploy/settings.yaml", ConfigMap("{kept: a}")));
        await ground.CreateApplicationAsync();
        await ground.SyncedAsync(commit);
        var web = (await ground.FindAsync("Deployment", "web", group: "apps"))!;
        var container = Assert.IsType<YamlMap>(Assert.IsType<YamlList>(web.Spec.At("template", "spec", "containers"))[0]);
        Assert.Equal(["KEPT"], Assert.IsType<YamlList>(container["env"]).OfType<YamlMap>().Select(e => e["name"]!.AsString()));
        Assert.Null(web.Label("old"));
        Assert.Null(web.Annotation("kubectl.kubernetes.io/last-applied-configuration"));
        Assert.Equal(["kept"], Assert.IsType<YamlMap>((await ground.FindAsync("ConfigMap", "settings"))!.Body["data"]).Keys);

        // And it stays so when Git gives up what it held.
        commit = await ground.Git.CommitAsync("Less", ("deploy/settings.yaml", ConfigMap("{other: a}")));
        await ground.SyncedAsync(commit);
        Assert.Equal(["other"], Assert.IsType<YamlMap>((await ground.FindAsync("ConfigMap", "settings"))!.Body["data"]).Keys);
    }

    [Theory]
    [InlineData(ClusterKind.Local)]
    [InlineData(ClusterKind.Real)]
    public async Task Kubectl_lists_the_members_of_our_set_and_refuses_to_take_it_over(ClusterKind kind)
    {
        await using var ground = await Ground.StartAsync(kind: kind);
        var set = new ApplySet("shop-set", ground.Space);
        var tree = Make.Tree(("web.yaml", Deployment("{name: A, value: a}")), ("settings.yaml", ConfigMap("{a: a}")));
        var request = new PushRequest(cluster => LocalSource.Render(tree, ".", new DirectoryOptions(), RenderTarget.None with { Cluster = cluster }), ground.Space, set, Prune: true);
        var push = new ApplySetSync(ground.Client, TimeProvider.System);
        var run = await push.RunAsync(request, await push.PlanAsync(request, Cancel), dryRun: false, Cancel);
        Assert.True(run.Succeeded, run.Message);

        var listed = await Good(ground, "", "get", "deployments,configmaps", "-n", ground.Space, "-l", $"applyset.kubernetes.io/part-of={set.Id}", "-o", "name");
        Assert.Equal(["configmap/settings", "deployment.apps/web"], listed.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
        var (code, _, error) = await RunAsync(ground, ConfigMap("{a: b}"), "apply", "-n", ground.Space, "--applyset=shop-set", "--prune", "--validate=false", "-f", "-");
        Assert.NotEqual(0, code);
        Assert.Contains("tooling", error, StringComparison.Ordinal);
        Assert.Equal("a", (await ground.FindAsync("ConfigMap", "settings"))!.Body.At("data", "a")!.AsString());
    }

    private static async Task<string> Good(Ground ground, string input, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(ground, input, arguments);
        Assert.True(code == 0, error + output);
        return output;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(Ground ground, string input, params string[] arguments)
    {
        var program = Kubectl.Programs().FirstOrDefault();
        Assert.SkipWhen(program is null, "no kubectl: run eng/judges/fetch.sh");

        // By env(1), so that this process keeps its own environment.
        return await Kubectl.RunAsync("/usr/bin/env", ground.Kubeconfig, input, ["KUBECTL_APPLYSET=true", program!, .. arguments]);
    }
}
