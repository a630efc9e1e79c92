using System.CommandLine;
using Capstan.Cli.Connection;
using Capstan.Cli.Output;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Cli.Commands;

/// <summary>What <c>get</c>, <c>create</c>, <c>edit</c> and <c>delete</c> do with projects.</summary>
internal static class ProjectCommands
{
    public static async Task<int> GetAsync(CliContext context, Api.Client.CapstanClient client, string? name, OutputChoice output, CancellationToken cancellation)
    {
        IReadOnlyList<KubernetesObject> found = name is null
            ? await client.ListProjectsAsync(cancellation).ConfigureAwait(false)
            : [await client.GetProjectAsync(name, cancellation).ConfigureAwait(false)];
        Printer.Print(context, output, Lists.Of(found, name is not null), found.Select(p => $"appproject.argoproj.io/{p.Name}"), () => new TableView(
            ["NAME", "SOURCES", "DESTINATIONS", "+ROLES", "+DESCRIPTION"], found.Select(p => (IReadOnlyList<string>)
            [
                p.Name, Texts(p.Spec["sourceRepos"]), string.Join(' ', Maps(p.Spec["destinations"]).Select(d => $"{(d["server"] ?? d["name"])?.AsString()},{d["namespace"]?.AsString()}")),
                string.Join(' ', Maps(p.Spec["roles"]).Select(r => r["name"]?.AsString())), p.Spec["description"]?.AsString() ?? "",
            ])));
        return ExitCodes.Fine;
    }

    public static Command Create(CliContext context)
    {
        var name = new Argument<string>("NAME") { Description = "The project's name, or with --file nothing", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<string?>("--file", "-f") { Description = "A YAML file with one AppProject; - for standard input", HelpName = "FILE" };
        var sources = new Option<string[]>("--src") { Description = "A repository that its applications may use, globs allowed, ! in front to refuse; may be repeated", HelpName = "URL", DefaultValueFactory = _ => [] };
        var destinations = new Option<string[]>("--dest") { Description = "Where its applications may go: SERVER,NAMESPACE or NAMESPACE in the own cluster; may be repeated", HelpName = "DESTINATION", DefaultValueFactory = _ => [] };
        var cluster = new Option<string[]>("--allow-cluster-resource") { Description = "A cluster-scoped kind that may be written, as GROUP/KIND; may be repeated", HelpName = "KIND", DefaultValueFactory = _ => [] };
        var description = new Option<string?>("--description") { Description = "What it is for", HelpName = "TEXT" };
        var command = new Command("project", "Create a project: a commit to the platform repository") { name, file, sources, destinations, cluster, description };
        command.AddRule(line =>
        {
            if (line.GetValue(file) is null == line.GetValue(name) is null) line.AddError("say either NAME with options, or --file");
        });
        command.SetAction(async (line, cancellation) =>
        {
            var text = line.GetValue(file) is { } from
                ? await ManifestFile.ReadAsync(context, from, cancellation).ConfigureAwait(false)
                : Write(line.GetValue(name)!, line.GetValue(description), line.GetValue(sources)!, line.GetValue(destinations)!, line.GetValue(cluster)!);
            using var client = Connecting.Client(line, context);
            var commit = await client.CreateProjectAsync(text, cancellation).ConfigureAwait(false);
            context.Out.WriteLine($"project {commit.Name}: {commit.File} in commit {commit.Commit} of {commit.Repository}");
            return ExitCodes.Fine;
        });
        return command;
    }

    public static Command Edit(CliContext context)
    {
        var name = new Argument<string>("NAME") { Description = "The project" };
        var file = new Option<string>("--file", "-f") { Description = "A YAML file with the project as it is to be; - for standard input", HelpName = "FILE", Required = true };
        var command = new Command("project", "Change a project: a commit to the platform repository. `capstan get project NAME -o yaml` prints what to change") { name, file };
        command.SetAction(async (line, cancellation) =>
        {
            var text = await ManifestFile.ReadAsync(context, line.GetValue(file)!, cancellation).ConfigureAwait(false);
            using var client = Connecting.Client(line, context);
            var commit = await client.UpdateProjectAsync(line.GetValue(name)!, text, cancellation).ConfigureAwait(false);
            context.Out.WriteLine($"project {commit.Name}: {commit.File} in commit {commit.Commit} of {commit.Repository}");
            return ExitCodes.Fine;
        });
        return command;
    }

    public static Command Delete(CliContext context)
    {
        var name = new Argument<string>("NAME") { Description = "The project" };
        var command = new Command("project", "Delete a project that no application is in: a commit to the platform repository") { name };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var commit = await client.DeleteProjectAsync(line.GetValue(name)!, cancellation).ConfigureAwait(false);
            context.Out.WriteLine($"project {commit.Name}: {commit.File} removed in commit {commit.Commit} of {commit.Repository}");
            return ExitCodes.Fine;
        });
        return command;
    }

    private static string Write(string name, string? description, string[] sources, string[] destinations, string[] cluster)
    {
        var spec = new YamlMapBuilder();
        if (description is not null) spec.Set("description", description);
        spec.Set("sourceRepos", new YamlList(sources.Select(s => (YamlNode)s)));
        spec.Set("destinations", new YamlList(destinations.Select(d =>
        {
            var comma = d.LastIndexOf(',');
            return YamlMap.Of(("server", comma < 0 ? "https://kubernetes.default.svc" : d[..comma]), ("namespace", d[(comma + 1)..]));
        })));
        if (cluster.Length > 0)
        {
            spec.Set("clusterResourceWhitelist", new YamlList(cluster.Select(k => YamlMap.Of(("group", k[..Math.Max(0, k.LastIndexOf('/'))]), ("kind", k[(k.LastIndexOf('/') + 1)..])))));
        }
        return GoYaml.Write(YamlMap.Of(
            ("apiVersion", "argoproj.io/v1alpha1"), ("kind", "AppProject"), ("metadata", YamlMap.Of(("name", name), ("namespace", "capstan"))), ("spec", spec.ToMap())));
    }

    private static IEnumerable<YamlMap> Maps(YamlNode? list) => (list?.AsList() ?? YamlList.Empty).OfType<YamlMap>();

    private static string Texts(YamlNode? list) => string.Join(' ', (list?.AsList() ?? YamlList.Empty).Select(t => t.AsString()));
}
