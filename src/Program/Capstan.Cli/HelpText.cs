using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Capstan.Cli;

/// <summary>Examples belong to a command's own help and not to the list that its parent shows: they are written beneath the description,
/// and moved to the end of the help here.</summary>
internal static class HelpText
{
    private const string Heading = "\n\nExamples:\n";

    /// <summary>Takes the examples out of all descriptions and shows them with each command's own help.</summary>
    public static void MoveExamples(RootCommand root)
    {
        var examples = new Dictionary<Command, string>();
        Collect(root, examples);
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples((HelpAction)option.Action!, examples);
    }

    /// <summary>The words that lead to a command, the program's name first.</summary>
    public static string PathOf(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : "capstan";

    private static void Collect(Command command, Dictionary<Command, string> examples)
    {
        var text = (command.Description ?? "").ReplaceLineEndings("\n");
        if (text.IndexOf(Heading, StringComparison.Ordinal) is var at and > 0)
        {
            command.Description = text[..at];
            examples.Add(command, text[(at + Heading.Length)..]);
        }
        foreach (var child in command.Subcommands) Collect(child, examples);
    }

    private sealed class HelpWithExamples(HelpAction standard, Dictionary<Command, string> examples) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var code = standard.Invoke(parseResult);
            if (!examples.TryGetValue(parseResult.CommandResult.Command, out var text)) return code;
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            output.WriteLine(text);
            return code;
        }
    }
}
