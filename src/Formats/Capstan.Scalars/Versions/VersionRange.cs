using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Capstan.Scalars;

/// <summary>
/// A range of versions by Masterminds' rules: <c>~1.2</c>, <c>^2</c>, <c>1.x</c>, <c>&gt;=1.0 &lt;2.0</c>, <c>1.2 - 1.4</c>, alternatives by
/// <c>||</c>. A plain version is a range too. Prereleases are met only by an alternative that names one.
/// </summary>
public sealed class VersionRange
{
    // What people write has a few dozen characters; to look for hyphens costs the square of the length.
    private const int Longest = 4_096;

    // Longer ones first, so that none is taken for the beginning of another.
    private static readonly string[] Operators = [">=", "=>", "<=", "=<", "!=", "~>", "=", ">", "<", "~", "^"];

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
        if (text.Length > Longest)
        {
            problem = $"improper constraint: {text[..100]}…";
            return false;
        }

        var alternatives = new List<VersionBound[]>();
        foreach (var alternative in WithoutHyphens(text).Split("||"))
        {
            var bounds = new List<VersionBound>();
            if (!TryParseBounds(alternative, bounds, out problem))
            {
                return false;
            }

            alternatives.Add([.. bounds]);
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

    // "1.2 - 1.4" stands for two bounds.
    private static string WithoutHyphens(string text)
    {
        if (!text.Contains('-', StringComparison.Ordinal))
        {
            return text;
        }

        var output = new StringBuilder();
        var at = 0;
        while (at < text.Length)
        {
            var from = VersionText.SkipSpace(text, at);
            if (TryReadHyphen(text, from, out var first, out var second))
            {
                output.Append(">= ").Append(text[first]).Append(", <= ").Append(text[second]).Append(' ');
                at = VersionText.SkipSpace(text, second.End.Value);
            }
            else
            {
                var next = Math.Min(from + 1, text.Length);
                output.Append(text, at, next - at);
                at = next;
            }
        }

        return output.ToString();
    }

    private static bool TryReadHyphen(string text, int at, out Range first, out Range second)
    {
        (first, second) = (default, default);
        var end = VersionText.Read(text, at, open: true, out _);
        var hyphen = end < 0 ? 0 : VersionText.SkipSpace(text, end);
        if (end < 0 || hyphen == end || hyphen == text.Length || text[hyphen] != '-')
        {
            return false;
        }

        var start = VersionText.SkipSpace(text, hyphen + 1);
        var secondEnd = start == hyphen + 1 ? -1 : VersionText.Read(text, start, open: true, out _);
        (first, second) = (at..end, start..Math.Max(start, secondEnd));
        return secondEnd >= 0;
    }

    // One bound, or several with commas or spaces between them.
    private static bool TryParseBounds(string text, List<VersionBound> bounds, [NotNullWhen(false)] out string? problem)
    {
        var found = new List<(string Operator, VersionParts Parts)>();
        var at = VersionText.SkipSpace(text, 0);
        while (at >= 0 && (at < text.Length || found.Count == 0))
        {
            var sign = Array.Find(Operators, o => text.AsSpan(at).StartsWith(o, StringComparison.Ordinal)) ?? "";
            var end = VersionText.Read(text, VersionText.SkipSpace(text, at + sign.Length), open: true, out var parts);
            found.Add((sign, parts));
            at = end < 0 ? end : NextBound(text, end);
        }

        if (at < 0)
        {
            problem = $"improper constraint: {text}";
            return false;
        }

        foreach (var (sign, parts) in found)
        {
            if (Bound(text, sign, parts) is not { } bound)
            {
                problem = "constraint parser error";
                return false;
            }

            bounds.Add(bound);
        }

        problem = null;
        return true;
    }

    // Where the next bound begins, or the end of the text; negative when what follows is neither.
    private static int NextBound(string text, int end)
    {
        var next = VersionText.SkipSpace(text, end);
        if (next < text.Length && text[next] == ',')
        {
            var behind = VersionText.SkipSpace(text, next + 1);
            return behind == text.Length ? -1 : behind;
        }

        return next == text.Length || next > end ? next : -1;
    }

    private static VersionBound? Bound(string text, string sign, VersionParts parts)
    {
        var (major, minor, patch, prerelease) = (text[parts.Major], text[parts.Minor], text[parts.Patch], text[parts.Prerelease]);
        var majorOpen = IsOpen(major);
        var minorOpen = !majorOpen && IsOpen(minor);
        var patchOpen = !majorOpen && !minorOpen && IsOpen(patch);
        var version = majorOpen ? "0.0.0" + prerelease
            : minorOpen ? $"{major}.0.0{prerelease}"
            : patchOpen ? $"{major}{minor}.0{prerelease}"
            : $"{major}{minor}{patch}{prerelease}{text[parts.Metadata]}";
        return SemanticVersion.TryParse(version, out var parsed)
            ? new VersionBound(sign, parsed, majorOpen || minorOpen || patchOpen, minorOpen, patchOpen)
            : null;
    }

    private static bool IsOpen(string part) => part.TrimStart('.') is "" or "x" or "X" or "*";
}
