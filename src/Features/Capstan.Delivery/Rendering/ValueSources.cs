using Capstan.Helm.Applications;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.Rendering;

/// <summary>Finds where a chart's value is said, in the order in which they win: parameters, values of the Application, files of values, the chart.</summary>
internal sealed class ValueSources(SourceTree tree, TreePath folder, ArgoHelmSource source, IReadOnlyDictionary<string, LentSource> lent)
{
    private const int MaxBytes = 10 * 1024 * 1024;

    /// <param name="path">The value, as in <c>image.tag</c>; what follows <c>[]</c> is within a list.</param>
    public FieldSource Find(string path)
    {
        var by = $"value {path}";
        var steps = path.Split("[]")[0].Split('.');
        if (source.Parameters.Concat(source.FileParameters).Any(p => p.Name == path || path.StartsWith(p.Name + ".", StringComparison.Ordinal)))
        {
            return new FieldSource("", 0, $"{by}, a parameter of the Application");
        }

        if (source.ValuesObject is { } own && TracedManifest.Find(own, steps) is not null)
        {
            return new FieldSource("", 0, $"{by}, in valuesObject of the Application");
        }

        if (source.ValuesObject is null && Read(source.Values) is { } text && TracedManifest.Find(text, steps) is not null)
        {
            return new FieldSource("", 0, $"{by}, in values of the Application");
        }

        foreach (var file in source.ValueFiles.Reverse())
        {
            if (file.StartsWith('$'))
            {
                if (Lent(file, steps) is { } found)
                {
                    return found with { By = by };
                }
            }
            else if (folder.TryResolve(file.StartsWith('/') ? "." : file, out var below, out _) && (file.StartsWith('/') ? TreePath.TryParse(file[1..], out below, out _) : true)
                && LineIn(tree, below, steps) is { } line)
            {
                return new FieldSource(below.Text, line, by);
            }
        }

        // A subchart's defaults are its own.
        for (var depth = 0; depth < Math.Min(steps.Length, 8); depth++)
        {
            var chart = steps.Take(depth).Aggregate(folder, (at, name) => at.Child("charts").Child(name));
            if (LineIn(tree, chart.Child("values.yaml"), steps[depth..]) is { } line)
            {
                return new FieldSource(chart.Child("values.yaml").Text, line, by);
            }
        }

        return new FieldSource("", 0, by);
    }

    /// <summary>A path of a chart as one of its repository.</summary>
    public static string Below(TreePath folder, string path) => folder.IsRoot ? path : $"{folder}/{path}";

    private FieldSource? Lent(string file, string[] steps)
    {
        var parts = file[1..].Split('/', 2);
        return parts.Length == 2 && lent.GetValueOrDefault(parts[0]) is { } source && TreePath.TryParse(parts[1], out var path, out _) && LineIn(source.Tree, path, steps) is { } line
            ? new FieldSource(path.Text, line, "") { LentBy = source.Place }
            : null;
    }

    private static int? LineIn(SourceTree tree, TreePath path, string[] steps) =>
        TreeLinks.Follow(tree, path) is { Kind: TreeEntryKind.File } file && Read(System.Text.Encoding.UTF8.GetString(tree.Read(file, MaxBytes).Span)) is { } values
            ? TracedManifest.Find(values, steps)?.Position.Line
            : null;

    private static YamlMap? Read(string text)
    {
        try
        {
            return text.Length == 0 ? null : YamlText.ReadOne(text) as YamlMap;
        }
        catch (YamlException)
        {
            // It did not render from a file that is none; there is nothing to find in it.
            return null;
        }
    }
}
