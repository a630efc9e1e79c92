using System.Net.Http.Json;
using System.Text.Json;

namespace Capstan.Server.Tests;

/// <summary>Workflows that call other workflows, on a real server.</summary>
public sealed class WorkflowCallTests(WorkflowServer server) : IClassFixture<WorkflowServer>
{
    private const string Called = """
        on:
          workflow_call:
            inputs:
              target: {type: string, required: true}
              times: {type: number, default: 2}
            secrets: {key: {required: true}}
            outputs: {made: {value: "${{ jobs.make.outputs.made }}"}}
        jobs:
          make:
            runs-on: x
            outputs: {made: "${{ steps.m.outputs.made }}"}
            steps:
              - {id: m, run: "echo made=${{ inputs.target }}-${{ inputs.times }} >> $GITHUB_OUTPUT; echo \"key ${{ secrets.key }} other [${{ secrets.OTHER }}]\""}
          after: {needs: make, runs-on: x, steps: [{run: "echo after ${{ needs.make.outputs.made }}"}]}
        """;

    [Fact]
    public async Task A_called_workflow_gets_inputs_and_secrets_and_gives_outputs()
    {
        server.Push("calls",
        [
            (".github/workflows/made.yaml", Called),
            (".github/workflows/ci.yaml", """
                on: push
                jobs:
                  deploy:
                    strategy: {matrix: {target: [eu, us]}}
                    uses: ./.github/workflows/made.yaml
                    with: {target: "${{ matrix.target }}", times: 4}
                    secrets: {key: "k-${{ matrix.target }}-y"}
                  last:
                    needs: deploy
                    runs-on: x
                    steps: [{run: "echo last ${{ needs.deploy.result }} ${{ needs.deploy.outputs.made }}"}]
                """),
        ]);
        var run = await server.EndedAsync("calls");
        var log = await server.LogAsync(run);
        Assert.True(run.GetProperty("conclusion").GetString() == "success", log);
        Assert.Contains("key *** other []\n", log, StringComparison.Ordinal);
        Assert.Contains("after eu-4\n", log, StringComparison.Ordinal);
        Assert.Contains("last success us-4\n", log, StringComparison.Ordinal);
        var jobs = run.GetProperty("jobs").EnumerateArray().ToDictionary(j => j.GetProperty("key").GetString()!, j => j.GetProperty("name").GetString());
        Assert.Equal(["deploy-1", "deploy-1.after", "deploy-1.make", "deploy-2", "deploy-2.after", "deploy-2.make", "last"], jobs.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("deploy (eu) / make", jobs["deploy-1.make"]);
        Assert.All(run.GetProperty("jobs").EnumerateArray(), j => Assert.Equal("success", j.GetProperty("conclusion").GetString()));

        // The jobs of the called workflow come behind the one that calls, in the order of their own needs.
        var graph = await server.Http.GetFromJsonAsync<JsonElement>($"/api/v1/runs/{run.GetProperty("name").GetString()}/graph", TestContext.Current.CancellationToken);
        var needs = graph.GetProperty("jobs").EnumerateArray().ToDictionary(j => j.GetProperty("id").GetString()!, j => string.Join(' ', j.GetProperty("needs").EnumerateArray().Select(n => n.GetString())));
        Assert.Equal(
            new Dictionary<string, string> { ["deploy"] = "", ["last"] = "deploy", ["deploy-1.make"] = "deploy", ["deploy-1.after"] = "deploy-1.make", ["deploy-2.make"] = "deploy", ["deploy-2.after"] = "deploy-2.make" }, needs);
    }

    [Theory]
    [InlineData("not-there", "uses: ./.github/workflows/none.yaml", ".github/workflows/ci.yaml:4:11: .github/workflows/none.yaml is not in not-there")]
    [InlineData("no-repository", "uses: some/where/.github/workflows/x.yaml@v1", "ci.yaml:4:11: the repository some/where is not on this Git host")]
    [InlineData("not-callable", "uses: ./.github/workflows/plain.yaml", "plain.yaml cannot be called: it has no 'workflow_call' in 'on'")]
    [InlineData("circle", "uses: ./.github/workflows/circle.yaml", "the workflows call one another in a circle: .github/workflows/circle.yaml → .github/workflows/circle.yaml")]
    [InlineData("too-deep", "uses: ./.github/workflows/deep1.yaml", "4 workflows call one another already")]
    [InlineData("no-input", "uses: ./.github/workflows/made.yaml\n    secrets: inherit", "made.yaml needs the input 'target'")]
    [InlineData("other-input", "uses: ./.github/workflows/made.yaml\n    with: {target: a, more: b}", "made.yaml has no input 'more'; it has target, times")]
    [InlineData("no-number", "uses: ./.github/workflows/made.yaml\n    with: {target: a, times: many}\n    secrets: {key: k}", "the input 'times' of .github/workflows/made.yaml is a number, and 'many' is none")]
    [InlineData("no-secret", "uses: ./.github/workflows/made.yaml\n    with: {target: a}", "made.yaml needs the secret 'key'")]
    public async Task A_call_that_cannot_be_made_fails_its_job_with_the_place(string name, string call, string message)
    {
        string Deep(int number) => $"on: workflow_call\njobs: {{a: {{uses: ./.github/workflows/deep{number}.yaml}}}}\n";
        server.Push(name,
        [
            (".github/workflows/made.yaml", Called), (".github/workflows/plain.yaml", "on: workflow_dispatch\njobs: {a: {runs-on: x, steps: []}}\n"),
            (".github/workflows/circle.yaml", "on: workflow_call\njobs: {a: {uses: ./.github/workflows/circle.yaml}}\n"),
            (".github/workflows/deep1.yaml", Deep(2)), (".github/workflows/deep2.yaml", Deep(3)), (".github/workflows/deep3.yaml", Deep(4)), (".github/workflows/deep4.yaml", Deep(5)),
            (".github/workflows/ci.yaml", $"on: push\njobs:\n  a:\n    {call}\n"),
        ]);
        var run = await server.EndedAsync(name);
        var log = await server.LogAsync(run);
        Assert.True(log.Contains(message, StringComparison.Ordinal), log);
        Assert.Equal("failure", run.GetProperty("conclusion").GetString());
    }

    [Fact]
    public async Task What_a_called_workflow_may_is_no_more_than_what_its_caller_may()
    {
        const string ask = "curl -s -o /dev/null -w 'push %{http_code}' -u \"x:${{ github.token }}\" \"$GITHUB_SERVER_URL/git/bounded.git/info/refs?service=git-receive-pack\"";
        server.Push("bounded",
        [
            (".github/workflows/c.yaml", $"on: workflow_call\npermissions: write-all\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n          {ask}; echo\n"),
            (".github/workflows/ci.yaml", "on: push\njobs:\n  less: {permissions: {contents: read}, uses: ./.github/workflows/c.yaml}\n  more: {permissions: {contents: write}, uses: ./.github/workflows/c.yaml}\n"),
        ]);
        var run = await server.EndedAsync("bounded");
        var log = await server.LogAsync(run);
        Assert.True(log.Contains("push 403", StringComparison.Ordinal) && log.Contains("push 200", StringComparison.Ordinal), log);
    }
}
