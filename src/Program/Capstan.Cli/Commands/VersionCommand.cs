using System.CommandLine;
using Capstan.Api.Problems;
using Capstan.Cli.Connection;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan version</c></summary>
internal static class VersionCommand
{
    public static Command Create(CliContext context)
    {
        var client = new Option<bool>("--client") { Description = "Do not ask the server" };
        var command = new Command("version", "Show the versions of this program and of the server.\n\nExamples:\n  capstan version --client") { client };
        command.SetAction(async (line, cancellation) =>
        {
            context.Out.WriteLine($"client {context.Version}");
            if (line.GetValue(client)) return ExitCodes.Fine;
            try
            {
                using var server = Connecting.Client(line, context);
                context.Out.WriteLine($"server {(await server.VersionAsync(cancellation).ConfigureAwait(false)).Version}");
            }
            catch (ServerUnreachableException e)
            {
                context.Say(e.Message);
            }
            return ExitCodes.Fine;
        });
        return command;
    }
}
