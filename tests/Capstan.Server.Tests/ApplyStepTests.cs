using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Server.Tests;

/// <summary><c>capstan/apply</c> in workflows: the push model, by a kubeconfig that is a secret.</summary>
public sealed class ApplyStepTests(WorkflowServer server) : IClassFixture<WorkflowServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_step_plans_and_applies_a_folder_and_prunes_what_left_it()
    {
        await SecretAsync("pushing", await File.ReadAllTextAsync(server.Server.Kubeconfig, Stop));
        (string, string) Step(string dryRun) => (".github/workflows/ci.yaml", $$$"""
            on: push
            jobs:
              deploy:
                runs-on: x
                steps:
                  - uses: actions/checkout@v4
                  - {id: apply, uses: capstan/apply@v1, with: {path: deploy, name: pushing, namespace: default, prune: true, wait: true, dry-run: {{{dryRun}}}, kubeconfig: '${{ secrets.KUBECONFIG }}'}}
                  - run: echo "changes=${{ steps.apply.outputs.changes }}"
            """);
        var commit = server.Push("pushing", [Map("one"), Map("two"), Step("true")]);
        var log = await server.LogAsync(await SucceededAsync("pushing", commit));
        Assert.Contains("+ ConfigMap/default/pushed-one", log, StringComparison.Ordinal);
        Assert.Contains("2 to create, 0 to change, 0 to prune, 0 unchanged\nnothing was written (dry-run)\n", log, StringComparison.Ordinal);
        Assert.Contains("changes=2\n", log, StringComparison.Ordinal);
        Assert.Null(await FindAsync("pushed-one"));

        commit = server.Push("pushing", [Map("one"), Map("two"), Step("false")]);
        Assert.Contains("everything is healthy\n", await server.LogAsync(await SucceededAsync("pushing", commit)), StringComparison.Ordinal);
        Assert.NotNull(await FindAsync("pushed-two"));
        commit = server.Push("pushing", [Map("one"), Step("false")]);
        Assert.Contains("- ConfigMap/default/pushed-two", await server.LogAsync(await SucceededAsync("pushing", commit)), StringComparison.Ordinal);
        Assert.Null(await FindAsync("pushed-two"));
        Assert.NotNull(await FindAsync("pushed-one"));
    }

    [Theory]
    [InlineData("exec", "users: [{name: u, user: {exec: {command: /bin/sh, apiVersion: client.authentication.k8s.io/v1}}}]", "https://192.0.2.1", "names a program to run (exec), which is not allowed here")]
    [InlineData("files", "users: [{name: u, user: {client-key: /etc/shadow}}]", "https://192.0.2.1", "it names the file \"/etc/shadow\", which is not allowed here")]
    [InlineData("loopback", "users: [{name: u, user: {token: x}}]", "https://localhost:1", "is an address of the machine that Capstan runs on")]
    [InlineData("metadata", "users: [{name: u, user: {token: x}}]", "http://169.254.169.254", "is an address of the machine that Capstan runs on")]
    public async Task A_kubeconfig_that_reaches_for_this_machine_is_refused(string name, string users, string host, string message)
    {
        await SecretAsync($"bad-{name}", $"apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{{name: c, context: {{cluster: k, user: u}}}}]\nclusters: [{{name: k, cluster: {{server: '{host}'}}}}]\n{users}\n");
        server.Push($"bad-{name}", [Map("bad"), (".github/workflows/ci.yaml", "on: push\njobs: {a: {runs-on: x, steps: [{uses: actions/checkout@v4}, {uses: capstan/apply@v1, with: {path: deploy, kubeconfig: '${{ secrets.KUBECONFIG }}'}}]}}\n")]);
        var run = await server.EndedAsync($"bad-{name}");
        Assert.Equal("failure", run.GetProperty("conclusion").GetString());
        Assert.Contains(message, await server.LogAsync(run), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Manifests_that_are_wrong_or_lead_out_are_refused_with_their_place()
    {
        await SecretAsync("wrong", await File.ReadAllTextAsync(server.Server.Kubeconfig, Stop));
        server.Push("wrong",
        [
            ("deploy/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: [}\n"),
            (".github/workflows/ci.yaml", """
                on: push
                jobs:
                  syntax: {runs-on: x, steps: [{uses: actions/checkout@v4}, {uses: capstan/apply@v1, with: {path: deploy, kubeconfig: '${{ secrets.KUBECONFIG }}'}}]}
                  out: {runs-on: x, steps: [{uses: capstan/apply@v1, with: {path: ../.., kubeconfig: '${{ secrets.KUBECONFIG }}'}}]}
                  link: {runs-on: x, steps: [{run: 'mkdir deploy; ln -s /etc/passwd deploy/a.yaml'}, {uses: capstan/apply@v1, with: {path: deploy, kubeconfig: '${{ secrets.KUBECONFIG }}'}}]}
                  prune: {runs-on: x, steps: [{uses: actions/checkout@v4}, {uses: capstan/apply@v1, with: {path: deploy, prune: true, kubeconfig: '${{ secrets.KUBECONFIG }}'}}]}
                """),
        ]);
        var run = await server.EndedAsync("wrong");
        var log = await server.LogAsync(run);
        Assert.All(run.GetProperty("jobs").EnumerateArray(), j => Assert.Equal("failure", j.GetProperty("conclusion").GetString()));
        Assert.Contains("deploy/a.yaml:3:", log, StringComparison.Ordinal);
        Assert.Contains("'../..' leads out of the workspace", log, StringComparison.Ordinal);
        Assert.Contains("prune: deletes what an earlier step applied under the same name; give a name", log, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", log, StringComparison.Ordinal);
    }

    private static (string, string) Map(string name) => ($"deploy/{name}.yaml", $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: pushed-{name}}}\ndata: {{a: b}}\n");

    private async Task<System.Text.Json.JsonElement> SucceededAsync(string repository, string commit)
    {
        var run = await server.WaitAsync(repository, r => r.GetProperty("commit").GetString() == commit && r.GetProperty("phase").GetString() == "completed");
        Assert.True(run.GetProperty("conclusion").GetString() == "success", await server.LogAsync(run));
        return run;
    }

    private async Task<KubernetesObject?> FindAsync(string name)
    {
        using var cluster = server.Cluster();
        return await cluster.FindAsync(new ObjectKey(new GroupKind("", "ConfigMap"), "default", name), Stop);
    }

    private async Task SecretAsync(string repository, string kubeconfig)
    {
        using var cluster = server.Cluster();
        await cluster.ApplyAsync(new KubernetesObject(YamlMap.Of(
            ("apiVersion", "v1"), ("kind", "Secret"), ("metadata", YamlMap.Of(("name", $"of-{repository}"), ("namespace", "capstan"), ("labels", YamlMap.Of(("capstan.dev/repository", repository))))),
            ("data", YamlMap.Of(("KUBECONFIG", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(kubeconfig))))))), new Kubernetes.ApplyOptions { FieldManager = "test", Force = true }, Stop);
    }
}
