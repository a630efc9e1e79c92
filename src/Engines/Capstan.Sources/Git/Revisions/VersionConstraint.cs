using System.Text.RegularExpressions;

namespace Capstan.Sources.Git.Revisions;

/// <summary>One operator with one version, parts of which may be left open.</summary>
/// <param name="Operator">The operator; empty for none.</param>
/// <param name="Version">The version, open parts as 0.</param>
/// <param name="Open">Whether any part is open.</param>
/// <param name="MinorOpen">Whether the minor part is (with a fixed major part).</param>
/// <param name="PatchOpen">Whether only the patch part is.</param>
internal sealed record VersionConstraint(string Operator, SemanticVersion Version, bool Open, bool MinorOpen, bool PatchOpen)
{
    public static VersionConstraint? TryRead(Match match)
    {
        var (major, minor, patch) = (match.Groups["major"].Value, match.Groups["minor"].Value, match.Groups["patch"].Value);
        var majorOpen = IsOpen(major);
        var minorOpen = !majorOpen && IsOpen(minor);
        var patchOpen = !majorOpen && !minorOpen && IsOpen(patch);
        var numbers = majorOpen ? "0.0.0" : minorOpen ? $"{major}.0.0" : patchOpen ? $"{major}.{minor}.0" : $"{major}.{minor}.{patch}";
        var prerelease = match.Groups["pre"].Value;
        var version = SemanticVersion.TryParse(prerelease.Length == 0 ? numbers : $"{numbers}-{prerelease}");
        return version is null ? null : new VersionConstraint(match.Groups["op"].Value, version, majorOpen || minorOpen || patchOpen, minorOpen, patchOpen);
    }

    public bool Holds(SemanticVersion version, bool prereleases)
    {
        if (version.Prerelease.Length > 0 && Version.Prerelease.Length == 0 && !prereleases)
        {
            return false;
        }

        return Operator switch
        {
            "" or "=" => Open ? HoldsTilde(version) : version.CompareTo(Version) == 0,
            "!=" => HoldsUnequal(version),
            ">" => HoldsGreater(version),
            "<" => version.CompareTo(Version) < 0,
            ">=" or "=>" => version.CompareTo(Version) >= 0,
            "<=" or "=<" => HoldsLessOrEqual(version),
            "~" or "~>" => HoldsTilde(version),
            _ => HoldsCaret(version),
        };
    }

    private bool HoldsUnequal(SemanticVersion version)
    {
        if (!Open)
        {
            return version.CompareTo(Version) != 0;
        }

        if (version.Major != Version.Major)
        {
            return true;
        }

        if (MinorOpen)
        {
            return false;
        }

        if (version.Minor != Version.Minor)
        {
            return true;
        }

        return PatchOpen
            ? (version.Prerelease.Length > 0 || Version.Prerelease.Length > 0) && SemanticVersion.ComparePrerelease(version.Prerelease, Version.Prerelease) != 0
            : version.CompareTo(Version) != 0;
    }

    private bool HoldsGreater(SemanticVersion version)
    {
        if (!Open || version.Major != Version.Major)
        {
            return version.CompareTo(Version) > 0;
        }

        // 11.1.0 is not greater than 11, which stands for all of 11.x.
        return !MinorOpen && (PatchOpen ? version.Minor > Version.Minor : version.CompareTo(Version) > 0);
    }

    private bool HoldsLessOrEqual(SemanticVersion version)
    {
        if (!Open)
        {
            return version.CompareTo(Version) <= 0;
        }

        return version.Major <= Version.Major && (version.Major != Version.Major || version.Minor <= Version.Minor || MinorOpen);
    }

    private bool HoldsTilde(SemanticVersion version)
    {
        if (version.CompareTo(Version) < 0)
        {
            return false;
        }

        if (Version is { Major: 0, Minor: 0, Patch: 0 } && !MinorOpen && !PatchOpen)
        {
            return true;
        }

        return version.Major == Version.Major && (version.Minor == Version.Minor || MinorOpen);
    }

    private bool HoldsCaret(SemanticVersion version)
    {
        if (version.CompareTo(Version) < 0)
        {
            return false;
        }

        if (Version.Major > 0 || MinorOpen || version.Major > Version.Major)
        {
            return version.Major == Version.Major;
        }

        if (Version.Minor > 0 || PatchOpen)
        {
            return version.Minor == Version.Minor;
        }

        return version.Minor == 0 && version.Patch == Version.Patch;
    }

    private static bool IsOpen(string part) => part is "" or "x" or "X" or "*";
}
