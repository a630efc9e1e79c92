using System.CommandLine;
using Capstan.Cli.Connection;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan refresh APP…</c></summary>
internal static class RefreshCommand
{
    public static Command Create(CliContext context)
    {
        var names = ApplicationArguments.Many();
        var command = new Command("refresh", "Read source and cluster anew.\n\nExamples:\n  capstan refresh shop\n  capstan refresh appset/fleet") { names };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            foreach (var name in line.GetValue(names)!)
            {
                await (name.StartsWith(SetCommands.Prefix, StringComparison.Ordinal)
                    ? client.RefreshApplicationSetAsync(name[SetCommands.Prefix.Length..], cancellation)
                    : client.RefreshApplicationAsync(name, cancellation)).ConfigureAwait(false);
            }
            return ExitCodes.Fine;
        });
        return command;
    }
}
