using System.CommandLine;
using Capstan.Api.Applications;
using Capstan.Cli.Connection;
using Capstan.Cli.Output;
using Spectre.Console;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan tree APP</c></summary>
internal static class TreeCommand
{
    private const int Deepest = 30;

    public static Command Create(CliContext context)
    {
        var name = ApplicationArguments.One();
        var output = OutputOption.Create();
        var command = new Command("tree", "Show an application's objects and what they own.\n\nExamples:\n  capstan tree shop") { name, output };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            var root = await client.TreeAsync(line.GetValue(name)!, cancellation).ConfigureAwait(false);
            if (line.GetValue(output)!.Form is OutputForm.Table or OutputForm.Wide)
            {
                var tree = new Tree(Label(root)).Guide(TreeGuide.Line);
                foreach (var child in root.Children) Add(tree, child, 1);
                context.Console().Write(tree);
            }
            else
            {
                Printer.Print(context, line.GetValue(output)!, Printer.Tree(root, ApplicationsJson.Default.TreeNode), Names(root, 0), () => new TableView([], []));
            }
            return ExitCodes.Fine;
        });
        return command;
    }

    private static void Add(IHasTreeNodes parent, Api.Applications.TreeNode node, int depth)
    {
        var added = parent.AddNode(Label(node));
        if (depth >= Deepest) return;
        foreach (var child in node.Children) Add(added, child, depth + 1);
    }

    private static Paragraph Label(Api.Applications.TreeNode node)
    {
        var label = new Paragraph(node.Object);
        foreach (var word in new[] { node.Sync, node.Health }.OfType<string>()) label.Append(" " + word, Colour.Of(word));
        return node.Message is { Length: > 0 } message ? label.Append(" " + message.ReplaceLineEndings(" ")) : label;
    }

    private static IEnumerable<string> Names(Api.Applications.TreeNode node, int depth) =>
        depth >= Deepest ? [node.Object] : node.Children.SelectMany(c => Names(c, depth + 1)).Prepend(node.Object);
}
