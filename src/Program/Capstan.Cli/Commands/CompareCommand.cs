using System.CommandLine;
using Capstan.Api.Pipelines;
using Capstan.Cli.Connection;
using Capstan.Cli.Output;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan compare PIPELINE [FROM [TO]]</c></summary>
internal static class CompareCommand
{
    public static Command Create(CliContext context)
    {
        var pipeline = new Argument<string>("PIPELINE") { Description = "The pipeline" };
        var from = new Argument<string>("FROM") { Description = "The one stage; the first where none is named", DefaultValueFactory = _ => "" };
        var to = new Argument<string>("TO") { Description = "The other stage; the last where none is named", DefaultValueFactory = _ => "" };
        var output = OutputOption.Create();
        var command = new Command("compare", """
            Tell what two stages of a pipeline differ in: releases, images, source commits, and the objects field by field. Exits 1 when there is a difference.

            Examples:
              capstan compare shop
              capstan compare shop staging prod
              capstan compare shop dev prod -o json
            """) { pipeline, from, to, output };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var compared = await client.CompareStagesAsync(line.GetValue(pipeline)!, line.GetValue(from)!, line.GetValue(to)!, cancellation).ConfigureAwait(false);
            if (line.GetValue(output)!.Form is OutputForm.Table or OutputForm.Wide) Print(context.Out, compared);
            else Printer.Print(context, line.GetValue(output)!, Printer.Tree(compared, PipelinesJson.Default.StageComparison), compared.Objects.Select(o => o.Object), () => new TableView([], []));
            foreach (var problem in compared.Problems) context.Error.WriteLine($"capstan: {problem}");
            return compared.Objects.Count + compared.Ahead.Count + compared.Behind.Count + compared.Images.Count(i => i.From != i.To) == 0 ? ExitCodes.Fine : ExitCodes.Difference;
        });
        return command;
    }

    private static void Print(TextWriter to, StageComparison compared)
    {
        foreach (var side in new[] { compared.From, compared.To }) to.WriteLine($"{side.Name}: {side.Release ?? "no release"}{(side.Commit is { Length: > 0 } commit ? $" of commit {GetCommand.Short(commit)}" : "")}");
        foreach (var image in compared.Images.Where(i => i.From != i.To)) to.WriteLine($"image {image.Name}: {image.From ?? "none"} | {image.To ?? "none"}");
        foreach (var commit in compared.Ahead) to.WriteLine($"only {compared.From.Name} has commit {GetCommand.Short(commit.Id)} by {commit.Author}: {commit.Subject}");
        foreach (var commit in compared.Behind) to.WriteLine($"only {compared.To.Name} has commit {GetCommand.Short(commit.Id)} by {commit.Author}: {commit.Subject}");
        foreach (var item in compared.Objects)
        {
            to.WriteLine(item.In is null ? item.Object : $"{item.Object}: only in {item.In}");
            foreach (var field in item.Fields) to.WriteLine($"  {field.Path}: {field.From ?? "none"} | {field.To ?? "none"}");
        }

        to.WriteLine($"{compared.Objects.Count} objects differ, {compared.Same} are the same");
    }
}
