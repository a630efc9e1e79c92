using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Capstan.Yaml;
using Spectre.Console;

namespace Capstan.Cli.Output;

/// <summary>A table as kubectl prints it: a line of capitals, then a line an item.</summary>
/// <param name="Columns">The headings; those that start with <c>+</c> are shown only by <c>-o wide</c>.</param>
/// <param name="Rows">A cell for each column.</param>
internal sealed record TableView(IReadOnlyList<string> Columns, IEnumerable<IReadOnlyList<string>> Rows);

/// <summary>Prints one answer in the form that <c>-o</c> asked for.</summary>
internal static class Printer
{
    /// <param name="context">Where to.</param>
    /// <param name="choice">In which form.</param>
    /// <param name="data">All of the data, for the forms that programs read.</param>
    /// <param name="names">The names for <c>-o name</c>.</param>
    /// <param name="table">The table for people.</param>
    public static void Print(CliContext context, OutputChoice choice, YamlNode data, IEnumerable<string> names, Func<TableView> table)
    {
        switch (choice.Form)
        {
            case OutputForm.Json:
                context.Out.WriteLine(JsonText.Write(data, indented: true));
                break;
            case OutputForm.Yaml:
                context.Out.Write(YamlForm(data));
                break;
            case OutputForm.Name:
                foreach (var name in names) context.Out.WriteLine(name);
                break;
            case OutputForm.JsonPath:
                context.Out.Write(choice.Path!.Apply(data));
                break;
            default:
                PrintTable(context, table(), choice.Form == OutputForm.Wide);
                break;
        }
    }

    /// <summary>A record of the API as a tree, for the forms that programs read.</summary>
    public static YamlNode Tree<T>(T value, JsonTypeInfo<T> type) => JsonText.Read(JsonSerializer.SerializeToUtf8Bytes(value, type));

    private static string YamlForm(YamlNode data) => GoYaml.Write(data);

    private static void PrintTable(CliContext context, TableView view, bool wide)
    {
        var shown = view.Columns.Index().Where(c => wide || !c.Item.StartsWith('+')).Select(c => c.Index).ToArray();
        var rows = view.Rows.Select(r => shown.Select(i => r[i]).ToArray()).ToArray();
        if (rows.Length == 0)
        {
            context.Say("nothing found");
            return;
        }
        var table = new Table().NoBorder();
        foreach (var index in shown) table.AddColumn(new TableColumn(new Text(view.Columns[index].TrimStart('+'))).NoWrap().PadLeft(0).PadRight(3));
        foreach (var row in rows) table.AddRow(row.Select(cell => new Text(cell, Colour.Of(cell))));
        using var text = new StringWriter();
        var console = new CliContext { Out = text, Error = context.Error, Host = context.Host, Version = context.Version, Colours = context.Colours }.Console();
        console.Write(table);
        foreach (var line in text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)) context.Out.WriteLine(line.TrimEnd());
    }
}

/// <summary>The colours of statuses.</summary>
internal static class Colour
{
    public static Style Of(string word) => word switch
    {
        "Synced" or "Healthy" or "Succeeded" or "Successful" or "good" or "create" => new Style(Color.Green),
        "OutOfSync" or "Progressing" or "Suspended" or "Running" or "warning" or "change" => new Style(Color.Yellow),
        "Degraded" or "Missing" or "Failed" or "Error" or "bad" or "prune" => new Style(Color.Red),
        _ => Style.Plain,
    };
}
