using System.Text.RegularExpressions;
using Capstan.GoTemplates;

namespace Capstan.Helm.Versions;

/// <summary>A range of versions by Masterminds' rules: <c>&gt;=1.2 &lt;2 || ~3.1 || 4.x</c>.</summary>
public sealed partial class SemConstraint
{
    private const string Version =
        @"v?(?<major>[0-9xX|*]+)(?<minor>\.[0-9xX|*]+)?(?<patch>\.[0-9xX|*]+)?(?<pre>-[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*)?(?<meta>\+[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*)?";

    private const string Plain =
        @"v?[0-9xX|*]+(?:\.[0-9xX|*]+)?(?:\.[0-9xX|*]+)?(?:-[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*)?(?:\+[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*)?";

    private const string Operators = @"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";

    private readonly Part[][] _alternatives;

    private SemConstraint(Part[][] alternatives) => _alternatives = alternatives;

    /// <summary>Reads a range.</summary>
    /// <exception cref="GoException">The text is no range.</exception>
    public static SemConstraint Parse(string text)
    {
        var rewritten = HyphenRange().Replace(text, ">= $1, <= $2 ");
        var alternatives = new List<Part[]>();
        foreach (var alternative in rewritten.Split("||"))
        {
            if (!Valid().IsMatch(alternative))
            {
                throw new GoException($"improper constraint: {alternative}");
            }

            var parts = Find().Matches(alternative).Select(m => ParsePart(m.Value)).ToArray();
            alternatives.Add(parts.Length == 0 ? [ParsePart(alternative)] : parts);
        }

        return new SemConstraint([.. alternatives]);
    }

    /// <summary>Whether a version is in the range. A prerelease is only in ranges that name a prerelease.</summary>
    public bool Allows(SemVersion version)
    {
        foreach (var parts in _alternatives)
        {
            var prereleases = Array.Exists(parts, p => p.Version.Prerelease.Length > 0);
            if (Array.TrueForAll(parts, p => p.Allows(version, prereleases)))
            {
                return true;
            }
        }

        return false;
    }

    private static Part ParsePart(string text)
    {
        if (text.Trim().Length == 0)
        {
            return new Part("", SemVersion.Parse("0.0.0"), false, false, Dirty: true);
        }

        var match = Single().Match(text);
        if (!match.Success)
        {
            throw new GoException($"improper constraint: {text}");
        }

        var (major, minor, patch) = (match.Groups["major"].Value, match.Groups["minor"].Value, match.Groups["patch"].Value);
        var prerelease = match.Groups["pre"].Value;
        var version = $"{major}{minor}{patch}{prerelease}{match.Groups["meta"].Value}";
        bool minorDirty = false, patchDirty = false, dirty = false;
        if (IsWild(major))
        {
            version = "0.0.0" + prerelease;
            dirty = true;
        }
        else if (IsWild(minor))
        {
            minorDirty = dirty = true;
            version = $"{major}.0.0{prerelease}";
        }
        else if (IsWild(patch))
        {
            patchDirty = dirty = true;
            version = $"{major}{minor}.0{prerelease}";
        }

        return SemVersion.TryParse(version, out var parsed)
            ? new Part(match.Groups["op"].Value, parsed, minorDirty, patchDirty, dirty)
            : throw new GoException("constraint parser error");
    }

    private static bool IsWild(string part) => part.TrimStart('.') is "" or "x" or "X" or "*";

    private sealed record Part(string Operator, SemVersion Version, bool MinorDirty, bool PatchDirty, bool Dirty)
    {
        public bool Allows(SemVersion v, bool prereleases)
        {
            if (v.Prerelease.Length > 0 && !prereleases)
            {
                return false;
            }

            return Operator switch
            {
                "!=" => Differs(v),
                ">" => IsGreater(v),
                "<" => v.CompareTo(Version) < 0,
                ">=" or "=>" => v.CompareTo(Version) >= 0,
                "<=" or "=<" => IsAtMost(v),
                "~" or "~>" => IsNear(v),
                "^" => IsCompatible(v),
                _ => Dirty ? IsNear(v) : v.CompareTo(Version) == 0,
            };
        }

        private bool Differs(SemVersion v)
        {
            if (!Dirty)
            {
                return v.CompareTo(Version) != 0;
            }

            if (v.Major != Version.Major)
            {
                return true;
            }

            if (v.Minor != Version.Minor && !MinorDirty)
            {
                return true;
            }

            if (MinorDirty)
            {
                return false;
            }

            if (PatchDirty)
            {
                return (v.Prerelease.Length > 0 || Version.Prerelease.Length > 0)
                    && SemVersion.ComparePrerelease(v.Prerelease, Version.Prerelease) != 0;
            }

            return v.CompareTo(Version) != 0;
        }

        private bool IsGreater(SemVersion v)
        {
            if (!Dirty || v.Major != Version.Major)
            {
                return Dirty ? v.Major > Version.Major : v.CompareTo(Version) > 0;
            }

            return !MinorDirty && (PatchDirty ? v.Minor > Version.Minor : v.CompareTo(Version) > 0);
        }

        private bool IsAtMost(SemVersion v) => Dirty
            ? v.Major < Version.Major || (v.Major == Version.Major && (v.Minor <= Version.Minor || MinorDirty))
            : v.CompareTo(Version) <= 0;

        private bool IsNear(SemVersion v)
        {
            if (v.CompareTo(Version) < 0)
            {
                return false;
            }

            // ~0.0.0 (and *) is any version.
            if (Version is { Major: 0, Minor: 0, Patch: 0 } && !MinorDirty && !PatchDirty)
            {
                return true;
            }

            return v.Major == Version.Major && (v.Minor == Version.Minor || MinorDirty);
        }

        private bool IsCompatible(SemVersion v)
        {
            if (v.CompareTo(Version) < 0 || v.Major != Version.Major)
            {
                return false;
            }

            if (Version.Major > 0 || MinorDirty)
            {
                return true;
            }

            if (Version.Minor > 0 || PatchDirty)
            {
                return v.Minor == Version.Minor;
            }

            return v.Minor == 0 && v.Patch == Version.Patch;
        }
    }

    [GeneratedRegex($@"\s*({Plain})\s+-\s+({Plain})\s*", RegexOptions.NonBacktracking)]
    private static partial Regex HyphenRange();

    [GeneratedRegex($@"^(\s*({Operators})\s*({Plain})\s*)((?:\s+|,\s*)({Operators})\s*({Plain})\s*)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Valid();

    [GeneratedRegex($@"({Operators})\s*({Plain})", RegexOptions.NonBacktracking)]
    private static partial Regex Find();

    [GeneratedRegex($@"^\s*(?<op>{Operators})\s*(?:{Version})\s*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Single();
}
