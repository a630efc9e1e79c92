using Capstan.GoTemplates;

namespace Capstan.Helm.Rendering;

/// <summary>Where a line of a manifest came from.</summary>
/// <param name="Path">The template, from the folder of the outermost chart; empty when it is not known.</param>
/// <param name="Line">The line in it, from 1.</param>
/// <param name="Values">The values that the line shows, as the outermost chart names them (<c>redis.image.tag</c>), separated by spaces; empty when it shows none.</param>
public sealed record LineOrigin(string Path, int Line, string Values);

/// <summary>Carries what is known of a template's output over to the documents that it was cut into.</summary>
internal static class SourceMaps
{
    /// <param name="manifest">One document.</param>
    /// <param name="output">The whole output of its template.</param>
    /// <param name="lines">Where each line of the output came from.</param>
    /// <param name="place">The path of a template, and what its chart is called in the values of the outermost one.</param>
    public static HelmManifest Apply(HelmManifest manifest, string output, IReadOnlyList<TemplateLine> lines, Func<string, (string Path, string Prefix)> place)
    {
        var at = output.IndexOf(manifest.Content, StringComparison.Ordinal);
        if (at < 0)
        {
            return manifest;
        }

        var line = output.AsSpan(0, at).Count('\n');
        var count = manifest.Content.AsSpan().Count('\n') + 1;
        return manifest with { Lines = [.. Enumerable.Range(line, count).Select(i => Origin(i < lines.Count ? lines[i] : TemplateLine.Unknown, place))] };
    }

    private static LineOrigin Origin(TemplateLine line, Func<string, (string Path, string Prefix)> place)
    {
        if (line.Template.Length == 0)
        {
            return new LineOrigin("", 0, "");
        }

        var (path, prefix) = place(line.Template);

        // Global values are the same in every chart.
        var values = prefix.Length == 0 ? line.Values : string.Join(' ', line.Values.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(v => v.StartsWith("global.", StringComparison.Ordinal) ? v : $"{prefix}.{v}"));
        return new LineOrigin(path, line.Line, values);
    }
}
