using Capstan.Helm.Charts;
using Capstan.Scalars;

namespace Capstan.Helm.Repositories;

/// <summary>A chart in an OCI registry, as it is written: <c>oci://REGISTRY/REPOSITORY[:TAG][@DIGEST]</c>.</summary>
/// <param name="Repository">Registry and repository, without a scheme.</param>
/// <param name="Tag">The tag; empty when none is written.</param>
/// <param name="Digest">The digest; empty when none is written.</param>
public sealed record ChartReference(string Repository, string Tag, string Digest)
{
    /// <summary>What such references begin with.</summary>
    public const string Scheme = "oci://";

    /// <summary>The chart's name: the last part of the repository.</summary>
    public string Name => Repository[(Repository.LastIndexOf('/') + 1)..];

    /// <summary>Whether a repository's address is one of a registry. As in Argo CD an address without a scheme is.</summary>
    public static bool IsRegistry(string repository) =>
        repository.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || !repository.Contains("://", StringComparison.Ordinal);

    /// <summary>A chart of a repository.</summary>
    public static ChartReference Of(string repository, string name) => Parse($"{Scheme}{Bare(repository).TrimEnd('/')}/{name}");

    /// <summary>Reads a reference.</summary>
    /// <exception cref="ChartException">It is none.</exception>
    public static ChartReference Parse(string text)
    {
        var rest = Bare(text);
        var (tag, digest) = ("", "");
        if (rest.Split('@') is [var head, var hash])
        {
            (rest, digest) = (head, hash);
        }

        if (rest.LastIndexOf(':') is var colon and > 0 && colon > rest.LastIndexOf('/'))
        {
            (rest, tag) = (rest[..colon], rest[(colon + 1)..]);
        }

        return rest.Contains('/', StringComparison.Ordinal) && !rest.StartsWith('/') && !rest.EndsWith('/')
            ? new ChartReference(rest, tag, digest)
            : throw new ChartException($"{text}: a chart of a registry is written oci://REGISTRY/REPOSITORY/CHART");
    }

    /// <summary>A version as a tag: no tag has a plus sign.</summary>
    public static string TagOf(string version) => version.Replace('+', '_');

    /// <summary>Which tag or digest a version or range means, by Helm's rules: an exact version is not looked for in the list.</summary>
    /// <param name="version">What <c>--version</c> or <c>targetRevision</c> says; empty for the highest release.</param>
    /// <param name="tags">Lists the repository's tags.</param>
    /// <exception cref="ChartException">No tag is in the range, or two statements contradict each other.</exception>
    internal async Task<string> ResolveAsync(string version, Func<Task<IReadOnlyList<string>>> tags)
    {
        if (Tag.Length > 0 && version.Length > 0 && TagOf(version) != Tag)
        {
            throw new ChartException($"chart reference and version mismatch: {version} is not {Tag}");
        }

        if (Digest.Length > 0 || version.StartsWith("sha256:", StringComparison.Ordinal))
        {
            return Digest.Length > 0 ? Digest : version;
        }

        var wanted = version.Length > 0 ? version : Tag;
        if (SemanticVersion.TryParse(wanted, out _))
        {
            return TagOf(wanted);
        }

        var known = await tags().ConfigureAwait(false);
        if (known.Count == 0)
        {
            throw new ChartException($"unable to locate any tags in provided repository: {Scheme}{Repository}");
        }

        if (known.Contains(wanted))
        {
            return wanted;
        }

        if (!VersionRange.TryParse(wanted.Length == 0 ? "*" : wanted, out var range, out var problem))
        {
            throw new ChartException($"{Scheme}{Repository}: version \"{wanted}\": {problem}");
        }

        return range.Highest(known.Select(static t => t.Replace('_', '+'))) is { } highest
            ? TagOf(highest)
            : throw new ChartException($"could not locate a version matching provided version string {wanted}");
    }

    private static string Bare(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? text[Scheme.Length..] : text;
}
