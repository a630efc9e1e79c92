using System.CommandLine;
using Capstan.Api.Applications;
using Capstan.Cli.Connection;
using Capstan.Cli.Output;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan why APP</c></summary>
internal static class WhyCommand
{
    public static Command Create(CliContext context)
    {
        var name = ApplicationArguments.One();
        var output = OutputOption.Create();
        var command = new Command("why", "Explain what is not green: what, the cause, since when, what to do. Exits 1 when something is not.\n\nExamples:\n  capstan why shop\n  capstan why appset/fleet") { name, output };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var asked = line.GetValue(name)!;
            var why = asked.StartsWith(SetCommands.Prefix, StringComparison.Ordinal)
                ? await client.WhyApplicationSetAsync(asked[SetCommands.Prefix.Length..], cancellation).ConfigureAwait(false)
                : await client.WhyAsync(asked, cancellation).ConfigureAwait(false);
            if (line.GetValue(output)!.Form is OutputForm.Table or OutputForm.Wide) Print(context, why);
            else Printer.Print(context, line.GetValue(output)!, Printer.Tree(why, ApplicationsJson.Default.WhyReport), [why.Application], () => new TableView([], []));
            return why.Reasons.Count == 0 ? ExitCodes.Fine : ExitCodes.Difference;
        });
        return command;
    }

    private static void Print(CliContext context, WhyReport why)
    {
        context.Out.WriteLine($"{why.Application}: {why.Sync}, {why.Health}");
        foreach (var reason in why.Reasons)
        {
            context.Out.WriteLine();
            context.Out.WriteLine($"  what   {reason.What}");
            context.Out.WriteLine($"  cause  {reason.Cause.ReplaceLineEndings("\n         ")}");
            if (reason.Since is not null) context.Out.WriteLine($"  since  {reason.Since}");
            context.Out.WriteLine($"  next   {reason.Next}");
        }
    }
}
