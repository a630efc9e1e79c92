using Capstan.Api.Applications;
using Capstan.EndToEnd.Fixtures;

namespace Capstan.EndToEnd;

/// <summary>What a developer and an operator do all day, each test with an application of its own.</summary>
public class StoryTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private LiveServer Server => shared.Server;

    [Fact]
    public async Task A_change_arrives_and_a_revert_undoes_it()
    {
        using var copy = await BeginAsync("change");
        copy.Write("deploy/web.yaml", Deployment("web", 3));
        await Server.ConvergeAsync("change", await copy.PushAsync("Three"));
        Assert.Equal("3", await ReplicasAsync("change"));

        await copy.GitAsync("revert", "--no-edit", "HEAD");
        await Server.ConvergeAsync("change", await copy.PushAsync());
        Assert.Equal("1", await ReplicasAsync("change"));

        var history = (await Server.CapstanAsync("history", "change")).Expect(0).Out;
        Assert.Contains("Three", history, StringComparison.Ordinal);
        Assert.Contains("Succeeded", history, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_somebody_changes_by_hand_is_healed()
    {
        using var copy = await BeginAsync("drift");
        (await Server.KubectlAsync("scale", "deployment/web", "-n", "drift", "--replicas", "5")).Expect(0);
        await Eventually.BecomesAsync("one replica again", async () => await ReplicasAsync("drift") == "1");
    }

    [Fact]
    public async Task What_Git_no_longer_has_is_pruned()
    {
        using var copy = await BeginAsync("prune");
        copy.Write("deploy/more.yaml", ConfigMap("more"));
        await Server.ConvergeAsync("prune", await copy.PushAsync("More"));
        (await Server.KubectlAsync("get", "configmap/more", "-n", "prune")).Expect(0);
        copy.Delete("deploy/more.yaml");
        await Server.ConvergeAsync("prune", await copy.PushAsync("Less"));
        await Eventually.BecomesAsync("it is gone", async () => (await Server.KubectlAsync("get", "configmap/more", "-n", "prune")).Code == 1);
    }

    [Fact]
    public async Task Broken_YAML_is_named_with_its_line_and_the_last_good_state_stays()
    {
        using var copy = await BeginAsync("broken");
        copy.Write("deploy/bad.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bad\n data: {\n");
        await copy.PushAsync("Break it");
        await Eventually.BecomesAsync("the condition names the line", async () =>
            ApplicationSummary.Of(await Server.AppAsync("broken")).Conditions.Any(c => c.Contains("bad.yaml:5", StringComparison.Ordinal)));
        var why = (await Server.CapstanAsync("why", "broken")).Expect(1).Out;
        Assert.Contains("bad.yaml:5", why, StringComparison.Ordinal);
        Assert.Equal("1", await ReplicasAsync("broken"));

        copy.Delete("deploy/bad.yaml");
        await Server.ConvergeAsync("broken", await copy.PushAsync("Mend it"));
        (await Server.CapstanAsync("why", "broken")).Expect(0);
    }

    [Fact]
    public async Task A_rollback_is_one_commit_that_touches_the_applications_path_alone()
    {
        using var copy = await BeginAsync("back");
        var first = await copy.GitAsync("rev-parse", "HEAD");
        copy.Write("deploy/web.yaml", Deployment("web", 4));
        copy.Write("README.md", "changed with it");
        await Server.ConvergeAsync("back", await copy.PushAsync("Four"));
        Assert.Contains("deploy/web.yaml", (await Server.CapstanAsync("rollback", "back", "--to", first)).Expect(0).Out, StringComparison.Ordinal);

        await copy.GitAsync("pull", "--quiet", "origin", "main");
        await Server.ConvergeAsync("back", await copy.GitAsync("rev-parse", "HEAD"));
        Assert.Equal("1", await ReplicasAsync("back"));
        Assert.Equal("deploy/web.yaml", await copy.GitAsync("show", "--name-only", "--format=", "HEAD"));
    }

    [Fact]
    public async Task A_deleted_application_takes_its_objects_with_it()
    {
        using var copy = await BeginAsync("gone");
        (await Server.CapstanAsync("delete", "app", "gone")).Expect(0);
        await Eventually.BecomesAsync("the application is gone", async () => (await Server.CapstanAsync("get", "app", "gone")).Code == 4);
        await Eventually.BecomesAsync("its objects are gone", async () => (await Server.KubectlAsync("get", "deployment/web", "-n", "gone")).Code == 1);
    }

    [Fact]
    public async Task Every_reader_of_an_application_has_its_view()
    {
        using var copy = await BeginAsync("views");
        Assert.Contains("Deployment/views/web", (await Server.CapstanAsync("tree", "views")).Expect(0).Out, StringComparison.Ordinal);
        Assert.Contains("Pod/views/web-", (await Server.CapstanAsync("tree", "views")).Expect(0).Out, StringComparison.Ordinal);
        Assert.Equal("Synced", (await Server.CapstanAsync("get", "app", "views", "-o", "jsonpath={.status.sync.status}")).Expect(0).Out);
        Assert.Contains("views", (await Server.CapstanAsync("get", "apps", "-o", "wide")).Expect(0).Out, StringComparison.Ordinal);
        (await Server.CapstanAsync("diff", "views")).Expect(0);
        (await Server.CapstanAsync("doctor")).Expect(0);
        (await Server.CapstanAsync("get", "app", "nobody")).Expect(4);
        (await Server.CapstanAsync("wait", "views", "--revision", "0000000", "--timeout", "1s")).Expect(5);
    }

    private async Task<WorkingCopy> BeginAsync(string name)
    {
        var copy = await WorkingCopy.CreateAsync(Server, name);
        copy.Write("deploy/web.yaml", Deployment("web", 1));
        copy.Write("README.md", name);
        var commit = await copy.PushAsync("Begin");
        (await Server.CapstanAsync("create", "app", name, "--repo", name, "--path", "deploy", "--dest-namespace", name,
            "--sync-policy", "automated", "--auto-prune", "--self-heal", "--sync-option", "CreateNamespace=true")).Expect(0);
        await Server.ConvergeAsync(name, commit);
        return copy;
    }

    private async Task<string> ReplicasAsync(string space) =>
        (await Server.KubectlAsync("get", "deployment/web", "-n", space, "-o", "jsonpath={.spec.replicas}")).Expect(0).Out;

    internal static string Deployment(string name, int replicas) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {{name}}
        spec:
          replicas: {{replicas}}
          selector:
            matchLabels: {app: {{name}}}
          template:
            metadata:
              labels: {app: {{name}}}
            spec:
              containers:
                - name: main
                  image: example/{{name}}:1.0
        """;

    internal static string ConfigMap(string name) => $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  key: value\n";
}
