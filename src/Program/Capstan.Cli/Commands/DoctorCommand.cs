using System.CommandLine;
using Capstan.Api.Instance;
using Capstan.Cli.Connection;
using Capstan.Cli.Output;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan doctor</c></summary>
internal static class DoctorCommand
{
    public static Command Create(CliContext context)
    {
        var output = OutputOption.Create();
        var command = new Command("doctor", "Examine the installation. Exits 1 when something is wrong.\n\nExamples:\n  capstan doctor") { output };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var report = await client.DoctorAsync(cancellation).ConfigureAwait(false);
            Printer.Print(context, line.GetValue(output)!, Printer.Tree(report, InstanceJson.Default.DoctorReport), report.Findings.Select(f => f.Subject), () => new TableView(
                ["SUBJECT", "STATE", "MESSAGE", "NEXT"], report.Findings.Select(f => (IReadOnlyList<string>)[f.Subject, f.State, f.Message, f.Next ?? ""])));
            return report.IsWell ? ExitCodes.Fine : ExitCodes.Difference;
        });
        return command;
    }
}
