using System.CommandLine;
using Capstan.Api.Applications;
using Capstan.Cli.Connection;
using Capstan.Cli.Output;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan action APP KIND/NAME [ACTION] [NAME=VALUE…]</c></summary>
internal static class ActionCommand
{
    public static Command Create(CliContext context)
    {
        var name = ApplicationArguments.One();
        var named = new Argument<string>("KIND/NAME") { Description = "The object, as Deployment/web or Deployment/NAMESPACE/web" };
        var action = new Argument<string?>("ACTION") { Description = "What to do; without it the actions are listed", Arity = ArgumentArity.ZeroOrOne };
        var parameters = new Argument<string[]>("NAME=VALUE") { Description = "What the action wants to be told", Arity = ArgumentArity.ZeroOrMore };
        var output = OutputOption.Create();
        var command = new Command("action", """
            Do something with a live object of an application: restart, scale, pause, resume, promote, abort, and what argocd-cm defines.

            Examples:
              capstan action shop Deployment/web
              capstan action shop Deployment/web restart
              capstan action shop Deployment/web scale replicas=3
              capstan action shop CronJob/report create-job
            """) { name, named, action, parameters, output };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            if (line.GetValue(action) is not { Length: > 0 } chosen)
            {
                var report = await client.ActionsAsync(line.GetValue(name)!, line.GetValue(named)!, cancellation).ConfigureAwait(false);
                Printer.Print(context, line.GetValue(output)!, Printer.Tree(report, ApplicationsJson.Default.ActionsReport), report.Actions.Select(a => a.Name), () => new TableView(
                    ["ACTION", "POSSIBLE", "PARAMETERS"], report.Actions.Select(IReadOnlyList<string> (a) => [a.Name, a.Possible ? "yes" : "not now", string.Join(' ', a.Parameters.Select(p => $"{p.Name}={p.Default}"))])));
                return ExitCodes.Fine;
            }

            var wish = new ActionRequest(line.GetValue(named)!, chosen, Read(line.GetValue(parameters) ?? []));
            var done = await client.ActAsync(line.GetValue(name)!, wish, cancellation).ConfigureAwait(false);
            foreach (var written in done.Written) context.Say($"{written}: {chosen} done");
            if (done.Note is { } note) context.Say(note);
            return ExitCodes.Fine;
        });
        return command;
    }

    private static Dictionary<string, string> Read(IEnumerable<string> pairs)
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new CommandException(ExitCodes.Usage, $"{pair}: is no parameter; write NAME=VALUE, such as replicas=3");
            read[pair[..equals]] = pair[(equals + 1)..];
        }
        return read;
    }
}
