using Capstan.Delivery.Controllers;
using Capstan.Delivery.Migrating;
using Capstan.LocalCluster.Tests;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>Taking over what Argo CD made.</summary>
public sealed class MigrationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ClusterKind.Local, "--server-side")]
    [InlineData(ClusterKind.Local, "--server-side=false")]
    [InlineData(ClusterKind.Real, "--server-side")]
    [InlineData(ClusterKind.Real, "--server-side=false")]
    public async Task Objects_that_argo_cd_synced_stand_still_when_they_are_taken_over(ClusterKind kind, string how)
    {
        await using var ground = await Ground.StartAsync(kind: kind);
        await ground.StopEngineAsync();
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/web.yaml", Web("")), ("deploy/settings.yaml", Settings("")));
        await KubectlAsync(ground, $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {ground.Space}}}\n", "apply", "--validate=false", "-f", "-");
        var app = ground.Key().Name;
        string Tracked(string id) => $", annotations: {{argocd.argoproj.io/tracking-id: \"{app}:{id}\"}}";
        var live = Web(Tracked($"apps/Deployment:{ground.Space}/web")) + "---\n" + Settings(Tracked($"/ConfigMap:{ground.Space}/settings"));
        await KubectlAsync(ground, live, "apply", how, "--field-manager=argocd-controller", "--validate=false", "-n", ground.Space, "-f", "-");
        await ground.CreateApplicationAsync();
        var before = await MetadataAsync(ground);

        var runner = new MigrationRunner(ground.Client, TimeProvider.System);
        var plan = MigrationPlanner.Plan(await runner.ReadAsync(ground.Control, Cancel));
        Assert.Equal(0, plan.Count(MigrationVerdict.NotSupported));
        await runner.HandOverAsync(ground.Control, plan, Cancel);
        ground.StartEngine();
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "Synced" && s.At("sync", "revision")?.AsString() == commit);

        Assert.Equal(before, await MetadataAsync(ground));
        Assert.NotNull(await ground.FindAsync("ConfigMap", MigrationRunner.Record, ground.Control));
    }

    [Fact]
    public async Task Nothing_is_handed_over_while_a_controller_of_argo_cd_runs()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Client.CreateAsync(Make.Object(Controller), cancellation: Cancel);
        var runner = new MigrationRunner(ground.Client, TimeProvider.System);
        var refusal = await Assert.ThrowsAsync<DeliveryException>(() => runner.HandOverAsync(ground.Control, new MigrationPlan([]), Cancel));
        Assert.Contains("StatefulSet/argocd/team-argocd-application-controller: has replicas", refusal.Message, StringComparison.Ordinal);
        Assert.Null(await ground.FindAsync("ConfigMap", MigrationRunner.Record, ground.Control));

        await new ArgoControllers(ground.Client, TimeProvider.System).StopAsync(TimeSpan.FromSeconds(60), _ => { }, Cancel);
        await runner.HandOverAsync(ground.Control, new MigrationPlan([]), Cancel);
        Assert.NotNull(await ground.FindAsync("ConfigMap", MigrationRunner.Record, ground.Control));
    }

    [Fact]
    public async Task An_export_is_written_in_full_with_owners_by_their_new_uids()
    {
        await using var ground = await Ground.StartAsync();
        await new MigrationRunner(ground.Client, TimeProvider.System).WriteAsync(Export(), Cancel);
        var set = (await ground.FindAsync("ApplicationSet", "set", "argocd", "argoproj.io"))!;
        var app = (await ground.FindAsync("Application", "made", "argocd", "argoproj.io"))!;
        Assert.Equal(set.Metadata["uid"]!.AsString(), ((YamlMap)((YamlList)app.Metadata["ownerReferences"]!)[0])["uid"]!.AsString());
        Assert.NotNull(await ground.FindAsync("AppProject", "team", "argocd", "argoproj.io"));
    }

    [Fact]
    public async Task An_export_of_which_one_object_is_refused_writes_nothing()
    {
        await using var ground = await Ground.StartAsync();
        var broken = MigrationExport.Read("more.yaml", "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: Not_A_Name}, spec: {}}"u8, "argocd");
        var plan = MigrationPlanner.Plan([.. Export().Items.Select(i => i.Source), .. broken]);
        var refusal = await Assert.ThrowsAsync<DeliveryException>(() => new MigrationRunner(ground.Client, TimeProvider.System).WriteAsync(plan, Cancel));
        Assert.Contains("nothing was written", refusal.Message, StringComparison.Ordinal);
        Assert.Null(await ground.FindAsync("AppProject", "team", "argocd", "argoproj.io"));
    }

    private const string Controller = """
        {"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"team-argocd-application-controller","namespace":"argocd"},"spec":{"replicas":1,"serviceName":"a",
        "selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
        """;

    private static MigrationPlan Export() => MigrationPlanner.Plan(MigrationExport.Read("export.yaml", """
        {apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: team}, spec: {sourceRepos: ["*"]}}
        ---
        apiVersion: argoproj.io/v1alpha1
        kind: ApplicationSet
        metadata: {name: set, uid: old}
        spec:
          generators: [{list: {elements: [{name: made}]}}]
          template:
            metadata: {name: "{{name}}"}
            spec: {project: team, source: {repoURL: "https://git.example/shop.git", path: .}, destination: {server: "https://kubernetes.default.svc", namespace: shop}}
        ---
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata:
          name: made
          resourceVersion: "17"
          ownerReferences: [{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, name: set, uid: old, controller: true, blockOwnerDeletion: true}]
        spec: {project: team, source: {repoURL: "https://git.example/shop.git", path: .}, destination: {server: "https://kubernetes.default.svc", namespace: shop}}
        """u8, "argocd"));

    private static string Web(string annotations) => $$$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web{{{annotations}}}}
        spec:
          replicas: 1
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, image: "nginx:1.27"}]}

        """;

    private static string Settings(string annotations) => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings{annotations}}}\ndata: {{a: b}}\n";

    // Of a Deployment the status moves by itself, so its generation stands for the version of what was asked.
    private static async Task<IReadOnlyList<string>> MetadataAsync(Ground ground)
    {
        var (map, web) = ((await ground.FindAsync("ConfigMap", "settings"))!, (await ground.FindAsync("Deployment", "web", group: "apps"))!);
        return [$"{map.Metadata["uid"]} {map.ResourceVersion}", $"{web.Metadata["uid"]} {web.Metadata["generation"]} {web.Annotation("argocd.argoproj.io/tracking-id")}",
            string.Join(' ', ((YamlList)web.Metadata["managedFields"]!).OfType<YamlMap>().Where(f => f["subresource"] is null && f["manager"]?.AsString() == "argocd-controller").Select(f => f["time"]!.AsString()))];
    }

    private static async Task KubectlAsync(Ground ground, string input, params string[] arguments)
    {
        var program = Kubectl.Programs().FirstOrDefault();
        Assert.SkipWhen(program is null, "no kubectl: run eng/judges/fetch.sh");
        var (code, output, error) = await Kubectl.RunAsync(program!, ground.Kubeconfig, input, arguments);
        Assert.True(code == 0, error + output);
    }
}
