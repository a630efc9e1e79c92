using System.CommandLine;
using Capstan.Api.Runs;
using Capstan.Cli.Connection;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan run WORKFLOW</c></summary>
internal static class RunCommand
{
    public static Command Create(CliContext context)
    {
        var workflow = new Argument<string>("WORKFLOW") { Description = "The workflow's file or name; with --again, --approve or --cancel a run" };
        var repository = new Option<string?>("--repo") { Description = "The repository on the Git host", HelpName = "REPOSITORY" };
        var branch = new Option<string?>("--ref") { Description = "The branch or tag (default: the default branch)", HelpName = "REF" };
        var inputs = new Option<string[]>("--input") { Description = "An input of the workflow; may be given several times", HelpName = "NAME=VALUE" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Print the log until the run ends; exit code 1 when it fails" };
        var again = new Option<bool>("--again") { Description = "Run a run again, all of it" };
        var failed = new Option<bool>("--failed") { Description = "With --again: only what did not succeed" };
        var approve = new Option<bool>("--approve") { Description = "Let a run go on that waits because it comes from somebody who may not push" };
        var cancel = new Option<bool>("--cancel") { Description = "End a run" };
        var command = new Command("run", """
            Start a workflow that has workflow_dispatch, run a run again, or end one.

            Examples:
              capstan run ci.yaml --repo shop --follow
              capstan run deploy --repo shop --ref v1.2 --input level=low
              capstan run shop-ci-0123456789 --again --failed
            """) { workflow, repository, branch, inputs, follow, again, failed, approve, cancel };
        command.AddRule(line =>
        {
            if (!line.GetValue(again) && !line.GetValue(cancel) && !line.GetValue(approve) && line.GetValue(repository) is null) line.AddError("--repo names the repository of the workflow");
        });
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var name = line.GetValue(workflow)!;
            if (line.GetValue(cancel))
            {
                await client.CancelRunAsync(name, cancellation).ConfigureAwait(false);
                context.Say($"run {name}: is being ended");
                return ExitCodes.Fine;
            }

            if (line.GetValue(approve))
            {
                await client.ApproveRunAsync(name, cancellation).ConfigureAwait(false);
                context.Say($"run {name}: goes on");
                return ExitCodes.Fine;
            }

            var run = line.GetValue(again)
                ? await client.RunAgainAsync(name, new RunAgain(line.GetValue(failed)), cancellation).ConfigureAwait(false)
                : await client.StartRunAsync(new StartRun(line.GetValue(repository)!, name, line.GetValue(branch), Pairs(line.GetValue(inputs) ?? [])), cancellation).ConfigureAwait(false);
            context.Out.WriteLine(run.Name);
            if (!line.GetValue(follow)) return ExitCodes.Fine;
            return await LogsCommand.PrintAsync(context, client, run.Name, follow: true, cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static Dictionary<string, string> Pairs(string[] inputs) => inputs.Select(i => i.Split('=', 2)).ToDictionary(
        p => p[0], p => p.Length == 2 ? p[1] : throw new CommandException(ExitCodes.Usage, $"--input {p[0]}: is no NAME=VALUE"), StringComparer.Ordinal);
}
