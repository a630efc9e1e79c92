using System.CommandLine;
using System.Globalization;
using Capstan.Api.Applications;
using Capstan.Cli.Connection;
using Capstan.Cli.Output;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan history APP</c></summary>
internal static class HistoryCommand
{
    public static Command Create(CliContext context)
    {
        var name = ApplicationArguments.One();
        var output = OutputOption.Create();
        var command = new Command("history", "Show what was deployed when, from which commit, and how it ended.\n\nExamples:\n  capstan history shop") { name, output };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var history = await client.HistoryAsync(line.GetValue(name)!, cancellation).ConfigureAwait(false);
            Printer.Print(context, line.GetValue(output)!, Printer.Tree(history, ApplicationsJson.Default.HistoryReport), history.Deployments.Select(d => d.Revision), () => new TableView(
                ["ID", "REVISION", "OUTCOME", "DEPLOYED", "STARTED-BY", "AUTHOR", "SUBJECT"],
                history.Deployments.Select(d => (IReadOnlyList<string>)
                [
                    d.Id.ToString(CultureInfo.InvariantCulture), GetCommand.Short(d.Revision), d.Outcome, d.DeployedAt, d.StartedBy, d.Author ?? "", d.Subject ?? "",
                ])));
            return ExitCodes.Fine;
        });
        return command;
    }
}
