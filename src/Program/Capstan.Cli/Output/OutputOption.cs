using System.CommandLine;
using System.CommandLine.Parsing;

namespace Capstan.Cli.Output;

/// <summary>The forms in which data is printed.</summary>
internal enum OutputForm
{
    Table,
    Wide,
    Json,
    Yaml,
    Name,
    JsonPath,
}

/// <summary>What <c>-o</c> asked for.</summary>
internal sealed record OutputChoice(OutputForm Form, JsonPath? Path = null);

internal static class OutputOption
{
    private const string Known = "table, wide, json, yaml, name or jsonpath=TEMPLATE";

    /// <summary>A new <c>-o</c>; each command has its own.</summary>
    public static Option<OutputChoice> Create() => new("--output", "-o")
    {
        Description = $"The form of the output: {Known}",
        HelpName = "FORM",
        DefaultValueFactory = _ => new OutputChoice(OutputForm.Table),
        CustomParser = Parse,
    };

    private static OutputChoice Parse(ArgumentResult result)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        const string prefix = "jsonpath=";
        try
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal)) return new OutputChoice(OutputForm.JsonPath, JsonPath.Parse(text[prefix.Length..]));
        }
        catch (FormatException e)
        {
            result.AddError($"--output {text}: {e.Message}");
            return new OutputChoice(OutputForm.Table);
        }
        switch (text)
        {
            case "table": return new OutputChoice(OutputForm.Table);
            case "wide": return new OutputChoice(OutputForm.Wide);
            case "json": return new OutputChoice(OutputForm.Json);
            case "yaml": return new OutputChoice(OutputForm.Yaml);
            case "name": return new OutputChoice(OutputForm.Name);
            default:
                result.AddError($"--output {text}: is not known. Use {Known}");
                return new OutputChoice(OutputForm.Table);
        }
    }
}
