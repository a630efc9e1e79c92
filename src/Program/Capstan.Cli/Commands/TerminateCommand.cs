using System.CommandLine;
using Capstan.Cli.Connection;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan terminate APP</c></summary>
internal static class TerminateCommand
{
    public static Command Create(CliContext context)
    {
        var name = ApplicationArguments.One();
        var command = new Command("terminate", "Stop the operation that runs.\n\nExamples:\n  capstan terminate shop") { name };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            await client.TerminateApplicationAsync(line.GetValue(name)!, cancellation).ConfigureAwait(false);
            return ExitCodes.Fine;
        });
        return command;
    }
}
