using System.Text;
using Capstan.Sources.Processes;

namespace Capstan.Sources.Tests.Processes;

public sealed class ProcessRunnerTests
{
    private readonly ProcessRunner _runner = new(TimeProvider.System);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static ProgramCall Shell(string script) => new("sh", ["-c", script]);

    [Fact]
    public async Task Input_output_errors_and_exit_code_come_through_and_the_environment_does_not()
    {
        var result = await _runner.RunAsync(Shell("cat; echo wrong >&2; env | grep -c -v -E '^(PATH|PWD|SHLVL|_|OLDPWD)='; exit 3") with { Input = Encoding.UTF8.GetBytes("in\n") }, Cancellation);
        Assert.Equal((3, "in\n0\n", "wrong"), (result.ExitCode, Encoding.UTF8.GetString(result.Output.Span), result.Errors));
    }

    [Fact]
    public async Task A_program_that_reads_nothing_does_not_fail_its_writer()
    {
        var result = await _runner.RunAsync(Shell("exit 0") with { Input = new byte[4 << 20] }, Cancellation);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task A_program_that_runs_too_long_is_ended_with_its_children()
    {
        var marker = Path.Combine(Path.GetTempPath(), "capstan-" + Guid.NewGuid().ToString("N"));
        var failure = await Assert.ThrowsAsync<ProgramException>(() =>
            _runner.RunAsync(Shell($"sleep 87654 & echo $! > {marker}; wait") with { TimeLimit = TimeSpan.FromMilliseconds(500) }, Cancellation));
        Assert.True(failure.TimedOut);
        var child = (await File.ReadAllTextAsync(marker, Cancellation)).Trim();
        File.Delete(marker);
        for (var i = 0; i < 100 && Lives(child); i++)
        {
            await Task.Delay(20, Cancellation);
        }

        Assert.False(Lives(child));
    }

    private static bool Lives(string pid) => File.Exists($"/proc/{pid}/stat") && !File.ReadAllText($"/proc/{pid}/stat").Contains(") Z ", StringComparison.Ordinal);

    [Fact]
    public async Task Too_much_output_a_missing_program_and_cancellation_are_told()
    {
        await Assert.ThrowsAsync<ProgramException>(() => _runner.RunAsync(Shell("yes") with { MaxOutputBytes = 1000 }, Cancellation));
        var missing = await Assert.ThrowsAsync<ProgramException>(() => _runner.RunAsync(new ProgramCall("no-such-program-here", []), Cancellation));
        Assert.Contains("installed", missing.Message, StringComparison.Ordinal);
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _runner.RunAsync(Shell("sleep 60"), soon.Token));
    }

    [Fact]
    public async Task Errors_are_kept_to_their_end_only()
    {
        var result = await _runner.RunAsync(Shell("i=0; while [ $i -lt 20000 ]; do echo line $i >&2; i=$((i+1)); done"), Cancellation);
        Assert.EndsWith("line 19999", result.Errors, StringComparison.Ordinal);
        Assert.InRange(result.Errors.Length, 1000, 16 * 1024);
    }
}
