using System.Text;
using Capstan.Helm.Charts;

namespace Capstan.Helm.Rendering;

/// <summary>Picks the documents of some templates out of the output (<c>--show-only</c>).</summary>
internal static class ShownManifests
{
    private const string Marker = "# Source: ";

    /// <exception cref="ChartException">A pattern matches no template.</exception>
    public static string Select(string output, IReadOnlyList<string> patterns)
    {
        var documents = ManifestSplitter.Split(output);
        var shown = new StringBuilder();
        foreach (var pattern in patterns)
        {
            var found = false;
            foreach (var document in documents)
            {
                if (Source(document) is { } source && GoMatch.IsMatch(pattern, source))
                {
                    shown.Append("---\n").Append(document).Append('\n');
                    found = true;
                }
            }

            if (!found)
            {
                throw new ChartException($"could not find template {pattern} in chart");
            }
        }

        return shown.ToString();
    }

    // The path behind the chart's name.
    private static string? Source(string document)
    {
        var at = document.IndexOf(Marker, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var line = document[(at + Marker.Length)..].Split('\n', 2)[0];
        var slash = line.IndexOf('/', StringComparison.Ordinal);
        return slash <= 0 ? null : line[(slash + 1)..];
    }
}
