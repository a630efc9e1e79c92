using System.CommandLine;
using Capstan.Cli.Connection;
using Capstan.Cli.Output;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan diff APP</c></summary>
internal static class DiffCommand
{
    public static Command Create(CliContext context)
    {
        var name = ApplicationArguments.One();
        var output = OutputOption.Create();
        var command = new Command("diff", """
            Show what a sync would change. Exits 1 when there is a difference.

            Examples:
              capstan diff shop
              capstan diff shop -o json
            """) { name, output };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var plan = await client.PlanAsync(line.GetValue(name)!, cancellation).ConfigureAwait(false);
            PlanView.Print(context, line.GetValue(output)!, plan);
            return plan.Changes.Count == 0 ? ExitCodes.Fine : ExitCodes.Difference;
        });
        return command;
    }
}
