using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Server.Tests;

/// <summary>Actions of another host (a second server plays it), where the operator allows them and where not.</summary>
public sealed class PublicActionTests : IAsyncLifetime
{
    private readonly WorkflowServer _here = new();
    private readonly WorkflowServer _there = new() { Anonymous = true };

    public async ValueTask InitializeAsync()
    {
        await _here.InitializeAsync();
        await _there.InitializeAsync();
        using var cluster = _here.Cluster();
        await cluster.ApplyAsync(new KubernetesObject(YamlMap.Of(
            ("apiVersion", "capstan.dev/v1alpha1"), ("kind", "Settings"), ("metadata", YamlMap.Of(("name", "capstan"), ("namespace", "capstan"))),
            ("spec", YamlMap.Of(("workflows", YamlMap.Of(("actions", YamlMap.Of(
                ("from", $"{_there.Server.Url}git"), ("allow", new YamlList([YamlScalar.String("acme/*")])), ("allowPrivate", true))))))))),
            new Kubernetes.ApplyOptions { FieldManager = "test", Force = true }, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _here.DisposeAsync();
        await _there.DisposeAsync();
    }

    [Fact]
    public async Task An_action_that_the_operator_allows_is_fetched_by_commit_and_another_is_refused_with_its_line_and_the_ways_out()
    {
        var commit = _there.Push("acme/greet", [("action.yml", "name: greet\ninputs: {who: {required: true}}\nruns: {using: composite, steps: [{run: 'echo \"hello ${{ inputs.who }} of $(cat \"$GITHUB_ACTION_PATH/name\")\"', shell: bash}]}\n"), ("name", "acme\n")], branch: "v1");
        _here.Push("uses", "on: push\njobs: {a: {runs-on: x, steps: [{uses: acme/greet@v1, with: {who: world}}]}}\n");
        var run = await _here.EndedAsync("uses");
        var log = await _here.LogAsync(run);
        Assert.True(run.GetProperty("conclusion").GetString() == "success", log);
        Assert.Contains($"Download action repository 'acme/greet@v1' (SHA:{commit})", log, StringComparison.Ordinal);
        Assert.Contains("hello world of acme\n", log, StringComparison.Ordinal);

        _here.Push("lacks", "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: acme/gone@v1\n");
        Assert.Contains("git/acme/gone", await _here.LogAsync(await _here.EndedAsync("lacks")), StringComparison.Ordinal);
        _here.Push("refused", "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: other/tool@v1\n");
        log = await _here.LogAsync(await _here.EndedAsync("refused"));
        Assert.Contains(".github/workflows/ci.yaml:6:15: error: the action other/tool@v1 is neither built in nor on this Git host. Push a copy of its repository to other/tool here", log, StringComparison.Ordinal);
        Assert.Contains("or write the step as `run` or as an action of your own repository (uses: ./path)", log, StringComparison.Ordinal);
    }
}
