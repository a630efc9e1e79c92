namespace Capstan.Server.Tests;

/// <summary>Workflows that are wrong or mean harm: a clear error, and nothing is left behind.</summary>
public sealed class WorkflowBadInputTests(WorkflowServer server) : IClassFixture<WorkflowServer>
{
    [Theory]
    [InlineData("syntax", "on: push\njobs:\n  a: [\n", ".github/workflows/ci.yaml:")]
    [InlineData("unknown-key", "on: push\njobs:\n  a:\n    runs-on: x\n    stepz: []\n", ".github/workflows/ci.yaml:5:5: error: Unexpected value 'stepz' [syntax]")]
    [InlineData("unknown-action", "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: some/thing@v1\n", ".github/workflows/ci.yaml:6:15: error: the action some/thing@v1 is neither built in nor on this Git host")]
    [InlineData("cycle", "on: push\njobs:\n  s: {runs-on: x, steps: []}\n  a: {needs: b, runs-on: x, steps: []}\n  b: {needs: a, runs-on: x, steps: []}\n", "depends on job 'b' which creates a cycle")]
    [InlineData("bomb", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\non: push\n", "ci.yaml")]
    public async Task A_file_with_mistakes_makes_a_failed_run_that_names_the_line(string name, string workflow, string message)
    {
        server.Push(name, workflow);
        var run = await server.EndedAsync(name);
        Assert.Equal("failure", run.GetProperty("conclusion").GetString());
        Assert.Contains(message, await server.LogAsync(run), StringComparison.Ordinal);
        Assert.NotEqual(0, run.GetProperty("annotations").GetArrayLength());
    }

    [Theory]
    [InlineData("endless", "- {run: 'while :; do :; done', timeout-minutes: 0.02}", "The step took longer than 0.02 minutes and was ended")]
    [InlineData("deaf", "- {run: \"trap '' TERM; while :; do sleep 0.1; done\", timeout-minutes: 0.02}", "The step took longer than 0.02 minutes")]
    [InlineData("self-kill", "- run: kill -9 $PPID $$", "Process completed with exit code 137.")]
    [InlineData("artifact-out", "- {uses: actions/upload-artifact@v4, with: {name: x, path: ../../../etc}}", "'../../../etc' leads out of the workspace")]
    [InlineData("artifact-absolute", "- {uses: actions/upload-artifact@v4, with: {name: x, path: /etc}}", "'/etc' leads out of the workspace")]
    [InlineData("artifact-name", "- run: echo > a\n      - {uses: actions/upload-artifact@v4, with: {name: ../x, path: a}}", "artifact '../x': the name")]
    [InlineData("download-out", "- run: echo > a\n      - {uses: actions/upload-artifact@v4, with: {name: x, path: a}}\n      - {uses: actions/download-artifact@v4, with: {name: x, path: ../..}}", "'../..' leads out of the workspace")]
    [InlineData("download-link", "- run: echo > a; ln -s /tmp there\n      - {uses: actions/upload-artifact@v4, with: {name: x, path: a}}\n      - {uses: actions/download-artifact@v4, with: {name: x, path: there}}", "leads through the link 'there'")]
    [InlineData("cache-out", "- {uses: actions/cache@v4, with: {key: k, path: ../x}}\n      - run: echo", "'../x' leads out of the workspace")]
    [InlineData("checkout-out", "- {uses: actions/checkout@v4, with: {path: ../..}}", "'../..' leads out of the workspace")]
    [InlineData("old-command", "- run: 'echo \"::set-env name=A::b\"; exit 3'", "::set-env is not followed")]
    [InlineData("no-file", "- run: 'echo no-equals-sign >> \"$GITHUB_OUTPUT\"'", "GITHUB_OUTPUT: line 1: is no NAME=VALUE")]
    [InlineData("no-heredoc-end", "- run: \"printf 'a<<END\\\\nb\\\\n' >> $GITHUB_OUTPUT\"", "the value of 'a' has no end")]
    [InlineData("large-env", "- run: head -c 20000000 /dev/zero | tr '\\0' x >> \"$GITHUB_ENV\"", "more than the")]
    [InlineData("called-out", "- uses: ./../../etc", "names no action")]
    [InlineData("container", "- uses: docker://debian:12", "docker://debian:12")]
    public async Task A_step_that_means_harm_fails_with_the_reason(string name, string steps, string message)
    {
        server.Push(name, $"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      {steps}\n");
        var run = await server.EndedAsync(name);
        var log = await server.LogAsync(run);
        Assert.Contains(message, log, StringComparison.Ordinal);
        Assert.True(run.GetProperty("conclusion").GetString() == "failure", log);
        Assert.DoesNotContain(Directory.EnumerateDirectories(Path.Combine(server.Data, "workflows", "jobs")), d => Path.GetFileName(d)!.StartsWith(name + "-ci", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_without_end_is_cut_and_the_job_goes_on()
    {
        server.Push("flood", "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: head -c 200000000 /dev/zero | tr '\\0' x; yes | head -c 100000000\n      - run: exit 0\n");
        var run = await server.EndedAsync("flood");
        Assert.Equal("success", run.GetProperty("conclusion").GetString());
        var log = new FileInfo(Path.Combine(server.Data, "workflows", "logs", $"{run.GetProperty("name").GetString()}.log"));
        Assert.InRange(log.Length, 60 << 20, 70 << 20);
        Assert.Contains("The log has reached 64 MB; the rest is dropped", File.ReadLines(log.FullName).Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_stranger_writes_never_reaches_a_shell_of_ours()
    {
        server.Push("message", "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: 'printf %s \"$M\"'\n        env: {M: \"$(touch /tmp/capstan-injected) ${{ github.event.head_commit.message }}\"}\n");
        var run = await server.EndedAsync("message");
        Assert.Contains("$(touch /tmp/capstan-injected) Work", await server.LogAsync(run), StringComparison.Ordinal);
        Assert.False(File.Exists("/tmp/capstan-injected"));
    }

    [Fact]
    public async Task What_a_step_leaves_in_the_background_ends_with_the_job()
    {
        server.Push("left", "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: (setsid sleep 4714 >/dev/null 2>&1 &); nohup sleep 4714 >/dev/null 2>&1 & echo\n");
        await server.EndedAsync("left");
        Assert.DoesNotContain(System.Diagnostics.Process.GetProcessesByName("sleep"), p => WorkflowServer.CommandLineOf(p).Contains("4714", StringComparison.Ordinal));
    }
}
