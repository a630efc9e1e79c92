using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Capstan.Sources.Processes;

/// <summary>The one doorway to other programs.</summary>
/// <param name="time">The clock of time limits.</param>
public sealed class ProcessRunner(TimeProvider time)
{
    private const int KeptErrorCharacters = 16 * 1024;
    private static readonly TimeSpan DeathLimit = TimeSpan.FromSeconds(10);

    /// <summary>Runs a program to its end and keeps what it writes.</summary>
    /// <exception cref="ProgramException">It cannot be started, runs too long or writes too much.</exception>
    public async Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancellation)
    {
        var output = new MemoryStream();
        var exit = await StreamAsync(
            call,
            async (input, token) => await input.WriteAsync(call.Input, token).ConfigureAwait(false),
            async (stream, token) => await CopyBoundedAsync(call, stream, output, token).ConfigureAwait(false),
            cancellation).ConfigureAwait(false);
        return new ProgramResult(exit.ExitCode, output.GetBuffer().AsMemory(0, (int)output.Length), exit.Errors);
    }

    /// <summary>
    /// Runs a program to its end while others write its input and read its output. When one of them fails, or on cancellation, the program
    /// and its children are killed before this returns.
    /// </summary>
    /// <param name="call">What to run.</param>
    /// <param name="writeInput">Writes standard input, which is closed afterwards. A program that stops reading early is no error.</param>
    /// <param name="readOutput">Reads standard output to its end.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <exception cref="ProgramException">It cannot be started or runs too long.</exception>
    public async Task<ProgramExit> StreamAsync(
        ProgramCall call,
        Func<Stream, CancellationToken, Task> writeInput,
        Func<Stream, CancellationToken, Task> readOutput,
        CancellationToken cancellation)
    {
        using var timeLimit = new CancellationTokenSource(call.TimeLimit, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeLimit.Token);
        using var process = Start(call);
        var errors = ReadErrorsAsync(process, ending.Token);
        var input = FeedAsync(process, writeInput, ending.Token);
        var output = readOutput(process.StandardOutput.BaseStream, ending.Token);
        try
        {
            await AllOrFirstFailureAsync(input, output, errors).ConfigureAwait(false);
            await process.WaitForExitAsync(ending.Token).ConfigureAwait(false);
            return new ProgramExit(process.ExitCode, await errors.ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (timeLimit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new ProgramException($"{call.Program} {FirstArgument(call)}: took longer than {call.TimeLimit.TotalSeconds:0} s and was ended", timedOut: true);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await KillAsync(process).ConfigureAwait(false);

            // What failed first is on its way to the caller already; the others fail because of it.
            await Task.WhenAll(input, output, errors).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static Process Start(ProgramCall call)
    {
        var start = new ProcessStartInfo(call.Program)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = call.WorkingFolder,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var argument in call.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin";
        foreach (var (name, value) in call.Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start) ?? throw new ProgramException($"{call.Program}: could not be started");
        }
        catch (Win32Exception failure)
        {
            throw new ProgramException($"{call.Program}: could not be started ({failure.Message}); is it installed and in PATH?", inner: failure);
        }
    }

    private static async Task FeedAsync(Process process, Func<Stream, CancellationToken, Task> writeInput, CancellationToken cancellation)
    {
        var guarded = new ChildInputStream(process.StandardInput.BaseStream);
        await writeInput(guarded, cancellation).ConfigureAwait(false);
        await guarded.CloseAsync().ConfigureAwait(false);
    }

    private static async Task<string> ReadErrorsAsync(Process process, CancellationToken cancellation)
    {
        var kept = new StringBuilder();
        var buffer = new char[4096];
        int read;
        while ((read = await process.StandardError.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            kept.Append(buffer, 0, read);
            if (kept.Length > KeptErrorCharacters)
            {
                kept.Remove(0, kept.Length - KeptErrorCharacters);
            }
        }

        return kept.ToString().Trim();
    }

    private static async Task CopyBoundedAsync(ProgramCall call, Stream from, MemoryStream to, CancellationToken cancellation)
    {
        var buffer = new byte[32 * 1024];
        int read;
        while ((read = await from.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            if (to.Length + read > call.MaxOutputBytes)
            {
                throw new ProgramException($"{call.Program} {FirstArgument(call)}: wrote more than the {call.MaxOutputBytes:N0} bytes allowed");
            }

            to.Write(buffer, 0, read);
        }
    }

    // Task.WhenAll would wait for the others when one has failed, and they may never end until the program is killed.
    private static async Task AllOrFirstFailureAsync(params Task[] tasks)
    {
        var open = tasks.ToList();
        while (open.Count > 0)
        {
            var done = await Task.WhenAny(open).ConfigureAwait(false);
            open.Remove(done);
            await done.ConfigureAwait(false);
        }
    }

    private static string FirstArgument(ProgramCall call) => call.Arguments is [var first, ..] ? first : "";

    private async Task KillAsync(Process process)
    {
        if (process.HasExited)
        {
            return;
        }

        process.Kill(entireProcessTree: true);
        using var limit = new CancellationTokenSource(DeathLimit, time);
        try
        {
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The kernel holds it (a hung disk); it is killed already and ends when the kernel lets go.
            process.Refresh();
        }
    }
}
