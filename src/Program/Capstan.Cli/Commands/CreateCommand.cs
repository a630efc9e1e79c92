using System.CommandLine;
using Capstan.Api.Applications;
using Capstan.Api.Tokens;
using Capstan.Cli.Connection;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan create app|appset|project|repo|token|user</c></summary>
internal static class CreateCommand
{
    public static Command Create(CliContext context) => new("create", """
        Create an application, an ApplicationSet, a project, a repository, a token or a user.

        Examples:
          capstan create repo shop
          capstan create app shop --repo shop --path deploy --dest-namespace shop --sync-policy automated --self-heal
          capstan create appset fleet.yaml --dry-run
          capstan create project team --src 'https://git.example/team/*' --dest 'team-*'
          capstan create token ci --allow get,update:repositories:shop/* --expires 90d
        """)
    {
        App(context),
        SetCommands.Create(context),
        ProjectCommands.Create(context),
        Repo(context),
        Token(context),
        User(context),
    };

    private static Command App(CliContext context)
    {
        var name = new Argument<string>("NAME") { Description = "The application's name" };
        var repo = new Option<string>("--repo") { Description = "The repository: a URL, or a name on this server", HelpName = "URL", Required = true };
        var path = new Option<string>("--path") { Description = "The folder of the manifests", HelpName = "PATH", DefaultValueFactory = _ => "." };
        var revision = new Option<string?>("--revision") { Description = "Branch, tag, commit or semver range", HelpName = "REVISION" };
        var space = new Option<string?>("--dest-namespace", "-n") { Description = "The namespace for objects without one", HelpName = "NAMESPACE" };
        var project = new Option<string?>("--project") { Description = "The project", HelpName = "NAME" };
        var recurse = new Option<bool>("--directory-recurse") { Description = "Read sub-folders too" };
        var policy = new Option<string>("--sync-policy") { Description = "automated: sync each new commit; none: only when asked", DefaultValueFactory = _ => "none" };
        policy.AcceptOnlyFromAmong("automated", "none");
        var prune = new Option<bool>("--auto-prune") { Description = "Automation deletes what Git no longer has" };
        var heal = new Option<bool>("--self-heal") { Description = "Automation undoes changes that others make in the cluster" };
        var empty = new Option<bool>("--allow-empty") { Description = "Automation may delete everything when Git renders nothing" };
        var options = new Option<string[]>("--sync-option") { Description = "A sync option; may be repeated", HelpName = "NAME=VALUE", DefaultValueFactory = _ => [] };
        var command = new Command("app", "Create an application: a commit to the platform repository") { name, repo, path, revision, space, project, recurse, policy, prune, heal, empty, options };
        command.AddRule(line =>
        {
            if (line.GetValue(policy) != "automated" && (line.GetValue(prune) || line.GetValue(heal) || line.GetValue(empty)))
            {
                line.AddError("--auto-prune, --self-heal and --allow-empty steer automation. Add --sync-policy automated");
            }
        });
        command.SetAction(async (line, cancellation) =>
        {
            var wish = new CreateApplication(line.GetValue(name)!, line.GetValue(repo)!, line.GetValue(path)!, line.GetValue(revision), line.GetValue(space),
                line.GetValue(project), line.GetValue(recurse), line.GetValue(policy) == "automated", line.GetValue(prune), line.GetValue(heal), line.GetValue(empty), line.GetValue(options));
            using var client = Connecting.Client(line, context);
            var commit = await client.CreateApplicationAsync(wish, cancellation).ConfigureAwait(false);
            context.Out.WriteLine($"application {commit.Name}: {commit.File} in commit {commit.Commit} of {commit.Repository}");
            return ExitCodes.Fine;
        });
        return command;
    }

    private static Command Repo(CliContext context)
    {
        var name = new Argument<string>("NAME") { Description = "NAME or OWNER/NAME" };
        var command = new Command("repo", "Create an empty repository") { name };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var repository = await client.CreateRepositoryAsync(line.GetValue(name)!, cancellation).ConfigureAwait(false);
            context.Out.WriteLine(repository.Url);
            return ExitCodes.Fine;
        });
        return command;
    }

    private static Command Token(CliContext context)
    {
        var name = new Argument<string>("NAME") { Description = "A name for people" };
        var allow = new Option<string[]>("--allow") { Description = "What it may do at most, as VERBS:RESOURCES:NAMES; may be repeated; all that you may when absent", HelpName = "GRANT", DefaultValueFactory = _ => [] };
        var expires = new Option<string>("--expires") { Description = "When it ends: a number of days, such as 30d, 365d at most", HelpName = "DAYS", DefaultValueFactory = _ => "30d" };
        var role = new Option<string?>("--role") { Description = "The role of a project that it speaks for, instead of you", HelpName = "PROJECT/ROLE" };
        var command = new Command("token", "Create a token that speaks for you; it is printed once") { name, allow, expires, role };
        command.AddRule(line =>
        {
            if (Days(line.GetValue(expires)!) is null) line.AddError($"--expires {line.GetValue(expires)}: is no number of days. Write it as 30d");
        });
        command.SetAction(async (line, cancellation) =>
        {
            var grants = line.GetValue(allow)!;
            using var client = Connecting.Client(line, context);
            var made = await client.CreateTokenAsync(new CreateToken(line.GetValue(name)!, grants.Length == 0 ? null : grants, Days(line.GetValue(expires)!), line.GetValue(role)), cancellation).ConfigureAwait(false);
            await context.Error.WriteLineAsync($"token {made.Info.Name} of {made.Info.Owner}, until {made.Info.ExpiresAt}; it is not shown again").ConfigureAwait(false);
            context.Out.WriteLine(made.Token);
            return ExitCodes.Fine;
        });
        return command;
    }

    private static Command User(CliContext context)
    {
        var name = new Argument<string>("NAME") { Description = "The name; bindings write it as local:NAME" };
        var groups = new Option<string[]>("--group") { Description = "A group; may be repeated; bindings write it as local:GROUP", HelpName = "GROUP", DefaultValueFactory = _ => [] };
        var command = new Command("user", "Create a local user; the first password is printed once") { name, groups };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var made = await client.CreateUserAsync(new CreateUser(line.GetValue(name)!, line.GetValue(groups)), cancellation).ConfigureAwait(false);
            await context.Error.WriteLineAsync($"user {made.Info.Name}; the password, not shown again:").ConfigureAwait(false);
            context.Out.WriteLine(made.Password);
            return ExitCodes.Fine;
        });
        return command;
    }

    private static int? Days(string text) =>
        text.EndsWith('d') && int.TryParse(text.AsSpan(..^1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var days) ? days : null;
}
