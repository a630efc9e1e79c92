using System.CommandLine;
using Capstan.Api.Client;
using Capstan.Cli.Connection;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan logs RUN [--follow]</c></summary>
internal static class LogsCommand
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public static Command Create(CliContext context)
    {
        var run = new Argument<string>("RUN") { Description = "The run, as `capstan get runs` names it" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the run ends; exit code 1 when it fails" };
        var command = new Command("logs", """
            Print the log of a run, each line behind the job that wrote it.

            Examples:
              capstan logs shop-ci-0123456789
              capstan logs shop-ci-0123456789 --follow
            """) { run, follow };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            return await PrintAsync(context, client, line.GetValue(run)!, line.GetValue(follow), cancellation).ConfigureAwait(false);
        });
        return command;
    }

    /// <summary>Prints the log; a stream that broke off, as at a restart of the server, is taken up where it ended.</summary>
    public static async Task<int> PrintAsync(CliContext context, CapstanClient client, string name, bool follow, CancellationToken cancellation)
    {
        var last = 0L;
        while (true)
        {
            var run = await client.GetRunAsync(name, cancellation).ConfigureAwait(false);
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            try
            {
                // Of a run that goes on, without --follow, what is there now: the stream itself would wait for more.
                if (!follow && run.Phase != "completed") enough.CancelAfter(Pause);
                await foreach (var line in client.RunLogAsync(name, last, enough.Token).ConfigureAwait(false))
                {
                    context.Out.WriteLine(line.Job.Length == 0 ? line.Text : $"{line.Job} | {line.Text}");
                    last = line.Number;
                }
            }
            catch (OperationCanceledException) when (enough.IsCancellationRequested && !cancellation.IsCancellationRequested)
            {
                return ExitCodes.Fine;
            }
            catch (Exception broken) when (follow && broken is IOException or HttpRequestException)
            {
                context.Say("the stream broke off; it is taken up again");
            }

            if (!follow) return ExitCodes.Fine;
            if (run.Phase == "completed")
            {
                context.Say($"run {name}: {run.Conclusion}{(run.Message is null ? "" : $": {run.Message}")}");
                return run.Conclusion is "success" or "skipped" ? ExitCodes.Fine : ExitCodes.Difference;
            }

            await Task.Delay(Pause, context.Clock, cancellation).ConfigureAwait(false);
        }
    }
}
