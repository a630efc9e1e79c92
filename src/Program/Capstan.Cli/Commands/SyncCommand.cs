using System.CommandLine;
using Capstan.Api.Applications;
using Capstan.Cli.Connection;
using Capstan.Cli.Output;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan sync APP… [--dry-run]</c></summary>
internal static class SyncCommand
{
    public static Command Create(CliContext context)
    {
        var names = ApplicationArguments.Many();
        var dryRun = new Option<bool>("--dry-run") { Description = "Only show what would change" };
        var revision = new Option<string?>("--revision") { Description = "Another revision than the application's own", HelpName = "REVISION" };
        var prune = new Option<bool>("--prune") { Description = "Delete what Git no longer has" };
        var wait = new Option<bool>("--wait") { Description = "Wait until it is Synced and Healthy" };
        var timeout = WaitCommand.TimeoutOption("5m");
        var output = OutputOption.Create();
        var command = new Command("sync", """
            Make the cluster what Git says, now.

            Examples:
              capstan sync shop
              capstan sync shop --dry-run
              capstan sync shop --prune --wait
            """) { names, dryRun, revision, prune, wait, timeout, output };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var code = ExitCodes.Fine;
            foreach (var name in line.GetValue(names)!)
            {
                if (line.GetValue(dryRun))
                {
                    PlanView.Print(context, line.GetValue(output)!, await client.PlanAsync(name, cancellation).ConfigureAwait(false));
                    continue;
                }
                await client.SyncApplicationAsync(name, new SyncRequest(line.GetValue(revision), line.GetValue(prune) ? true : null), cancellation).ConfigureAwait(false);
                context.Say($"{name}: sync started");
                if (line.GetValue(wait)) code = Math.Max(code, await new Wait(client, context, null).ForAsync(name, line.GetValue(timeout), cancellation).ConfigureAwait(false));
            }
            return code;
        });
        return command;
    }
}
