using System.Net;
using System.Text;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Server.Tests;

/// <summary>From a real push to the end of a run, on a real server.</summary>
public sealed class WorkflowRunTests(WorkflowServer server) : IClassFixture<WorkflowServer>
{
    [Fact]
    public async Task A_push_runs_the_jobs_in_the_order_of_their_needs_with_outputs_artifacts_and_a_log()
    {
        server.Push("whole",
        [
            ("hello.txt", "from the commit\n"),
            (".github/workflows/ci.yaml", """
                name: Whole
                on: push
                env: {WHO: world}
                jobs:
                  build:
                    runs-on: ubuntu-latest
                    outputs: {version: "${{ steps.v.outputs.version }}"}
                    steps:
                      - uses: actions/checkout@v4
                      - id: v
                        run: |
                          cat hello.txt
                          echo "version=1.2" >> "$GITHUB_OUTPUT"
                          echo "NEXT=from env" >> "$GITHUB_ENV"
                          mkdir bin && printf '#!/bin/sh\necho from path\n' > bin/tool && chmod +x bin/tool
                          echo "$PWD/bin" >> "$GITHUB_PATH"
                          echo "## Done" >> "$GITHUB_STEP_SUMMARY"
                          echo "::warning file=hello.txt,line=1,title=Look::careful"
                      - run: echo "$NEXT, hello $WHO, ${{ hashFiles('hello.txt') != '' }}" && tool
                      - run: mkdir -p dist/deep && echo content > dist/deep/a.txt
                      - uses: actions/upload-artifact@v4
                        with: {name: dist, path: dist}
                  test:
                    needs: build
                    runs-on: ubuntu-latest
                    strategy: {matrix: {os: [a, b]}}
                    steps:
                      - uses: actions/download-artifact@v4
                        with: {name: dist, path: got}
                      - run: cat got/deep/a.txt && echo "version ${{ needs.build.outputs.version }} on ${{ matrix.os }}"
                  never:
                    needs: test
                    if: failure()
                    runs-on: ubuntu-latest
                    steps: [{run: echo never}]
                """),
        ]);
        var run = await server.EndedAsync("whole");
        var log = await server.LogAsync(run);
        Assert.True(run.GetProperty("conclusion").GetString() == "success", log);
        foreach (var line in new[] { "from the commit", "from env, hello world, true", "from path", "##[warning]hello.txt:1: careful", "content", "version 1.2 on a", "version 1.2 on b" })
        {
            Assert.Contains(line + "\n", log, StringComparison.Ordinal);
        }

        var jobs = run.GetProperty("jobs").EnumerateArray().ToDictionary(j => j.GetProperty("key").GetString()!, j => j);
        Assert.Equal(["build", "never", "test-1", "test-2"], jobs.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("skipped", jobs["never"].GetProperty("conclusion").GetString());
        Assert.Equal("test (b)", jobs["test-2"].GetProperty("name").GetString());
        Assert.Equal("## Done\n", jobs["build"].GetProperty("summary").GetString());
        Assert.Equal("careful", jobs["build"].GetProperty("annotations")[0].GetProperty("message").GetString());
        Assert.Equal(("Work", "push", "admin"), (run.GetProperty("title").GetString(), run.GetProperty("event").GetString(), run.GetProperty("actor").GetString()));
    }

    [Fact]
    public async Task A_push_whose_event_was_lost_is_found_at_the_next_start_and_runs_once()
    {
        await using var own = new Own();
        await own.Server.StartAsync();
        own.Server.Push("lost", "on: workflow_dispatch\njobs: {a: {runs-on: x, steps: [{run: echo}]}}");
        await own.Server.StopAsync();
        var commit = own.Server.Push("lost", [(".github/workflows/ci.yaml", Script("echo found"))], byPath: true);
        await own.Server.StartAsync();
        Assert.Equal(commit, (await own.Server.EndedAsync("lost")).GetProperty("commit").GetString());
        await own.Server.StopAsync();
        await own.Server.StartAsync();
        Assert.Single(await own.Server.RunsAsync("lost"));
    }

    [Fact]
    public async Task A_job_that_runs_when_the_server_ends_is_lost_its_processes_end_and_the_rest_goes_on()
    {
        await using var own = new Own();
        await own.Server.StartAsync();
        own.Server.Push("interrupted", """
            on: push
            jobs:
              long:
                runs-on: x
                steps: [{run: "(setsid sleep 4711 &); echo begun; sleep 4712"}]
              behind:
                needs: long
                if: always()
                runs-on: x
                steps: [{run: "echo it was ${{ needs.long.result }}"}]
            """);
        await own.Server.WaitAsync("interrupted", r => r.GetProperty("jobs").EnumerateArray().Any(j => j.GetProperty("phase").GetString() == "in_progress"));
        await own.Server.StopAsync();
        await own.Server.StartAsync();
        var run = await own.Server.EndedAsync("interrupted");
        Assert.Equal("failure", run.GetProperty("conclusion").GetString());
        Assert.Contains("the job was lost", run.GetProperty("jobs")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("it was failure\n", await own.Server.LogAsync(run), StringComparison.Ordinal);
        Assert.DoesNotContain(System.Diagnostics.Process.GetProcessesByName("sleep"), p => WorkflowServer.CommandLineOf(p).Contains("471", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Secrets_are_masked_in_every_form()
    {
        const string secret = "hunter2-and-more";
        using var cluster = server.Cluster();
        await cluster.CreateAsync(new KubernetesObject(YamlMap.Of(
            ("apiVersion", "v1"), ("kind", "Secret"), ("metadata", YamlMap.Of(("name", "masked"), ("namespace", "capstan"), ("labels", YamlMap.Of(("capstan.dev/repository", "masked"))))),
            ("data", YamlMap.Of(("PASSWORD", Convert.ToBase64String(Encoding.UTF8.GetBytes(secret))))))), null, TestContext.Current.CancellationToken);
        server.Push("masked", """
            on: push
            jobs:
              a:
                runs-on: x
                outputs: {leak: "${{ steps.s.outputs.p }}"}
                steps:
                  - id: s
                    env: {P: "${{ secrets.PASSWORD }}", T: "${{ github.token }}"}
                    run: |
                      printf 'in two '; printf %s "$P" | { head -c 9; sleep 0.1; cat; }; echo
                      set -x
                      echo "plain $P"; printf 'base64 '; printf %s "$P" | base64; printf 'shifted '; printf 'x%s' "$P" | base64
                      echo "token $T"; echo "::error file=$P::$P"
                      echo "p=$P" >> "$GITHUB_OUTPUT"; echo "$P" >> "$GITHUB_STEP_SUMMARY"
                      echo "::add-mask::later-one"; echo "now later-one"
            """);
        var run = await server.EndedAsync("masked");
        var log = await server.LogAsync(run);
        var everything = log + run.GetRawText();
        Assert.Equal("success", run.GetProperty("conclusion").GetString());
        Assert.Contains("plain ***", log, StringComparison.Ordinal);
        Assert.Contains("now ***", log, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, everything, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", everything, StringComparison.Ordinal);
        Assert.DoesNotContain("aHVudGVyM", everything, StringComparison.Ordinal);
        Assert.DoesNotContain("odW50ZXIy", everything, StringComparison.Ordinal);
        Assert.DoesNotContain("capt_", everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_of_a_run_is_dead_when_the_run_has_ended()
    {
        server.Push("tokened", "on: push\njobs: {a: {runs-on: x, steps: [{run: 'printf %s \"${{ github.token }}\" | tr a-z n-za-m > /tmp/capstan-test-token; curl -sf -o /dev/null -u \"x:${{ github.token }}\" \"$GITHUB_SERVER_URL/git/tokened.git/info/refs?service=git-upload-pack\"; curl -s -o /dev/null -w \"push %{http_code}\" -u \"x:${{ github.token }}\" \"$GITHUB_SERVER_URL/git/tokened.git/info/refs?service=git-receive-pack\"'}]}}");
        var run = await server.EndedAsync("tokened");
        Assert.Contains("push 403", await server.LogAsync(run), StringComparison.Ordinal);
        Assert.Equal("success", run.GetProperty("conclusion").GetString());
        var token = string.Concat(File.ReadAllText("/tmp/capstan-test-token").Select(c => c is >= 'a' and <= 'z' ? (char)((c - 'a' + 13) % 26 + 'a') : c));
        File.Delete("/tmp/capstan-test-token");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/git/tokened.git/info/refs?service=git-upload-pack");
        request.Headers.Authorization = new("Bearer", token);
        using var http = new HttpClient { BaseAddress = server.Server.Url };
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_run_is_ended_on_request_its_last_steps_still_run_and_it_can_be_run_again()
    {
        server.Push("ended", """
            on: push
            jobs:
              good: {runs-on: x, steps: [{run: echo good}]}
              long:
                needs: good
                runs-on: x
                steps:
                  - {run: "echo attempt $GITHUB_RUN_ATTEMPT; [ $GITHUB_RUN_ATTEMPT = 2 ] || sleep 4713"}
                  - {if: always(), run: echo cleaning up}
                  - {if: success(), run: echo not after a cancel}
            """);
        var run = await server.WaitAsync("ended", r => r.GetProperty("jobs").EnumerateArray().Any(j => j.GetProperty("key").GetString() == "long" && j.GetProperty("steps").EnumerateArray().Any(s => s.GetProperty("phase").GetString() == "in_progress")));
        var name = run.GetProperty("name").GetString();
        Assert.Equal(HttpStatusCode.Accepted, await server.PostAsync($"/api/v1/runs/{name}/cancel", new { }));
        run = await server.EndedAsync("ended");
        Assert.Equal("cancelled", run.GetProperty("conclusion").GetString());
        var log = await server.LogAsync(run);
        Assert.Contains("cleaning up\n", log, StringComparison.Ordinal);
        Assert.DoesNotContain("\nnot after a cancel", log, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Conflict, await server.PostAsync($"/api/v1/runs/{name}/cancel", new { }));

        Assert.Equal(HttpStatusCode.OK, await server.PostAsync($"/api/v1/runs/{name}/again", new { failedOnly = true }));
        run = await server.WaitAsync("ended", r => r.GetProperty("attempt").GetInt32() == 2 && r.GetProperty("phase").GetString() == "completed");
        Assert.Equal("success", run.GetProperty("conclusion").GetString());
        Assert.Equal(1, (await server.LogAsync(run)).Split("\ngood\n").Length - 1);
    }

    [Fact]
    public async Task A_workflow_is_started_by_hand_with_checked_inputs()
    {
        server.Push("manual", """
            on:
              workflow_dispatch:
                inputs:
                  level: {type: choice, options: [low, high], required: true}
                  loud: {type: boolean, default: false}
            jobs: {a: {runs-on: x, steps: [{run: "echo level ${{ inputs.level }} ${{ inputs.loud == false }}"}]}}
            """);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await server.PostAsync("/api/v1/runs", new { repository = "manual", workflow = "ci.yaml" }));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await server.PostAsync("/api/v1/runs", new { repository = "manual", workflow = "ci.yaml", inputs = new { level = "middle" } }));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await server.PostAsync("/api/v1/runs", new { repository = "manual", workflow = "other" }));
        Assert.Equal(HttpStatusCode.Created, await server.PostAsync("/api/v1/runs", new { repository = "manual", workflow = "ci.yaml", inputs = new { level = "low" } }));
        Assert.Contains("level low true\n", await server.LogAsync(await server.EndedAsync("manual")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Composite_actions_of_the_same_and_of_another_repository_run()
    {
        server.Push("tools/greet",
        [
            ("action.yml", "inputs: {who: {default: nobody}}\noutputs: {said: {value: '${{ steps.say.outputs.said }}'}}\nruns:\n  using: composite\n  steps:\n    - id: say\n      shell: bash\n      run: 'echo \"hello ${{ inputs.who }}\"; echo \"said=${{ inputs.who }}\" >> \"$GITHUB_OUTPUT\"'\n"),
            ("js/action.yml", "inputs: {who: {required: true}}\nruns: {using: node20, main: main.js, post: post.js}\n"),
            ("js/main.js", "const fs = require('fs'); console.log('js ' + process.env.INPUT_WHO); fs.appendFileSync(process.env.GITHUB_STATE, 'kept=yes\\n'); fs.appendFileSync(process.env.GITHUB_OUTPUT, 'o=from js\\n');"),
            ("js/post.js", "console.log('post ' + process.env.STATE_kept);"),
        ]);
        server.Push("uses",
        [
            ("actions/local/action.yaml", "runs:\n  using: composite\n  steps:\n    - uses: tools/greet@main\n      with: {who: nested}\n"),
            (".github/workflows/ci.yaml", """
                on: push
                jobs:
                  a:
                    runs-on: x
                    steps:
                      - uses: actions/checkout@v4
                      - {uses: tools/greet@main, id: g, with: {who: you}}
                      - uses: ./actions/local
                      - {uses: tools/greet/js@main, id: j, with: {who: script}}
                      - run: echo "outputs ${{ steps.g.outputs.said }} ${{ steps.j.outputs.o }}"
                """),
        ]);
        var run = await server.EndedAsync("uses");
        var log = await server.LogAsync(run);
        Assert.True(run.GetProperty("conclusion").GetString() == "success", log);
        foreach (var line in new[] { "hello you", "hello nested", "js script", "outputs you from js", "post yes" }) Assert.Contains(line + "\n", log, StringComparison.Ordinal);
        Assert.Contains("runs with the runner's own Node v", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_concurrency_group_one_runs_and_the_newest_waits()
    {
        // The first run is under way until all three are there.
        var go = Path.Combine(server.Data, "go");
        string Workflow(int number) => $"on: push\nconcurrency: only-one\njobs: {{a: {{runs-on: x, timeout-minutes: 2, steps: [{{run: 'echo {number}; until [ -e {go} ]; do sleep 0.1; done'}}]}}}}\n";
        for (var i = 1; i <= 3; i++)
        {
            server.Push("grouped", Workflow(i));
            while ((await server.RunsAsync("grouped")).Count < i) await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);
        await server.EndedAsync("grouped");
        while ((await server.RunsAsync("grouped")).Any(r => r.GetProperty("phase").GetString() != "completed")) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(["success", "cancelled", "success"], (await server.RunsAsync("grouped")).Select(r => r.GetProperty("conclusion").GetString()));
    }

    private static string Script(string script) => $"on: push\njobs: {{a: {{runs-on: x, steps: [{{run: '{script}'}}]}}}}\n";

    private sealed class Own : IAsyncDisposable
    {
        public WorkflowServer Server { get; } = new();

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
