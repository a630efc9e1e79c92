using System.CommandLine;
using System.Globalization;
using Capstan.Api.Applications;
using Capstan.Cli.Connection;
using Capstan.Cli.Output;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan blame APP KIND/NAME [FIELD]</c></summary>
internal static class BlameCommand
{
    private const int LongestValue = 40;

    public static Command Create(CliContext context)
    {
        var name = ApplicationArguments.One();
        var named = new Argument<string>("KIND/NAME") { Description = "The object, as Deployment/web or Deployment/NAMESPACE/web" };
        var field = new Argument<string?>("FIELD") { Description = "A field, for it and what is below: .spec.replicas, .metadata.labels, .spec.template.spec.containers[name=\"web\"].image", Arity = ArgumentArity.ZeroOrOne };
        var output = OutputOption.Create();
        var command = new Command("blame", """
            Show which line set each field of an object, and who wrote that line: the manifest, or the template and the value that it shows, or
            the resource, patch or field of a kustomization. Where the cluster has something else, what, and who wrote it.

            Examples:
              capstan blame shop Deployment/web
              capstan blame shop Deployment/web .spec.replicas
            """) { name, named, field, output };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var report = await client.BlameAsync(line.GetValue(name)!, line.GetValue(named)!, line.GetValue(field) ?? "", cancellation).ConfigureAwait(false);
            Printer.Print(context, line.GetValue(output)!, Printer.Tree(report, ApplicationsJson.Default.BlameReport), report.Fields.Select(f => f.Field), () => new TableView(
                ["FIELD", "VALUE", "SET-BY", "AT", "COMMIT", "AUTHOR", "DATE", "+SUBJECT"], report.Fields.SelectMany(Rows)));
            return ExitCodes.Fine;
        });
        return command;
    }

    private static IEnumerable<IReadOnlyList<string>> Rows(BlamedField field)
    {
        for (var i = 0; i < field.Sources.Count; i++)
        {
            var source = field.Sources[i];
            var at = source.File is null ? "" : source.Line is { } line ? $"{source.File}:{line.ToString(CultureInfo.InvariantCulture)}" : source.File;
            at += source.Repository is { } repository ? $" of {repository}" : "";
            yield return
            [
                i == 0 ? field.Field : "", i == 0 ? Cut(field.Value) : "", source.By, at,
                source.Commit is { } commit ? GetCommand.Short(commit) : "", source.Author ?? "", source.Date?[..10] ?? "", source.Subject ?? "",
            ];
        }
        if (field.Live is { } live) yield return ["", Cut(live), field.Manager is { } manager ? $"live, by {manager}" : "live", "", "", "", "", ""];
    }

    private static string Cut(string value)
    {
        var one = value.ReplaceLineEndings(" ");
        return one.Length <= LongestValue ? one : one[..LongestValue] + "…";
    }
}
