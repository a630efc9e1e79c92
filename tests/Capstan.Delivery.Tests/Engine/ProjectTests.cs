using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

public sealed class ProjectTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private const string ConfigMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    private const string Role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: everything}\nrules: []\n";

    private static string Conditions(YamlMap status) => string.Join('\n', ((YamlList)status["conditions"]!).OfType<YamlMap>().Select(c => $"{c["type"]!.AsString()}: {c["message"]!.AsString()}"));

    private static KubernetesObject Project(string spec) =>
        Make.Object($$"""{"apiVersion":"argoproj.io/v1alpha1","kind":"AppProject","metadata":{"name":"team","namespace":"capstan"},"spec":{{spec}} }""");

    [Fact]
    public async Task An_application_outside_its_project_is_not_synced_and_is_when_the_project_lets_it()
    {
        await using var ground = await Ground.StartAsync();
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap), ("deploy/role.yaml", Role));
        await ground.CreateApplicationAsync("""{"automated":{"prune":true},"syncOptions":["CreateNamespace=true"]},"project":"team" """);
        Assert.Contains("InvalidSpecError: Application referencing project team which does not exist", Conditions(await SaysAsync("does not exist")));

        await ground.Client.CreateAsync(Project("""{"sourceRepos":["https://other.example/*"],"destinations":[{"server":"*","namespace":"other"}]}"""), cancellation: Cancel);
        var said = Conditions(await SaysAsync("is not permitted in project"));
        Assert.Contains($"application repo {ground.Git.Url} is not permitted in project \"team\"", said, StringComparison.Ordinal);
        Assert.Contains("do not match any of the allowed destinations", said, StringComparison.Ordinal);

        await ChangeAsync("""{"sourceRepos":["*"],"destinations":[{"server":"*","namespace":"shop"}]}""");
        said = Conditions(await SaysAsync("resource ClusterRole"));
        Assert.Contains("ForbiddenResourceError: deploy/role.yaml:1: ClusterRole.rbac.authorization.k8s.io/everything: resource ClusterRole.rbac.authorization.k8s.io is not permitted", said.Replace("ClusterRole/everything", "ClusterRole.rbac.authorization.k8s.io/everything", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Null(await ground.FindAsync("ConfigMap", "a"));

        await ChangeAsync("""{"sourceRepos":["*"],"destinations":[{"server":"*","namespace":"shop"}],"clusterResourceWhitelist":[{"group":"rbac.authorization.k8s.io","kind":"ClusterRole"}]}""");
        await ground.SyncedAsync(commit);
        Assert.NotNull(await ground.FindAsync("ClusterRole", "everything", "", "rbac.authorization.k8s.io"));

        Task<YamlMap> SaysAsync(string text) => ground.UntilAsync(s => s["conditions"] is YamlList { Count: > 0 } && Conditions(s).Contains(text, StringComparison.Ordinal));

        async Task ChangeAsync(string spec)
        {
            var resource = await ground.Client.ResolveAsync(new GroupKind("argoproj.io", "AppProject"), Cancel);
            await ground.Client.PatchAsync(resource, "capstan", "team", PatchKind.Json, JsonText.Read($$"""[{"op":"replace","path":"/spec","value":{{spec}}}]"""), cancellation: Cancel);
        }
    }

    [Fact]
    public async Task What_the_project_does_not_let_it_write_it_does_not_prune_either()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Client.CreateAsync(Project("""{"sourceRepos":["*"],"destinations":[{"server":"*","namespace":"shop"}]}"""), cancellation: Cancel);
        await ground.Client.CreateAsync(Make.Object("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"trap","namespace":"default","annotations":{"argocd.argoproj.io/tracking-id":"shop:/ConfigMap:default/trap"}}}"""), cancellation: Cancel);
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap));
        await ground.CreateApplicationAsync("""{"automated":{"prune":true,"selfHeal":true},"syncOptions":["CreateNamespace=true"]},"project":"team" """);
        await ground.SyncedAsync(commit);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "trap", "default"));
    }
}
