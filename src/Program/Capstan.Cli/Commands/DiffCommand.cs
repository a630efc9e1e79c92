using System.CommandLine;
using Capstan.Cli.Connection;
using Capstan.Cli.Output;
using Capstan.Cli.Pushing;
using Capstan.Delivery.ApplySets;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan diff APP|PATH</c></summary>
internal static class DiffCommand
{
    public static Command Create(CliContext context)
    {
        var what = new Argument<string>("APP|PATH") { Description = "The application's name; or a folder of manifests, a kustomization, a chart or one file: a path with a slash, . or .." };
        var target = new PushTarget();
        var output = OutputOption.Create();
        var command = new Command("diff", """
            Show what a sync, or an apply of PATH, would change. Exits 1 when there is a difference.

            Examples:
              capstan diff shop
              capstan diff shop -o json
              capstan diff ./deploy --name shop -n shop --prune
            """) { what };
        target.AddTo(command);
        command.Options.Add(output);
        command.SetAction(async (line, cancellation) =>
        {
            var (text, form) = (line.GetValue(what)!, line.GetValue(output)!);
            return IsPath(text) || target.IsGiven(line)
                ? await OfPathAsync(context, line, target, text, form, cancellation).ConfigureAwait(false)
                : await OfApplicationAsync(context, line, text, form, cancellation).ConfigureAwait(false);
        });
        return command;
    }

    /// <summary>Names of applications hold none of these, but for NAMESPACE/NAME, which no folder here is called.</summary>
    private static bool IsPath(string text) => text is "." or ".." || text.StartsWith('/') || text.StartsWith("./", StringComparison.Ordinal) || text.StartsWith("../", StringComparison.Ordinal)
        || (text.Contains('/', StringComparison.Ordinal) && Path.Exists(text));

    private static async Task<int> OfApplicationAsync(CliContext context, ParseResult line, string name, OutputChoice output, CancellationToken cancellation)
    {
        using var client = Connecting.Client(line, context);
        return Tell(context, output, await client.PlanAsync(name, cancellation).ConfigureAwait(false));
    }

    private static async Task<int> OfPathAsync(CliContext context, ParseResult line, PushTarget target, string path, OutputChoice output, CancellationToken cancellation)
    {
        using var client = target.Open(line, context);
        var plan = await new ApplySetSync(client, context.Clock).PlanAsync(target.Request(line, path, client), cancellation).ConfigureAwait(false);
        if (plan.Refusal is { } refusal) throw new CommandException(ExitCodes.Refused, refusal);
        return Tell(context, output, PushedObject.Plan(path, plan with { Revision = path }));
    }

    private static int Tell(CliContext context, OutputChoice output, Api.Applications.PlanReport plan)
    {
        PlanView.Print(context, output, plan);
        return plan.Changes.Count == 0 ? ExitCodes.Fine : ExitCodes.Difference;
    }
}
