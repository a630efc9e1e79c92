using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Capstan.Sources.Git.Revisions;

/// <summary>
/// A range of versions by Masterminds' rules: <c>~1.2</c>, <c>^2</c>, <c>1.x</c>, <c>&gt;=1.0 &lt;2.0</c>, <c>1.2 - 1.4</c>, alternatives by
/// <c>||</c>. Prereleases are met only by a group that names one.
/// </summary>
internal sealed partial class VersionRange
{
    private const int LongestRange = 512;
    private readonly IReadOnlyList<IReadOnlyList<VersionConstraint>> _alternatives;

    private VersionRange(IReadOnlyList<IReadOnlyList<VersionConstraint>> alternatives) => _alternatives = alternatives;

    /// <summary>Reads a range. A plain version is none: it pins one tag and is looked up like any other name.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out VersionRange? range)
    {
        range = null;
        return text.Length <= LongestRange && SemanticVersion.TryParse(text) is null && TryParseConstraint(text, out range);
    }

    /// <summary>Reads a constraint, which a plain version is too.</summary>
    public static bool TryParseConstraint(string text, [NotNullWhen(true)] out VersionRange? range)
    {
        range = null;
        var alternatives = new List<IReadOnlyList<VersionConstraint>>();
        foreach (var alternative in HyphenPattern().Replace(text, ">=$1,<=$2").Split("||"))
        {
            if (!GroupPattern().IsMatch(alternative))
            {
                return false;
            }

            var group = new List<VersionConstraint>();
            foreach (Match match in OnePattern().Matches(alternative))
            {
                if (VersionConstraint.TryRead(match) is not { } constraint)
                {
                    return false;
                }

                group.Add(constraint);
            }

            alternatives.Add(group);
        }

        range = new VersionRange(alternatives);
        return true;
    }

    /// <summary>Whether a version meets the range.</summary>
    public bool Holds(SemanticVersion version)
    {
        foreach (var group in _alternatives)
        {
            var prereleases = group.Any(c => c.Version.Prerelease.Length > 0);
            if (group.All(c => c.Holds(version, prereleases)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The tag with the highest version that meets the range; null when none does. Tags that are no versions are passed over.</summary>
    public string? Highest(IEnumerable<string> tags)
    {
        SemanticVersion? highest = null;
        foreach (var tag in tags)
        {
            if (SemanticVersion.TryParse(tag) is { } version && Holds(version) && (highest is null || version.CompareTo(highest) > 0))
            {
                highest = version;
            }
        }

        return highest?.Original;
    }

    private const string Parts = @"v?(?:[0-9]+|x|X|\*)(?:\.(?:[0-9]+|x|X|\*))?(?:\.(?:[0-9]+|x|X|\*))?(?:-[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*)?(?:\+[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*)?";
    private const string Operators = @"(?:=|!=|>=|=>|<=|=<|>|<|~>|~|\^)?";

    [GeneratedRegex(@"\s*(" + Parts + @")\s+-\s+(" + Parts + @")\s*", RegexOptions.NonBacktracking)]
    private static partial Regex HyphenPattern();

    [GeneratedRegex(@"^\s*" + Operators + @"\s*" + Parts + @"\s*(?:(?:\s+|,\s*)" + Operators + @"\s*" + Parts + @"\s*)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex GroupPattern();

    [GeneratedRegex(@"(?<op>=|!=|>=|=>|<=|=<|>|<|~>|~|\^)?\s*v?(?<major>[0-9]+|x|X|\*)(?:\.(?<minor>[0-9]+|x|X|\*))?(?:\.(?<patch>[0-9]+|x|X|\*))?(?:-(?<pre>[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?(?:\+[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*)?", RegexOptions.NonBacktracking)]
    private static partial Regex OnePattern();
}
