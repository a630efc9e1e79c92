using System.CommandLine;
using Capstan.Api.Applications;
using Capstan.Cli.Connection;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan rollback APP [--to REVISION]</c></summary>
internal static class RollbackCommand
{
    public static Command Create(CliContext context)
    {
        var name = ApplicationArguments.One();
        var to = new Option<string?>("--to") { Description = "A commit or an id of the history; without it the deployment before the present one", HelpName = "REVISION" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show the difference" };
        var command = new Command("rollback", """
            Bring an application's files back to an earlier deployment, by one commit.

            Examples:
              capstan rollback shop
              capstan rollback shop --to 4f2c1e0 --dry-run
            """) { name, to, dryRun };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var report = await client.RollbackAsync(line.GetValue(name)!, new RollbackRequest(line.GetValue(to), line.GetValue(dryRun)), cancellation).ConfigureAwait(false);
            await context.Out.WriteAsync(report.Diff).ConfigureAwait(false);
            context.Say(report switch
            {
                { Commit: { } commit } => $"{line.GetValue(name)}: commit {commit} brings back {report.To}",
                { Pinned: true } => $"{line.GetValue(name)}: pinned to {report.To}, since its repository takes no push from here; lift the pin by removing the annotation capstan.dev/pin",
                _ => $"{line.GetValue(name)}: from {report.From} back to {report.To}; nothing was written",
            });
            return ExitCodes.Fine;
        });
        return command;
    }
}
