
namespace Capstan.Server.Tests;

/// <summary>What jobs must not be able to do to one another, to the server and to who looks at what they made.</summary>
public sealed class HostileWorkflowTests(WorkflowServer server) : IClassFixture<WorkflowServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Variables_that_take_over_later_steps_are_not_set_and_the_log_says_so()
    {
        server.Push("variables", """
            on: push
            jobs:
              a:
                runs-on: x
                steps:
                  - run: printf '%s\n' LD_PRELOAD=/evil.so NODE_OPTIONS=--require=/evil.js GITHUB_TOKEN=x RUNNER_TEMP=/etc MINE=1 >> "$GITHUB_ENV"
                  - run: echo "preload=[${LD_PRELOAD-}] node=[${NODE_OPTIONS-}] mine=[$MINE] temp=$RUNNER_TEMP"
            """);
        var log = await server.LogAsync(await server.EndedAsync("variables"));
        foreach (var name in (string[])["LD_PRELOAD", "NODE_OPTIONS", "GITHUB_TOKEN", "RUNNER_TEMP"]) Assert.Contains($"##[error]GITHUB_ENV: {name} cannot be set for the steps behind", log, StringComparison.Ordinal);
        Assert.Contains("preload=[] node=[] mine=[1] temp=", log, StringComparison.Ordinal);
        Assert.DoesNotContain("temp=/etc", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_rest_between_a_stop_and_its_token_and_a_mask_counts_at_once()
    {
        server.Push("commands", "on: push\njobs: {a: {runs-on: x, steps: [{run: 'echo ::stop-commands::tok-123; echo ::error::not-meant; echo ::tok-123::; echo ::error::meant; echo ::add-mask::hide-me-please; echo hide-me-please; exit 1'}]}}\n");
        var run = await server.EndedAsync("commands");
        var log = await server.LogAsync(run);
        var annotations = run.GetProperty("jobs")[0].GetProperty("annotations").EnumerateArray().Select(a => a.GetProperty("message").GetString()).ToList();
        Assert.Contains("meant", annotations);
        Assert.DoesNotContain("not-meant", annotations);
        Assert.Contains("::error::not-meant\n", log, StringComparison.Ordinal);
        Assert.Contains("\n***\n", log, StringComparison.Ordinal);
        Assert.DoesNotContain("\nhide-me-please\n", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_branch_keeps_in_the_cache_is_read_by_no_other_branch_and_by_no_other_repository()
    {
        const string workflow = """
            on: push
            jobs:
              a:
                runs-on: x
                steps:
                  - {id: c, uses: actions/cache@v4, with: {path: kept, key: shared}}
                  - run: 'echo "hit=[${{ steps.c.outputs.cache-hit }}]"; echo "of $GITHUB_REF_NAME" > kept'
            """;
        async Task<string> HitAsync(string repository, string branch)
        {
            var commit = server.Push(repository, [("text", Guid.NewGuid().ToString()), (".github/workflows/ci.yaml", workflow)], branch: branch);
            return await server.LogAsync(await server.WaitAsync(repository, r => r.GetProperty("commit").GetString() == commit && r.GetProperty("phase").GetString() == "completed"));
        }

        // The first branch is the default one, which others may read.
        server.Push("cached", [("text", "no workflow yet")]);
        Assert.Contains("hit=[]", await HitAsync("cached", "other"), StringComparison.Ordinal);
        Assert.Contains("hit=[]", await HitAsync("cached", "main"), StringComparison.Ordinal);
        Assert.Contains("hit=[true]", await HitAsync("cached", "main"), StringComparison.Ordinal);
        Assert.Contains("hit=[true]", await HitAsync("cached", "third"), StringComparison.Ordinal);
        Assert.Contains("hit=[]", await HitAsync("stranger", "main"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_jobs_made_is_handed_out_as_files_and_never_shown_by_the_browser()
    {
        server.Push("shown", "on: push\njobs: {a: {runs-on: x, steps: [{run: 'echo \"<script>alert(1)</script>\" | tee index.html'}, {uses: actions/upload-artifact@v4, with: {name: page, path: index.html}}]}}\n");
        var run = await server.EndedAsync("shown");
        var name = run.GetProperty("name").GetString();
        using var artifact = await server.Http.GetAsync($"/api/v1/runs/{name}/artifacts/page", Stop);
        Assert.Equal(("application/zip", "attachment"), (artifact.Content.Headers.ContentType?.MediaType, artifact.Content.Headers.ContentDisposition?.DispositionType));
        Assert.Equal("nosniff", Assert.Single(artifact.Headers.GetValues("X-Content-Type-Options")));
        using var log = await server.Http.GetAsync($"/api/v1/runs/{name}/log", Stop);
        Assert.Equal(("text/event-stream", "nosniff"), (log.Content.Headers.ContentType?.MediaType, Assert.Single(log.Headers.GetValues("X-Content-Type-Options"))));
    }

    [Fact]
    public async Task A_jobs_token_approves_nothing_and_sees_no_other_repository_whatever_permissions_say()
    {
        server.Push("private", "on: push\njobs: {a: {runs-on: x, steps: [{run: echo}]}}\n");
        var other = (await server.EndedAsync("private")).GetProperty("name").GetString();
        server.Push("nosy", $$$"""
            on: push
            permissions: write-all
            jobs:
              a:
                runs-on: x
                steps:
                  - run: |
                      call() { curl -s -o /dev/null -w "$1 %{http_code}\n" -H "Authorization: Bearer ${{ github.token }}" "${@:3}" "$GITHUB_SERVER_URL$2"; }
                      call approve "/api/v1/runs/$GITHUB_RUN_ID/approve" -X POST
                      call own "/api/v1/runs/$GITHUB_RUN_ID"
                      call run /api/v1/runs/{{{other}}}
                      call clone "/git/private.git/info/refs?service=git-upload-pack"
                      call session /sign-in -X POST -d "secret=${{ github.token }}&token=${{ github.token }}" -D headers; grep -i set-cookie headers || echo "no session"
                      call token /api/v1/tokens -X POST -H 'Content-Type: application/json' -d '{"name":"longer","days":300}'
            """);
        var log = await server.LogAsync(await server.EndedAsync("nosy"));
        Assert.Contains("\nown 200\n", log, StringComparison.Ordinal);
        Assert.Contains("\nno session\n", log, StringComparison.Ordinal);
        foreach (var call in (string[])["approve", "run", "clone", "token"]) Assert.Matches($"\n{call} 40[34]\n", log);
    }

    [Fact]
    public async Task A_branch_and_a_tag_at_one_commit_are_an_event_each_and_a_push_that_is_told_again_is_none()
    {
        var commit = server.Push("tagged", "on: push\njobs: {a: {runs-on: x, steps: [{run: echo}]}}\n");
        await server.EndedAsync("tagged");
        WorkflowServer.Git(Path.Combine(server.Data, "git", "tagged.git"), "update-ref", "refs/tags/v1", commit);
        for (var i = 0; i < 3; i++) server.Push("tagged", [("text", "the same"), (".github/workflows/ci.yaml", "on: push\njobs: {}\n")], branch: "noise");
        var tagged = await server.AnyAsync("tagged", r => r.GetProperty("ref").GetString() == "refs/tags/v1");
        Assert.Equal(commit, tagged.GetProperty("commit").GetString());
        Assert.Equal(1, (await server.RunsAsync("tagged")).Count(r => r.GetProperty("ref").GetString() == "refs/heads/main"));
    }
}
