using System.CommandLine;
using Capstan.Api.Applications;
using Capstan.Cli.Connection;
using Capstan.Cli.Output;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Cli.Commands;

/// <summary>What <c>get</c>, <c>create</c>, <c>delete</c> and <c>approve</c> do with ApplicationSets.</summary>
internal static class SetCommands
{
    /// <summary>The prefix by which commands that take applications take sets.</summary>
    public const string Prefix = "appset/";

    public static async Task<int> GetAsync(CliContext context, Api.Client.CapstanClient client, string? name, OutputChoice output, CancellationToken cancellation)
    {
        IReadOnlyList<KubernetesObject> found = name is null
            ? await client.ListApplicationSetsAsync(cancellation).ConfigureAwait(false)
            : [await client.GetApplicationSetAsync(name, cancellation).ConfigureAwait(false)];
        Printer.Print(context, output, Lists.Of(found, name is not null), found.Select(s => $"applicationset.argoproj.io/{s.Name}"), () => new TableView(
            ["NAME", "APPLICATIONS", "HEALTHY", "STATE", "MESSAGE", "+NAMESPACE", "+GENERATORS"], found.Select(Row)));
        return ExitCodes.Fine;
    }

    public static Command Create(CliContext context)
    {
        var file = ManifestFile.Argument("ApplicationSet");
        var dry = new Option<bool>("--dry-run") { Description = "Only print the Applications that it would make" };
        var output = OutputOption.Create();
        var command = new Command("appset", "Create an ApplicationSet: a commit to the platform repository. --dry-run prints what it would make") { file, dry, output };
        command.SetAction(async (line, cancellation) =>
        {
            var text = await ManifestFile.ReadAsync(context, line.GetValue(file)!, cancellation).ConfigureAwait(false);
            using var client = Connecting.Client(line, context);
            if (line.GetValue(dry)) return Print(context, line.GetValue(output)!, await client.PreviewApplicationSetAsync(text, cancellation).ConfigureAwait(false));
            var commit = await client.CreateApplicationSetAsync(text, cancellation).ConfigureAwait(false);
            context.Out.WriteLine($"appset {commit.Name}: {commit.File} in commit {commit.Commit} of {commit.Repository}");
            return ExitCodes.Fine;
        });
        return command;
    }

    public static Command Delete(CliContext context)
    {
        var name = new Argument<string>("NAME") { Description = "The ApplicationSet" };
        var command = new Command("appset", "Delete an ApplicationSet and its applications: a commit to the platform repository") { name };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var commit = await client.DeleteApplicationSetAsync(line.GetValue(name)!, cancellation).ConfigureAwait(false);
            context.Out.WriteLine($"appset {commit.Name}: {commit.File} removed in commit {commit.Commit} of {commit.Repository}");
            return ExitCodes.Fine;
        });
        return command;
    }

    public static Command Approve(CliContext context)
    {
        var name = new Argument<string>("NAME") { Description = "The ApplicationSet" };
        var command = new Command("appset", "Agree that an ApplicationSet deletes the applications that its generators do not yield any more") { name };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var answer = await client.ApproveDeletionsAsync(line.GetValue(name)!, cancellation).ConfigureAwait(false);
            context.Out.WriteLine($"appset {answer.Set}: {answer.Deleted.Count} applications are deleted: {string.Join(", ", answer.Deleted)}");
            return ExitCodes.Fine;
        });
        return command;
    }

    private static IReadOnlyList<string> Row(KubernetesObject set)
    {
        var resources = (set.Status["resources"]?.AsList() ?? YamlList.Empty).OfType<YamlMap>().ToList();
        var conditions = (set.Status["conditions"]?.AsList() ?? YamlList.Empty).OfType<YamlMap>().Where(c => c["status"]?.AsString() == "True").ToList();
        var telling = conditions.FirstOrDefault(c => c["type"]?.AsString() == "ErrorOccurred") ?? conditions.FirstOrDefault(c => c["type"]?.AsString() == "DeletionsHeld")
            ?? conditions.FirstOrDefault(c => c["type"]?.AsString() == "RolloutProgressing");
        var state = telling?["type"]?.AsString() switch
        {
            "ErrorOccurred" => "Error",
            "DeletionsHeld" => "Held",
            "RolloutProgressing" => "Progressing",
            _ => conditions.Count > 0 ? "UpToDate" : "",
        };
        var generators = (set.Spec["generators"]?.AsList() ?? YamlList.Empty).OfType<YamlMap>().Select(g => g.Keys.FirstOrDefault(k => k != "selector") ?? "");
        return
        [
            set.Name, $"{resources.Count}", $"{resources.Count(r => r.At("health", "status")?.AsString() == "Healthy")}", state, (telling?["message"]?.AsString() ?? "").ReplaceLineEndings(" "),
            set.Namespace, string.Join(',', generators),
        ];
    }

    private static int Print(CliContext context, OutputChoice output, SetPreview preview)
    {
        List<KubernetesObject> made = [.. preview.Applications.Select(a => new KubernetesObject((YamlMap)JsonText.Read(a.Application.GetRawText())))];
        Printer.Print(context, output, Lists.Of(made, false), made.Select(a => $"application.argoproj.io/{a.Name}"), () => new TableView(
            ["NAME", "PROJECT", "SOURCE", "PATH", "DESTINATION", "PROBLEM"],
            made.Zip(preview.Applications).Select(p => (IReadOnlyList<string>)
            [
                p.First.Name, p.First.Spec["project"]?.AsString() ?? "default", p.First.Body.At("spec", "source", "repoURL")?.AsString() ?? "", p.First.Body.At("spec", "source", "path")?.AsString() ?? "",
                $"{(p.First.Body.At("spec", "destination", "server") ?? p.First.Body.At("spec", "destination", "name"))?.AsString()}/{p.First.Body.At("spec", "destination", "namespace")?.AsString()}", p.Second.Problem ?? "",
            ])));
        return preview.Applications.Any(a => a.Problem is not null) ? ExitCodes.Difference : ExitCodes.Fine;
    }
}

/// <summary>A manifest that a command takes.</summary>
internal static class ManifestFile
{
    private const int Longest = 1 << 20;

    public static Argument<string> Argument(string kind) => new("FILE") { Description = $"A YAML file with one {kind}; - for standard input" };

    public static async Task<string> ReadAsync(CliContext context, string file, CancellationToken cancellation)
    {
        if (file == "-") return await context.In.ReadToEndAsync(cancellation).ConfigureAwait(false);
        if (new FileInfo(file) is { Exists: true, Length: > Longest }) throw new CommandException(ExitCodes.Refused, $"{file}: has more than {Longest:N0} bytes");
        return await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false);
    }
}
