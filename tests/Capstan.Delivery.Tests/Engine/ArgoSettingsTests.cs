using Capstan.Delivery.Sync;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>What <c>argocd-cm</c> says of kinds, read as it is (Argo CD, operator-manual/argocd-cm.yaml).</summary>
public sealed class ArgoSettingsTests
{
    private const string Map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {k: '1'}\n";
    private const string Secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {k: '1'}\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task PatchAsync(Ground ground, string group, string kind, string name, string patch)
    {
        var resource = await ground.ResolveAsync(new GroupKind(group, kind));
        await ground.Client.PatchAsync(resource, ground.Space, name, PatchKind.Merge, JsonText.Read(patch), new WriteOptions { FieldManager = "kubectl-edit" }, cancellation: Cancel);
    }

    [Fact]
    public async Task An_excluded_kind_is_neither_applied_nor_pruned_and_a_condition_names_it()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SyncedOnceAsync(("deploy/a.yaml", Map), ("deploy/s.yaml", Secret));
        await ground.SettingsAsync(("resource.exclusions", "- apiGroups: [\"\"]\n  kinds: [Sec*]\n  clusters: [\"*\"]\n"));
        var status = await ground.UntilAsync(s => s["conditions"]?.ToString().Contains("ExcludedResourceWarning", StringComparison.Ordinal) == true);
        Assert.Contains("deploy/s.yaml:1", status["conditions"]!.ToString(), StringComparison.Ordinal);
        Assert.Single((YamlList)status["resources"]!);

        await ground.SyncedAsync(await ground.Git.CommitAsync("Drop the Secret", ("deploy/s.yaml", null)));
        Assert.NotNull(await ground.FindAsync("Secret", "s"));
    }

    [Fact]
    public async Task With_inclusions_no_other_kind_is_looked_at()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SettingsAsync(("resource.inclusions", "- apiGroups: [\"\"]\n  kinds: [ConfigMap, Namespace]\n"));
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", Map), ("deploy/s.yaml", Secret));
        await ground.CreateApplicationAsync();
        await ground.SyncedAsync(commit);
        Assert.Null(await ground.FindAsync("Secret", "s"));
    }

    [Theory]
    [InlineData("resource.customizations.ignoreDifferences.ConfigMap", "jsonPointers: [/data/k]\n")]
    [InlineData("resource.customizations.ignoreDifferences.all", "jqPathExpressions: ['.data.k']\n")]
    [InlineData("resource.customizations.ignoreDifferences.all", "managedFieldsManagers: [kubectl-edit]\n")]
    [InlineData("resource.customizations", "ConfigMap:\n  ignoreDifferences: |\n    jsonPointers: [/data/k]\n")]
    public async Task What_does_not_count_for_a_kind_is_no_drift(string key, string value)
    {
        await using var ground = await Ground.StartAsync();
        await ground.SettingsAsync((key, value));
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", Map));
        await ground.CreateApplicationAsync("""{"automated":{},"syncOptions":["CreateNamespace=true"]}""");
        await ground.SyncedAsync(commit);
        await PatchAsync(ground, "", "ConfigMap", "one", """{"data":{"k":"9","more":"1"},"metadata":{"labels":{"seen":"yes"}}}""");
        await Ground.UntilAsync(async () => await ground.Engine.Desk.PlanAsync(Ground.Shop, null, null, Cancel) is { } plan && plan.Steps.Count == 1
            && plan.Steps[0].Live?.Labels.ContainsKey("seen") == true && plan.Steps[0].Action == SyncAction.None ? "" : null);
    }

    [Fact]
    public async Task A_field_of_a_known_type_is_compared_as_such()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SettingsAsync(("resource.customizations.knownTypeFields.example.com_Box", "- field: spec.limits.memory\n  type: core/Quantity\n- field: spec.wrong\n  type: nobody/Knows\n"));
        const string definition = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: boxes.example.com}
            spec:
              group: example.com
              scope: Namespaced
              names: {plural: boxes, singular: box, kind: Box, listKind: BoxList}
              versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
            """;
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/crd.yaml", definition), ("deploy/b.yaml", "apiVersion: example.com/v1\nkind: Box\nmetadata: {name: b}\nspec: {limits: {memory: 1024Mi}}\n"));
        await ground.CreateApplicationAsync("""{"automated":{},"syncOptions":["CreateNamespace=true"]}""");
        await ground.SyncedAsync(commit);
        await PatchAsync(ground, "example.com", "Box", "b", """{"spec":{"limits":{"memory":"1Gi"}},"metadata":{"labels":{"seen":"yes"}}}""");
        await Ground.UntilAsync(async () => await ground.Engine.Desk.PlanAsync(Ground.Shop, null, null, Cancel) is { } plan
            && plan.Steps.Any(s => s.Key.Name == "b" && s.Live?.Labels.ContainsKey("seen") == true && s.Action == SyncAction.None) ? "" : null);
        Assert.Contains("nobody/Knows", (await ground.ApplicationAsync()).Status["conditions"]!.ToString(), StringComparison.Ordinal);
    }
}
