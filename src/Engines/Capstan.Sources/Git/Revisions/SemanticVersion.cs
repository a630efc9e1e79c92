using System.Globalization;
using System.Text.RegularExpressions;

namespace Capstan.Sources.Git.Revisions;

/// <summary>A version as Masterminds' semver reads it, which Argo CD and Helm use: a leading <c>v</c> and missing parts are allowed.</summary>
internal sealed partial record SemanticVersion(ulong Major, ulong Minor, ulong Patch, string Prerelease, string Original) : IComparable<SemanticVersion>
{
    public static SemanticVersion? TryParse(string text)
    {
        var match = text.Length <= 256 ? Form.Match(text) : Match.Empty;
        if (!match.Success || !Number(match.Groups[1].Value, out var major) || !Number(match.Groups[2].Value, out var minor) || !Number(match.Groups[3].Value, out var patch))
        {
            return null;
        }

        var prerelease = match.Groups[4].Value;
        return prerelease.Split('.').Any(HasLeadingZero) ? null : new SemanticVersion(major, minor, patch, prerelease, text);
    }

    public int CompareTo(SemanticVersion? other)
    {
        if (other is null)
        {
            return 1;
        }

        var byNumbers = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
        return byNumbers != 0 ? byNumbers : ComparePrerelease(Prerelease, other.Prerelease);
    }

    public static int ComparePrerelease(string left, string right)
    {
        if (left == right)
        {
            return 0;
        }

        // A version without one comes after all its prereleases.
        if (left.Length == 0 || right.Length == 0)
        {
            return left.Length == 0 ? 1 : -1;
        }

        var (lefts, rights) = (left.Split('.'), right.Split('.'));
        for (var i = 0; i < Math.Min(lefts.Length, rights.Length); i++)
        {
            var order = CompareIdentifier(lefts[i], rights[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return lefts.Length.CompareTo(rights.Length);
    }

    private static int CompareIdentifier(string left, string right)
    {
        var leftIsNumber = ulong.TryParse(left, NumberStyles.None, CultureInfo.InvariantCulture, out var a);
        var rightIsNumber = ulong.TryParse(right, NumberStyles.None, CultureInfo.InvariantCulture, out var b);
        return (leftIsNumber, rightIsNumber) switch
        {
            (true, true) => a.CompareTo(b),
            (true, false) => -1,
            (false, true) => 1,
            _ => string.CompareOrdinal(left, right),
        };
    }

    private static bool Number(string text, out ulong number)
    {
        number = 0;
        return text.Length == 0 || ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static bool HasLeadingZero(string identifier) => identifier.Length > 1 && identifier[0] == '0' && identifier.All(char.IsAsciiDigit);

    [GeneratedRegex(@"^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?(?:\+[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*)?\z", RegexOptions.NonBacktracking)]
    private static partial Regex FormPattern();

    private static readonly Regex Form = FormPattern();
}
