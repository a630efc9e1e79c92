using Capstan.Delivery.Controllers;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>Actions on live objects of an Application, built in and in Lua.</summary>
public sealed class ActionTests
{
    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 1
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: main, image: "example/web:1"}]}
        """;

    private const string Map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {k: '1'}\n";

    private const string Scripted = """
        discovery.lua: |
          actions = {}
          actions["bump"] = {["disabled"] = obj.data.k == "9"}
          actions["copy"] = {}
          actions["undefined"] = {}
          return actions
        definitions:
        - name: bump
          action.lua: |
            obj.data.k = actionParams["to"] or "9"
            return obj
        - name: copy
          action.lua: |
            local made = {apiVersion = "v1", kind = "ConfigMap", metadata = {name = obj.metadata.name .. "-copy", namespace = obj.metadata.namespace}, data = obj.data}
            return {{operation = "create", resource = made}}
        - name: steal
          action.lua: |
            obj.metadata.name = "another"
            return obj
        """;

    private static readonly Dictionary<string, string> Nothing = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restart_rolls_the_pods_and_is_no_drift()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SyncedOnceAsync(("deploy/web.yaml", Deployment));
        var (name, actions) = await ground.Engine.Actions.ListAsync(Ground.Shop, "deployment/web", Cancel);
        Assert.Equal("Deployment/shop/web", name);
        Assert.Equal(["restart", "scale", "pause", "resume*"], actions.Select(a => a.Name + (a.Disabled ? "*" : "")));

        var done = await ground.Engine.Actions.RunAsync(Ground.Shop, "Deployment/web", "restart", Nothing, Cancel);
        Assert.Equal(["Deployment/shop/web"], done.Written);
        Assert.Equal("", done.Note);
        await Ground.UntilAsync(async () => (await ground.FindAsync("Deployment", "web", group: "apps"))!.Body.At("status", "observedGeneration")?.ToString() == "2" ? "" : null);
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "Synced" && s.At("health", "status")?.AsString() == "Healthy");
        Assert.NotNull((await ground.FindAsync("Deployment", "web", group: "apps"))!.Spec.At("template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt"));
    }

    [Fact]
    public async Task What_self_heal_will_bring_back_is_said()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SyncedOnceAsync(("deploy/web.yaml", Deployment));
        var done = await ground.Engine.Actions.RunAsync(Ground.Shop, "Deployment/web", "scale", new Dictionary<string, string> { ["replicas"] = "3" }, Cancel);
        Assert.Equal("Git sets spec.replicas, so selfHeal brings it back; change it there", done.Note);
    }

    [Fact]
    public async Task Scripts_of_argocd_cm_tell_actions_change_the_object_and_make_others_within_the_project()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SettingsAsync(("resource.customizations.actions.ConfigMap", Scripted));
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", Map));
        await ground.CreateApplicationAsync("""{"automated":{},"syncOptions":["CreateNamespace=true"]}""");
        await ground.SyncedAsync(commit);
        var (_, actions) = await ground.Engine.Actions.ListAsync(Ground.Shop, "ConfigMap/one", Cancel);
        Assert.Equal(["bump", "copy"], actions.Select(a => a.Name));

        Assert.Equal(["ConfigMap/shop/one-copy"], (await ground.Engine.Actions.RunAsync(Ground.Shop, "ConfigMap/one", "copy", Nothing, Cancel)).Written);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "one-copy"));
        await ground.Engine.Actions.RunAsync(Ground.Shop, "ConfigMap/one", "bump", Nothing, Cancel);
        Assert.Equal("9", (await ground.FindAsync("ConfigMap", "one"))!.Body.At("data", "k")?.AsString());
        Assert.Contains("cannot be done", (await Assert.ThrowsAsync<DeliveryException>(() => ground.Engine.Actions.RunAsync(Ground.Shop, "ConfigMap/one", "bump", Nothing, Cancel))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ConfigMap/one", "dance", "has no action \"dance\"; it has none at all")]
    [InlineData("ConfigMap/none", "restart", "is no live object of Application shop")]
    [InlineData("Secret/capstan/token", "restart", "is no live object of Application shop")]
    public async Task What_is_not_there_is_named(string @object, string action, string problem)
    {
        await using var ground = await Ground.StartAsync();
        await ground.SyncedOnceAsync(("deploy/a.yaml", Map));
        var error = await Assert.ThrowsAsync<DeliveryException>(() => ground.Engine.Actions.RunAsync(Ground.Shop, @object, action, Nothing, Cancel));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("obj.metadata.name = 'another' return obj", "wants to change ConfigMap/shop/another")]
    [InlineData("obj.metadata.namespace = 'capstan' return obj", "wants to change ConfigMap/capstan/one")]
    [InlineData("return {{operation='create', resource={apiVersion='v1', kind='ConfigMap', metadata={name='x', namespace='capstan'}}}}", "may not write into the namespace \"capstan\"")]
    [InlineData("return 1", "returned no object")]
    [InlineData("return {{operation='create', resource={}}}", "returned no object; apiVersion is missing")]
    public async Task A_script_reaches_nothing_beyond_its_object_and_its_project(string script, string problem)
    {
        await using var ground = await Ground.StartAsync();
        await ground.SettingsAsync(("resource.customizations.actions.ConfigMap", $"definitions:\n- name: act\n  action.lua: |\n    {script}\n"));
        await ground.SyncedOnceAsync(("deploy/a.yaml", Map));
        var error = await Assert.ThrowsAsync<DeliveryException>(() => ground.Engine.Actions.RunAsync(Ground.Shop, "ConfigMap/one", "act", Nothing, Cancel));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }
}
