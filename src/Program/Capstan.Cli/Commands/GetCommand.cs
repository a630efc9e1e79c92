using System.CommandLine;
using Capstan.Api.Applications;
using Capstan.Api.Instance;
using Capstan.Api.Repositories;
using Capstan.Api.Runs;
using Capstan.Api.Tokens;
using Capstan.Cli.Connection;
using Capstan.Cli.Output;
using Capstan.Resources;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan get apps|appsets|projects|repos|clusters|pipelines|releases|runs|checks|tokens|users [NAME]</c></summary>
internal static class GetCommand
{
    public static Command Create(CliContext context)
    {
        var command = new Command("get", """
            Show applications, ApplicationSets, projects, pipelines, releases, runs, repositories, clusters, tokens or users.

            Examples:
              capstan get apps
              capstan get app shop -o yaml
              capstan get apps -o jsonpath='{.items[*].metadata.name}'
            """);
        command.Subcommands.Add(Kind(context, "apps", ["app", "applications", "application"], "Show applications", AppsAsync));
        command.Subcommands.Add(Kind(context, "appsets", ["appset", "applicationsets", "applicationset"], "Show ApplicationSets", SetCommands.GetAsync));
        command.Subcommands.Add(Kind(context, "projects", ["project", "appprojects", "appproject"], "Show projects", ProjectCommands.GetAsync));
        command.Subcommands.Add(Kind(context, "repos", ["repo", "repositories", "repository"], "Show repositories of the Git host", ReposAsync));
        command.Subcommands.Add(Kind(context, "clusters", ["cluster"], "Show clusters", ClustersAsync));
        command.Subcommands.Add(Kind(context, "runs", ["run"], "Show runs of workflows, the newest first", RunsAsync));
        command.Subcommands.Add(Kind(context, "checks", ["check"], "Show the checks of a commit, named REPOSITORY@COMMIT or REPOSITORY@BRANCH", ChecksAsync));
        command.Subcommands.Add(Kind(context, "pipelines", ["pipeline"], "Show delivery pipelines, a line for each stage", PipelinesAsync));
        command.Subcommands.Add(Kind(context, "releases", ["release"], "Show releases", ReleasesAsync));
        command.Subcommands.Add(Kind(context, "tokens", ["token"], "Show your tokens, and those of others that you may see", TokensAsync));
        command.Subcommands.Add(Kind(context, "users", ["user"], "Show local users", UsersAsync));
        return command;
    }

    private delegate Task<int> Show(CliContext context, Api.Client.CapstanClient client, string? name, OutputChoice output, CancellationToken cancellation);

