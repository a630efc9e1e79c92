using System.CommandLine;
using Capstan.Cli.Connection;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan delete app|appset|project|repo|token|user</c></summary>
internal static class DeleteCommand
{
    public static Command Create(CliContext context) => new("delete", """
        Delete an application, an ApplicationSet, a project, a repository, a token or a user.

        Examples:
          capstan delete app shop
          capstan delete repo shop --yes
          capstan delete token ci
        """)
    {
        App(context),
        SetCommands.Delete(context),
        ProjectCommands.Delete(context),
        Repo(context),
        Token(context),
        User(context),
    };

    private static Command App(CliContext context)
    {
        var name = ApplicationArguments.One();
        var command = new Command("app", "Delete an application: a commit to the platform repository") { name };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var commit = await client.DeleteApplicationAsync(line.GetValue(name)!, cancellation).ConfigureAwait(false);
            context.Out.WriteLine($"application {commit.Name}: {commit.File} removed in commit {commit.Commit} of {commit.Repository}");
            return ExitCodes.Fine;
        });
        return command;
    }

    private static Command Repo(CliContext context)
    {
        var name = new Argument<string>("NAME") { Description = "NAME or OWNER/NAME" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask" };
        var command = new Command("repo", "Delete a repository with its history") { name, yes };
        command.SetAction(async (line, cancellation) =>
        {
            var repository = line.GetValue(name)!;
            if (!line.GetValue(yes) && !await ConfirmedAsync(context, repository, cancellation).ConfigureAwait(false))
            {
                throw new CommandException(ExitCodes.Usage, $"repository {repository}: not deleted, since its history goes with it. Say --yes");
            }
            using var client = Connecting.Client(line, context);
            await client.DeleteRepositoryAsync(repository, cancellation).ConfigureAwait(false);
            context.Out.WriteLine($"repository {repository} deleted");
            return ExitCodes.Fine;
        });
        return command;
    }

    private static Command Token(CliContext context)
    {
        var name = new Argument<string>("NAME") { Description = "The name of one of your tokens, or any token's id" };
        var command = new Command("token", "End a token; it is refused from then on") { name };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            await client.DeleteTokenAsync(line.GetValue(name)!, cancellation).ConfigureAwait(false);
            context.Out.WriteLine($"token {line.GetValue(name)} deleted");
            return ExitCodes.Fine;
        });
        return command;
    }

    private static Command User(CliContext context)
    {
        var name = new Argument<string>("NAME") { Description = "The name of the user" };
        var command = new Command("user", "Remove a local user; sessions and tokens of that user end") { name };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            await client.DeleteUserAsync(line.GetValue(name)!, cancellation).ConfigureAwait(false);
            context.Out.WriteLine($"user {line.GetValue(name)} deleted");
            return ExitCodes.Fine;
        });
        return command;
    }

    private static async Task<bool> ConfirmedAsync(CliContext context, string repository, CancellationToken cancellation)
    {
        if (!context.Interactive) return false;
        await context.Error.WriteAsync($"Delete the repository {repository} with its history? [y/N] ").ConfigureAwait(false);
        return await context.In.ReadLineAsync(cancellation).ConfigureAwait(false) is "y" or "yes";
    }
}
