using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>Sync options that decide how an object is written (Argo CD, user-guide/sync-options.md).</summary>
public sealed class SyncOptionTests
{
    private const string Map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {k: '1'}\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Managed(string metadata) =>
        $$"""{"automated":{"prune":true,"selfHeal":true},"syncOptions":["CreateNamespace=true"],"managedNamespaceMetadata":{{metadata}} }""";

    private static Task<KubernetesObject> NamespaceAsync(Ground ground, Func<KubernetesObject, bool> met) =>
        Ground.UntilAsync(async () => await ground.FindAsync("Namespace", ground.Space, "") is { } space && met(space) ? space : null);

    [Theory]
    [InlineData(ClusterKind.Local)]
    [InlineData(ClusterKind.Real)]
    public async Task Metadata_of_the_namespace_is_kept_as_it_is_said_and_goes_when_it_is_said_no_more(ClusterKind kind)
    {
        await using var ground = await Ground.StartAsync(kind: kind);
        await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", Map));
        await ground.CreateApplicationAsync(Managed("""{"labels":{"team":"blue","tier":"1"},"annotations":{"owner":"ann"}}"""));
        var made = await NamespaceAsync(ground, s => s.Labels.ContainsKey("team"));
        Assert.Equal("blue", made.Body.At("metadata", "labels", "team")?.AsString());
        Assert.Equal("ann", made.Annotation("owner"));
        Assert.Null(made.Annotation("argocd.argoproj.io/tracking-id"));

        await ground.PatchPolicyAsync(Managed("""{"labels":{"team":"green","tier":null},"annotations":{"owner":"ann"}}"""));
        var changed = await NamespaceAsync(ground, s => s.Body.At("metadata", "labels", "team")?.AsString() == "green");
        Assert.False(changed.Labels.ContainsKey("tier"));
    }

    [Fact]
    public async Task The_managed_namespace_stays_when_the_application_goes()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", Map));
        await ground.CreateApplicationAsync(Managed("""{"labels":{"team":"blue"}}"""), metadata: ""","finalizers":["resources-finalizer.argocd.argoproj.io"]""");
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "Synced");
        await ground.Client.DeleteAsync(new ObjectKey(new GroupKind("argoproj.io", "Application"), "capstan", "shop"), cancellation: Cancel);
        await Ground.UntilAsync(async () => await ground.FindAsync("ConfigMap", "one") is null ? "" : null);
        Assert.Null((await ground.FindAsync("Namespace", "shop", ""))!.DeletionTimestamp);
    }

    [Fact]
    public async Task A_manifest_of_the_namespace_wins_over_managed_metadata()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", Map), ("deploy/ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {from: git}}\n"));
        await ground.CreateApplicationAsync(Managed("""{"labels":{"team":"blue"}}"""));
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "Synced");
        var space = await ground.FindAsync("Namespace", "shop", "");
        Assert.True(space!.Labels.ContainsKey("from"));
        Assert.False(space.Labels.ContainsKey("team"));
    }

    [Theory]
    [InlineData("Validate=true", "unknown field")]
    [InlineData("Validate=false", null)]
    public async Task Fields_that_the_kind_does_not_have_are_refused_unless_validation_is_off(string option, string? refusal)
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync("Begin", ("deploy/crd.yaml", Definition), ("deploy/z.yaml", "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {size: 1, colour: red}\n"));
        await ground.CreateApplicationAsync($$$"""{"automated":{},"syncOptions":["CreateNamespace=true","{{{option}}}"],"retry":{"limit":0}}""");
        var status = await ground.UntilAsync(s => s.At("operationState", "phase")?.AsString() is "Failed" or "Succeeded");
        if (refusal is null)
        {
            Assert.Equal("Succeeded", status.At("operationState", "phase")?.AsString());
        }
        else
        {
            Assert.Contains(refusal, status.At("operationState")!.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true, "team")]
    [InlineData(false, "tool")]
    public async Task What_kubectl_applied_before_is_taken_over_unless_the_migration_is_off(bool migrates, string survives)
    {
        await using var ground = await Ground.StartAsync();
        await ground.Client.CreateAsync(Make.Object("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}"""), cancellation: Cancel);
        var mine = new KubernetesObject((YamlMap)YamlText.ReadOne("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, namespace: shop, labels: {tool: kubectl}}\ndata: {k: '1'}\n"));
        await ground.Client.CreateAsync(mine, new WriteOptions { FieldManager = "kubectl-client-side-apply" }, Cancel);
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one, labels: {team: blue}}\ndata: {k: '1'}\n"));
        await ground.CreateApplicationAsync($$"""{"automated":{},"syncOptions":["ClientSideApplyMigration={{(migrates ? "true" : "false")}}"]}""");
        await ground.SyncedAsync(commit);
        var labels = (await ground.FindAsync("ConfigMap", "one"))!.Labels;
        Assert.True(labels.ContainsKey("team"));
        Assert.True(labels.ContainsKey(survives));
        Assert.Equal(!migrates, labels.ContainsKey("tool"));
    }

    [Fact]
    public async Task A_kind_that_the_cluster_does_not_serve_fails_the_dry_run_before_anything_is_changed_unless_it_is_told_not_to()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SyncedOnceAsync(("deploy/a.yaml", Map));
        var widget = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w%s}\nspec: {size: 1}\n";
        await ground.Git.CommitAsync("Widget", ("deploy/a.yaml", Map.Replace("'1'", "'2'", StringComparison.Ordinal)), ("deploy/w.yaml", widget.Replace("%s", "", StringComparison.Ordinal)));
        var failed = await ground.UntilAsync(s => s.At("operationState", "phase")?.AsString() == "Failed");
        Assert.Contains("the cluster serves no Widget.example.com", failed["operationState"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal("1", (await ground.FindAsync("ConfigMap", "one"))!.Body.At("data", "k")?.AsString());

        await ground.Git.CommitAsync("Skip", ("deploy/w.yaml", widget.Replace("{name: w%s}", "{name: w, annotations: {argocd.argoproj.io/sync-options: SkipDryRunOnMissingResource=true}}", StringComparison.Ordinal)));
        await Ground.UntilAsync(async () => (await ground.FindAsync("ConfigMap", "one"))!.Body.At("data", "k")?.AsString() == "2" ? "" : null);
    }

    private const string Definition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.example.com}
        spec:
          group: example.com
          scope: Namespaced
          names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
          versions:
          - name: v1
            served: true
            storage: true
            schema:
              openAPIV3Schema:
                type: object
                properties: {spec: {type: object, properties: {size: {type: integer}}}}
        """;
}
