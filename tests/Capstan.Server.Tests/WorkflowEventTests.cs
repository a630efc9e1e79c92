using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Capstan.Server.Tests;

/// <summary>What starts workflows besides a push, what a job's token may do, and what a commit's checks say, on a real server.</summary>
public sealed class WorkflowEventTests(WorkflowServer server) : IClassFixture<WorkflowServer>
{
    [Fact]
    public async Task Something_that_happened_outside_starts_the_workflows_that_want_it()
    {
        server.Push("outside", "on: {repository_dispatch: {types: [built]}}\njobs: {a: {runs-on: x, steps: [{run: 'echo ${{ github.event.client_payload.image.tag }} ${{ github.event.action }}'}]}}\n");
        Assert.Equal(HttpStatusCode.Created, await server.PostAsync("/api/v1/runs/events", new { repository = "outside", type = "other", payload = new { } }));
        Assert.Empty(await server.RunsAsync("outside"));
        Assert.Equal(HttpStatusCode.BadRequest, await server.PostAsync("/api/v1/runs/events", new { repository = "outside", type = "built", payload = "text" }));
        Assert.Equal(HttpStatusCode.Created, await server.PostAsync("/api/v1/runs/events", new { repository = "outside", type = "built", payload = new { image = new { tag = "v7" } } }));
        var run = await server.EndedAsync("outside");
        Assert.Equal("repository_dispatch", run.GetProperty("event").GetString());
        Assert.Contains("v7 built\n", await server.LogAsync(run), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_a_run_starts_the_workflows_that_wait_for_it()
    {
        server.Push("chained",
        [
            (".github/workflows/first.yaml", "name: First\non: push\njobs: {a: {runs-on: x, steps: [{run: exit 3}]}}\n"),
            (".github/workflows/then.yaml", "on: {workflow_run: {workflows: [First], types: [completed]}}\njobs: {a: {runs-on: x, steps: [{run: 'echo after ${{ github.event.workflow_run.conclusion }}'}]}}\n"),
        ]);
        var run = await server.WaitAsync("chained", r => r.GetProperty("event").GetString() == "workflow_run" && r.GetProperty("phase").GetString() == "completed");
        Assert.Contains("after failure\n", await server.LogAsync(run), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_table_starts_its_workflow_once_when_it_is_due()
    {
        // A clock that is half a minute before the next full one.
        var now = TimeProvider.System.GetUtcNow();
        var clock = new Shifted(TimeSpan.FromSeconds((90 - now.Second) % 60));
        var due = clock.GetUtcNow().AddSeconds(45);
        var cron = $"{due.Minute} {due.Hour} * * *";
        var past = $"{due.AddMinutes(-6).Minute} {due.AddMinutes(-6).Hour} * * *";
        await using var own = new WorkflowServer { Time = clock };
        await own.InitializeAsync();
        own.Push("nightly", $"on: {{schedule: [{{cron: '{cron}'}}, {{cron: '{past}'}}]}}\njobs: {{a: {{runs-on: x, steps: [{{run: 'echo \"due by ${{{{ github.event.schedule }}}}\"'}}]}}}}\n");
        var run = await own.EndedAsync("nightly");
        Assert.Equal("schedule", run.GetProperty("event").GetString());
        Assert.Contains($"due by {cron}\n", await own.LogAsync(run), StringComparison.Ordinal);

        // Started again within the same minute, the moment is looked at again, and makes nothing twice.
        await own.StopAsync();
        await own.StartAsync();
        own.Push("other", "on: push\njobs: {a: {runs-on: x, steps: [{run: echo}]}}\n");
        await own.EndedAsync("other");
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
        Assert.Single(await own.RunsAsync("nightly"));
    }

    [Fact]
    public async Task A_push_says_what_is_wrong_with_workflows_and_where_the_checks_are()
    {
        var commit = server.Push("told", "on: push\njobs:\n  a:\n    runs-on: x\n    stepz: []\n");
        Assert.Contains("remote: .github/workflows/ci.yaml:5:5: error: Unexpected value 'stepz' [syntax]", server.Said, StringComparison.Ordinal);
        Assert.Contains($"/api/v1/checks?repository=told&commit={commit}", server.Said, StringComparison.Ordinal);
        Assert.Contains($"capstan get checks told@{commit[..10]}", server.Said, StringComparison.Ordinal);
        server.Push("quiet", [("a.txt", "no workflows\n")]);
        Assert.DoesNotContain("remote:", server.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_checks_of_a_commit_are_its_jobs_with_annotations_and_what_others_said()
    {
        var commit = server.Push("checked", "name: CI\non: push\njobs:\n  good: {runs-on: x, steps: [{run: echo}]}\n  bad: {runs-on: x, steps: [{run: 'echo \"::error file=src/a.c,line=7::wrong here\"; exit 1'}]}\n");
        await server.EndedAsync("checked");
        Assert.Equal(HttpStatusCode.Created, await server.PostAsync("/api/v1/checks", new { repository = "checked", commit = "main", context = "scanner", state = "pending" }));
        Assert.Equal(HttpStatusCode.Created, await server.PostAsync("/api/v1/checks", new { repository = "checked", commit, context = "scanner", state = "success", description = "clean", targetUrl = "https://scan.example.org/1" }));
        Assert.Equal(HttpStatusCode.Created, await server.PostAsync("/api/v1/checks", new { repository = "checked", commit, context = "other", state = "error" }));
        Assert.Equal(HttpStatusCode.BadRequest, await server.PostAsync("/api/v1/checks", new { repository = "checked", commit, context = "x", state = "good" }));
        Assert.Equal(HttpStatusCode.BadRequest, await server.PostAsync("/api/v1/checks", new { repository = "checked", commit, context = "x", state = "success", targetUrl = "javascript:alert(1)" }));
        Assert.Equal(HttpStatusCode.NotFound, await server.PostAsync("/api/v1/checks", new { repository = "checked", commit = "nothing", context = "x", state = "success" }));
        var checks = await server.Http.GetFromJsonAsync<JsonElement>($"/api/v1/checks?repository=checked&commit={commit}", TestContext.Current.CancellationToken);
        Assert.Equal("failure", checks.GetProperty("state").GetString());
        var items = checks.GetProperty("items").EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!);
        Assert.Equal(["CI / bad (push)", "CI / good (push)", "other", "scanner"], items.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["failure", "success", "failure", "success"], items.OrderBy(i => i.Key, StringComparer.Ordinal).Select(i => i.Value.GetProperty("state").GetString()));
        var annotation = items["CI / bad (push)"].GetProperty("annotations")[0];
        Assert.Equal(("src/a.c", 7, "wrong here"), (annotation.GetProperty("file").GetString(), annotation.GetProperty("line").GetInt32(), annotation.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task A_jobs_token_pushes_what_permissions_let_it_but_never_workflow_files_and_starts_nothing()
    {
        server.Push("pushes",
        [
            ("a.txt", "a\n"),
            (".github/workflows/ci.yaml", """
                on: push
                permissions: {contents: write}
                jobs:
                  a:
                    runs-on: x
                    steps:
                      - uses: actions/checkout@v4
                      - run: |
                          git config user.name job; git config user.email job@example.org
                          git remote set-url origin "${GITHUB_SERVER_URL/:\/\//:\/\/x:${{ github.token }}@}/git/pushes.git"
                          echo b > b.txt; git add b.txt; git commit -qm "By a job"; git push -q origin HEAD:made && echo pushed
                          echo "# more" >> .github/workflows/ci.yaml; git commit -qam "Workflows too"; git push origin HEAD:more || echo refused
                          git rm -qr .github; git commit -qm "No workflows"; git push -q origin HEAD:less || echo refused as well
                """),
        ]);
        var run = await server.EndedAsync("pushes");
        var log = await server.LogAsync(run);
        Assert.True(run.GetProperty("conclusion").GetString() == "success", log);
        Assert.Contains("\npushed\n", log, StringComparison.Ordinal);
        Assert.Contains("refs/heads/more: this token may not change .github/workflows; somebody who may push has to", log, StringComparison.Ordinal);
        Assert.Contains("refused\n", log, StringComparison.Ordinal);
        Assert.Contains("refused as well\n", log, StringComparison.Ordinal);
        Assert.Single(await server.RunsAsync("pushes"));
    }

    private sealed class Shifted(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
