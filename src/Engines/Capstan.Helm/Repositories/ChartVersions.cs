using Capstan.Helm.Charts;
using Capstan.Scalars;

namespace Capstan.Helm.Repositories;

/// <summary>One version of a chart in an index.</summary>
/// <param name="Version">The version.</param>
/// <param name="Urls">Where the archive is, relative to the repository or absolute.</param>
/// <param name="Digest">The archive's SHA-256 in hexadecimal; empty when the index does not say it.</param>
public sealed record IndexedVersion(string Version, IReadOnlyList<string> Urls, string Digest);

/// <summary>Which version of a chart is meant, by Helm's rules.</summary>
internal static class ChartVersions
{
    /// <summary>The version that a version or range means: exactly that one if it is there, else the highest in the range. Empty means any release.</summary>
    /// <exception cref="ChartException">There is none.</exception>
    public static IndexedVersion Choose(IReadOnlyList<IndexedVersion> versions, string name, string wanted, string repository)
    {
        if (versions.Count == 0)
        {
            throw new ChartException($"chart \"{name}\" not found in {repository} repository");
        }

        if (wanted.Length > 0 && versions.FirstOrDefault(v => v.Version == wanted) is { } exact)
        {
            return exact;
        }

        if (!VersionRange.TryParse(wanted.Length == 0 ? "*" : wanted, out var range, out var problem))
        {
            throw new ChartException($"chart \"{name}\" version \"{wanted}\": {problem}");
        }

        var highest = range.Highest(versions.Select(v => v.Version));
        return versions.FirstOrDefault(v => v.Version == highest)
            ?? throw new ChartException($"chart \"{name}\" {(wanted.Length == 0 ? "has no release" : $"version \"{wanted}\" not found")} in {repository} repository");
    }
}
