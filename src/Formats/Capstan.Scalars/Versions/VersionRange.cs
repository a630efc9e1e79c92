using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Capstan.Scalars;

/// <summary>
/// A range of versions by Masterminds' rules: <c>~1.2</c>, <c>^2</c>, <c>1.x</c>, <c>&gt;=1.0 &lt;2.0</c>, <c>1.2 - 1.4</c>, alternatives by
/// <c>||</c>. A plain version is a range too. Prereleases are met only by an alternative that names one.
/// </summary>
public sealed partial class VersionRange
{
    private const string Version =
        @"v?(?<major>[0-9xX|*]+)(?<minor>\.[0-9xX|*]+)?(?<patch>\.[0-9xX|*]+)?(?<pre>-[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*)?(?<meta>\+[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*)?";

    private const string Plain =
        @"v?[0-9xX|*]+(?:\.[0-9xX|*]+)?(?:\.[0-9xX|*]+)?(?:-[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*)?(?:\+[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*)?";

    private const string Operators = @"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";

    private readonly VersionBound[][] _alternatives;

    private VersionRange(VersionBound[][] alternatives) => _alternatives = alternatives;

    /// <summary>Reads a range.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out VersionRange? range) => TryParse(text, out range, out _);

    /// <summary>Reads a range.</summary>
    /// <param name="text">The text.</param>
    /// <param name="range">The range.</param>
    /// <param name="problem">Why the text is none, in Masterminds' words.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out VersionRange? range, [NotNullWhen(false)] out string? problem)
    {
        range = null;
        var alternatives = new List<VersionBound[]>();
        foreach (var alternative in HyphenRange().Replace(text, ">= $1, <= $2 ").Split("||"))
        {
            if (!Valid().IsMatch(alternative))
            {
                problem = $"improper constraint: {alternative}";
                return false;
            }

            var texts = Find().Matches(alternative).Select(m => m.Value).DefaultIfEmpty(alternative).ToArray();
            var bounds = new VersionBound[texts.Length];
            for (var i = 0; i < texts.Length; i++)
            {
                if (!TryParseBound(texts[i], out bounds[i]!, out problem))
                {
                    return false;
                }
            }

            alternatives.Add(bounds);
        }

        problem = null;
        range = new VersionRange([.. alternatives]);
        return true;
    }

    /// <summary>Whether a version is in the range.</summary>
    public bool Holds(SemanticVersion version)
    {
        foreach (var bounds in _alternatives)
        {
            var prereleases = Array.Exists(bounds, b => b.Version.Prerelease.Length > 0);
            if (Array.TrueForAll(bounds, b => b.Holds(version, prereleases)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The name with the highest version in the range; null when there is none. Names that are no versions are passed over.</summary>
    public string? Highest(IEnumerable<string> names)
    {
        SemanticVersion? highest = null;
        foreach (var name in names)
        {
            if (SemanticVersion.TryParse(name, out var version) && Holds(version) && (highest is null || version.CompareTo(highest) > 0))
            {
                highest = version;
            }
        }

        return highest?.Original;
    }

    private static bool TryParseBound(string text, [NotNullWhen(true)] out VersionBound? bound, [NotNullWhen(false)] out string? problem)
    {
        (bound, problem) = (null, null);
        if (text.Trim().Length == 0)
        {
            bound = VersionBound.Any;
            return true;
        }

        var match = Single().Match(text);
        if (!match.Success)
        {
            problem = $"improper constraint: {text}";
            return false;
        }

        var (major, minor, patch) = (match.Groups["major"].Value, match.Groups["minor"].Value, match.Groups["patch"].Value);
        var prerelease = match.Groups["pre"].Value;
        var majorOpen = IsOpen(major);
        var minorOpen = !majorOpen && IsOpen(minor);
        var patchOpen = !majorOpen && !minorOpen && IsOpen(patch);
        var version = majorOpen ? "0.0.0" + prerelease
            : minorOpen ? $"{major}.0.0{prerelease}"
            : patchOpen ? $"{major}{minor}.0{prerelease}"
            : $"{major}{minor}{patch}{prerelease}{match.Groups["meta"].Value}";
        if (!SemanticVersion.TryParse(version, out var parsed))
        {
            problem = "constraint parser error";
            return false;
        }

        bound = new VersionBound(match.Groups["op"].Value, parsed, majorOpen || minorOpen || patchOpen, minorOpen, patchOpen);
        return true;
    }

    private static bool IsOpen(string part) => part.TrimStart('.') is "" or "x" or "X" or "*";

    [GeneratedRegex($@"\s*({Plain})\s+-\s+({Plain})\s*", RegexOptions.NonBacktracking)]
    private static partial Regex HyphenRange();

    [GeneratedRegex($@"^(\s*({Operators})\s*({Plain})\s*)((?:\s+|,\s*)({Operators})\s*({Plain})\s*)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Valid();

    [GeneratedRegex($@"({Operators})\s*({Plain})", RegexOptions.NonBacktracking)]
    private static partial Regex Find();

    [GeneratedRegex($@"^\s*(?<op>{Operators})\s*(?:{Version})\s*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Single();
}
