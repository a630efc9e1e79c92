namespace Capstan.Scalars;

/// <summary>One operator with one version, parts of which may be left open.</summary>
/// <param name="Operator">The operator; empty for none.</param>
/// <param name="Version">The version, with open parts as 0.</param>
/// <param name="Open">Whether any part is open.</param>
/// <param name="MinorOpen">Whether the minor part is, after a fixed major part.</param>
/// <param name="PatchOpen">Whether only the patch part is.</param>
internal sealed record VersionBound(string Operator, SemanticVersion Version, bool Open, bool MinorOpen, bool PatchOpen)
{
    public bool Holds(SemanticVersion v, bool prereleases)
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
            _ => Open ? IsNear(v) : v.CompareTo(Version) == 0,
        };
    }

    private bool Differs(SemanticVersion v)
    {
        if (!Open)
        {
            return v.CompareTo(Version) != 0;
        }

        if (v.Major != Version.Major)
        {
            return true;
        }

        if (v.Minor != Version.Minor && !MinorOpen)
        {
            return true;
        }

        if (MinorOpen)
        {
            return false;
        }

        if (PatchOpen)
        {
            return (v.Prerelease.Length > 0 || Version.Prerelease.Length > 0)
                && SemanticVersion.ComparePrerelease(v.Prerelease, Version.Prerelease) != 0;
        }

        return v.CompareTo(Version) != 0;
    }

    private bool IsGreater(SemanticVersion v)
    {
        if (!Open || v.Major != Version.Major)
        {
            return Open ? v.Major > Version.Major : v.CompareTo(Version) > 0;
        }

        return !MinorOpen && (PatchOpen ? v.Minor > Version.Minor : v.CompareTo(Version) > 0);
    }

    private bool IsAtMost(SemanticVersion v) => Open
        ? v.Major < Version.Major || (v.Major == Version.Major && (v.Minor <= Version.Minor || MinorOpen))
        : v.CompareTo(Version) <= 0;

    private bool IsNear(SemanticVersion v)
    {
        if (v.CompareTo(Version) < 0)
        {
            return false;
        }

        // ~0.0.0 (and *) is any version.
        if (Version is { Major: 0, Minor: 0, Patch: 0 } && !MinorOpen && !PatchOpen)
        {
            return true;
        }

        return v.Major == Version.Major && (v.Minor == Version.Minor || MinorOpen);
    }

    private bool IsCompatible(SemanticVersion v)
    {
        if (v.CompareTo(Version) < 0 || v.Major != Version.Major)
        {
            return false;
        }

        if (Version.Major > 0 || MinorOpen)
        {
            return true;
        }

        if (Version.Minor > 0 || PatchOpen)
        {
            return v.Minor == Version.Minor;
        }

        return v.Minor == 0 && v.Patch == Version.Patch;
    }
}