    private static Command Kind(CliContext context, string plural, string[] aliases, string description, Show show)
    {
        var name = new Argument<string?>("NAME") { Description = "Only this one", Arity = ArgumentArity.ZeroOrOne };
        var output = OutputOption.Create();
        var command = new Command(plural, description) { name, output };
        foreach (var alias in aliases) command.Aliases.Add(alias);
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            return await show(context, client, line.GetValue(name), line.GetValue(output)!, cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> AppsAsync(CliContext context, Api.Client.CapstanClient client, string? name, OutputChoice output, CancellationToken cancellation)
    {
        IReadOnlyList<KubernetesObject> found = name is null
            ? await client.ListApplicationsAsync(cancellation).ConfigureAwait(false)
            : [await client.GetApplicationAsync(name, cancellation).ConfigureAwait(false)];
        Printer.Print(context, output, Lists.Of(found, name is not null), found.Select(a => $"application.argoproj.io/{a.Name}"), () => AppTable(found));
        return ExitCodes.Fine;
    }

    private static TableView AppTable(IEnumerable<KubernetesObject> applications) => new(
        ["NAME", "SYNC", "HEALTH", "REVISION", "OPERATION", "+NAMESPACE", "+DESTINATION", "+SOURCE", "+PATH", "+CONDITIONS"],
        applications.Select(ApplicationSummary.Of).Select(a => (IReadOnlyList<string>)
        [
            a.Name, a.Sync, a.Health, Short(a.Revision), a.Operation, a.Namespace, a.Destination, a.Source, a.Path, string.Join("; ", a.Conditions).ReplaceLineEndings(" "),
        ]));

    private static async Task<int> ReposAsync(CliContext context, Api.Client.CapstanClient client, string? name, OutputChoice output, CancellationToken cancellation)
    {
        var found = Named(await client.ListRepositoriesAsync(cancellation).ConfigureAwait(false), name, r => r.Name, "repository");
        Printer.Print(context, output, Printer.Tree(new RepositoryList(found), RepositoriesJson.Default.RepositoryList), found.Select(r => $"repository/{r.Name}"),
            () => new TableView(["NAME", "BRANCH", "HEAD", "URL"], found.Select(r => (IReadOnlyList<string>)[r.Name, r.DefaultBranch, Short(r.Head ?? ""), r.Url])));
        return ExitCodes.Fine;
    }

    private static async Task<int> ClustersAsync(CliContext context, Api.Client.CapstanClient client, string? name, OutputChoice output, CancellationToken cancellation)
    {
        var found = Named(await client.ListClustersAsync(cancellation).ConfigureAwait(false), name, c => c.Name, "cluster");
        Printer.Print(context, output, Printer.Tree(new ClusterList(found), InstanceJson.Default.ClusterList), found.Select(c => $"cluster/{c.Name}"),
            () => new TableView(["NAME", "KIND", "STATE", "VERSION", "SERVER", "+MESSAGE"],
                found.Select(c => (IReadOnlyList<string>)[c.Name, c.Kind, c.State, c.Version ?? "", c.Server, c.Message ?? ""])));
        return ExitCodes.Fine;
    }

    private static async Task<int> RunsAsync(CliContext context, Api.Client.CapstanClient client, string? name, OutputChoice output, CancellationToken cancellation)
    {
        IReadOnlyList<Run> found = name is null ? await client.ListRunsAsync(null, cancellation).ConfigureAwait(false) : [await client.GetRunAsync(name, cancellation).ConfigureAwait(false)];
        Printer.Print(context, output, Printer.Tree(new RunList(found), RunsJson.Default.RunList), found.Select(r => $"run/{r.Name}"),
            () => new TableView(["NAME", "REPOSITORY", "WORKFLOW", "EVENT", "REF", "COMMIT", "STATUS", "TITLE", "+STARTED", "+FINISHED", "+MESSAGE"],
                found.Select(r => (IReadOnlyList<string>)
                [
                    r.Name, r.Repository, r.Workflow, r.Event, r.Ref.Replace("refs/heads/", "", StringComparison.Ordinal), Short(r.Commit), r.Conclusion ?? r.Phase, r.Title, r.StartedAt ?? "", r.FinishedAt ?? "", r.Message ?? "",
                ])));
        return ExitCodes.Fine;
    }

    private static async Task<int> ChecksAsync(CliContext context, Api.Client.CapstanClient client, string? name, OutputChoice output, CancellationToken cancellation)
    {
        if (name?.Split('@', 2) is not [{ Length: > 0 } repository, { Length: > 0 } commit]) throw new CommandException(ExitCodes.Usage, "name the commit as REPOSITORY@COMMIT, such as shop@main");
        var found = await client.ListChecksAsync(repository, commit, cancellation).ConfigureAwait(false);
        Printer.Print(context, output, Printer.Tree(found, ChecksJson.Default.CheckList), found.Items.Select(c => $"check/{c.Name}"), () => new TableView(
            ["NAME", "STATE", "RUN", "DESCRIPTION", "+ANNOTATIONS"],
            found.Items.Select(c => (IReadOnlyList<string>)
            [
                c.Name, c.State, c.Run ?? "", c.Description ?? "", string.Join("; ", c.Annotations.Select(a => $"{a.File}:{a.Line}: {a.Level}: {a.Message}")).ReplaceLineEndings(" "),
            ])));
        return found.State == "failure" ? ExitCodes.Difference : ExitCodes.Fine;
    }

    private static async Task<int> PipelinesAsync(CliContext context, Api.Client.CapstanClient client, string? name, OutputChoice output, CancellationToken cancellation)
    {
        var found = Named(await client.ListPipelinesAsync(cancellation).ConfigureAwait(false), name, p => p.Name, "pipeline");
        Printer.Print(context, output, Lists.Of(found, name is not null), found.Select(p => $"deliverypipeline.capstan.dev/{p.Name}"), () => new TableView(
            ["NAME", "STAGE", "RELEASE", "PROVEN", "WAITING", "MESSAGE", "+COMMIT"], found.SelectMany(StageRows)));
        return ExitCodes.Fine;
    }

    private static IEnumerable<IReadOnlyList<string>> StageRows(KubernetesObject pipeline)
    {
        var states = (pipeline.Status["stages"]?.AsList() ?? Yaml.YamlList.Empty).OfType<Yaml.YamlMap>().ToArray();
        foreach (var stage in (pipeline.Spec["stages"]?.AsList() ?? Yaml.YamlList.Empty).OfType<Yaml.YamlMap>().Select(s => s["name"]?.AsString() ?? ""))
        {
            var state = states.FirstOrDefault(s => s["name"]?.AsString() == stage);
            string Text(string field) => state?[field]?.AsString() ?? "";
            yield return [pipeline.Name, stage, Text("release"), Text("proven"), Text("waiting"), Text("message"), Short(Text("commit"))];
        }

        if (pipeline.Status["problem"]?.AsString() is { } problem) yield return [pipeline.Name, "", "", "", "", problem, ""];
    }

    private static async Task<int> ReleasesAsync(CliContext context, Api.Client.CapstanClient client, string? name, OutputChoice output, CancellationToken cancellation)
    {
        var found = Named(await client.ListReleasesAsync(cancellation).ConfigureAwait(false), name, r => r.Name, "release");
        var pipelines = await client.ListPipelinesAsync(cancellation).ConfigureAwait(false);
        Printer.Print(context, output, Lists.Of(found, name is not null), found.Select(r => $"release.capstan.dev/{r.Name}"), () => new TableView(
            ["NAME", "REPOSITORY", "COMMIT", "STAGES", "CREATED", "TITLE", "+QUARANTINED", "+RUN", "+IMAGES"],
            found.OrderByDescending(r => r.Spec["createdAt"]?.AsString() ?? r.Metadata["creationTimestamp"]?.AsString(), StringComparer.Ordinal).Select(r => (IReadOnlyList<string>)
            [
                r.Name, r.Spec["repository"]?.AsString() ?? "", Short(r.Spec["commit"]?.AsString() ?? ""),
                string.Join(", ", pipelines.SelectMany(p => Items(p.Status, "stages").Where(s => s["release"]?.AsString() == r.Name)).Select(s => s["name"]?.AsString())),
                r.Spec["createdAt"]?.AsString() ?? r.Metadata["creationTimestamp"]?.AsString() ?? "", r.Spec["title"]?.AsString() ?? "",
                string.Join("; ", pipelines.SelectMany(p => Items(p.Status, "quarantined").Where(q => q["release"]?.AsString() == r.Name)).Select(q => $"{q["stage"]?.AsString()}: {q["reason"]?.AsString()}")),
                r.Spec["run"]?.AsString() ?? "", string.Join(", ", Items(r.Spec, "images").Select(i => i["image"]?.AsString())),
            ])));
        return ExitCodes.Fine;
    }

    private static IEnumerable<Yaml.YamlMap> Items(Yaml.YamlMap map, string field) => (map[field]?.AsList() ?? Yaml.YamlList.Empty).OfType<Yaml.YamlMap>();

    private static async Task<int> TokensAsync(CliContext context, Api.Client.CapstanClient client, string? name, OutputChoice output, CancellationToken cancellation)
    {
        var found = Named(await client.ListTokensAsync(cancellation).ConfigureAwait(false), name, t => t.Name, "token");
        Printer.Print(context, output, Printer.Tree(new TokenList(found), TokensJson.Default.TokenList), found.Select(t => $"token/{t.Name}"),
            () => new TableView(["NAME", "OWNER", "EXPIRES", "+ALLOW", "+ID"],
                found.Select(t => (IReadOnlyList<string>)[t.Name, t.Owner, t.ExpiresAt, t.Allow is null ? "all" : string.Join(' ', t.Allow), t.Id])));
        return ExitCodes.Fine;
    }

    private static async Task<int> UsersAsync(CliContext context, Api.Client.CapstanClient client, string? name, OutputChoice output, CancellationToken cancellation)
    {
        var found = Named(await client.ListUsersAsync(cancellation).ConfigureAwait(false), name, u => u.Name, "user");
        Printer.Print(context, output, Printer.Tree(new UserList(found), UsersJson.Default.UserList), found.Select(u => $"user/{u.Name}"),
            () => new TableView(["NAME", "GROUPS"], found.Select(u => (IReadOnlyList<string>)[u.Name, string.Join(' ', u.Groups)])));
        return ExitCodes.Fine;
    }

    private static IReadOnlyList<T> Named<T>(IReadOnlyList<T> all, string? name, Func<T, string> nameOf, string kind)
    {
        if (name is null) return all;
        var found = all.Where(i => nameOf(i) == name).ToArray();
        return found.Length > 0 ? found : throw new CommandException(ExitCodes.NotFound, $"{kind} {name}: does not exist. `capstan get {kind}` lists all");
    }

    internal static string Short(string revision) => string.Join(',', revision.Split(',').Select(r => r.Length == 40 ? r[..10] : r));
}
