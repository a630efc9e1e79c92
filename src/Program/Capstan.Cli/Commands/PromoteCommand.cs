using System.CommandLine;
using Capstan.Api.Pipelines;
using Capstan.Cli.Connection;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan promote PIPELINE</c> and <c>capstan approve PIPELINE</c></summary>
internal static class PromoteCommand
{
    public static Command Promote(CliContext context) => Create(context, "promote", """
        Ask that a release enters a stage; its gates must hold all the same.

        Examples:
          capstan promote shop --to prod
          capstan promote shop --to staging --release shop-41
        """, (client, pipeline, wish, cancellation) => client.PromoteAsync(pipeline, wish, cancellation));

    public static Command Approve(CliContext context)
    {
        var command = Create(context, "approve", """
            Approve that a release enters a stage. The commit that promotes it names you and the reason.

            Examples:
              capstan approve shop --to prod --reason "looked at it with Ada"
              capstan approve appset fleet
            """, (client, pipeline, wish, cancellation) => client.ApproveAsync(pipeline, wish, cancellation));
        command.Subcommands.Add(SetCommands.Approve(context));
        return command;
    }

    private static Command Create(CliContext context, string verb, string help, Func<Api.Client.CapstanClient, string, StageWish, CancellationToken, Task<StageAnswer>> sayAsync)
    {
        var pipeline = new Argument<string>("PIPELINE") { Description = "The pipeline" };
        var to = new Option<string>("--to") { Description = "The stage", HelpName = "STAGE", Required = true };
        var release = new Option<string?>("--release") { Description = "The release; the one that waits there where none is given", HelpName = "RELEASE" };
        var reason = new Option<string?>("--reason") { Description = "Why, for the history", HelpName = "TEXT" };
        var command = new Command(verb, help) { pipeline, to, release, reason };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var answer = await sayAsync(client, line.GetValue(pipeline)!, new StageWish(line.GetValue(to)!, line.GetValue(release), line.GetValue(reason)), cancellation).ConfigureAwait(false);
            context.Out.WriteLine($"{answer.Pipeline}/{answer.Stage}: {answer.Release}: {(verb == "promote" ? "asked for" : "approved")} by {answer.By}");
            return ExitCodes.Fine;
        });
        return command;
    }
}
