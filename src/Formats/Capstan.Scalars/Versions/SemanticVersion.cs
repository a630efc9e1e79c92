using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Capstan.Scalars;

/// <summary>
/// A version as Masterminds' semver reads it, which Helm and Argo CD use: one to three numbers, perhaps with a <c>v</c>, a prerelease and
/// metadata.
/// </summary>
/// <param name="Major">The first number.</param>
/// <param name="Minor">The second number; 0 when it was left out.</param>
/// <param name="Patch">The third number; 0 when it was left out.</param>
/// <param name="Prerelease">What follows the first <c>-</c>; empty for a release.</param>
/// <param name="Metadata">What follows the <c>+</c>; does not count in comparisons.</param>
/// <param name="Original">The version as it was written.</param>
public sealed record SemanticVersion(ulong Major, ulong Minor, ulong Patch, string Prerelease, string Metadata, string Original)
{
    /// <summary>Reads a version.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SemanticVersion? version) => TryParse(text, out version, out _);

    /// <summary>Reads a version.</summary>
    /// <param name="text">The text.</param>
    /// <param name="version">The version.</param>
    /// <param name="problem">Why the text is none, in Masterminds' words.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out SemanticVersion? version, [NotNullWhen(false)] out string? problem)
    {
        version = null;
        if (VersionText.Read(text, 0, open: false, out var parts) != text.Length)
        {
            problem = "invalid semantic version";
            return false;
        }

        Span<ulong> numbers = stackalloc ulong[3];
        ReadOnlySpan<Range> ranges = [parts.Major, parts.Minor, parts.Patch];
        for (var i = 0; i < ranges.Length; i++)
        {
            var digits = text.AsSpan(ranges[i]).TrimStart('.');
            if (!digits.IsEmpty && !ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                problem = $"error parsing version segment: strconv.ParseUint: parsing \"{digits}\": value out of range";
                return false;
            }
        }

        var prerelease = BehindSign(text[parts.Prerelease]);
        if (prerelease.Split('.').Any(part => part.Length > 1 && part[0] == '0' && part.All(char.IsAsciiDigit)))
        {
            problem = "version segment starts with 0";
            return false;
        }

        problem = null;
        version = new SemanticVersion(numbers[0], numbers[1], numbers[2], prerelease, BehindSign(text[parts.Metadata]), text);
        return true;
    }

    /// <summary>The order of versions. Versions that rank alike may still differ, in metadata or in how they were written.</summary>
    public static IComparer<SemanticVersion> Precedence { get; } = Comparer<SemanticVersion>.Create((a, b) => a.CompareTo(b));

    /// <summary>Negative when this version comes before the other, 0 when they rank alike, positive when it comes after.</summary>
    public int CompareTo(SemanticVersion? other)
    {
        if (other is null)
        {
            return 1;
        }

        var order = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
        if (order != 0 || Prerelease == other.Prerelease)
        {
            return order;
        }

        // A release comes after all its prereleases.
        return Prerelease.Length == 0 ? 1 : other.Prerelease.Length == 0 ? -1 : ComparePrerelease(Prerelease, other.Prerelease);
    }

    /// <summary>The version in its full form, without a <c>v</c>.</summary>
    public override string ToString() =>
        $"{Major}.{Minor}.{Patch}{(Prerelease.Length > 0 ? "-" + Prerelease : "")}{(Metadata.Length > 0 ? "+" + Metadata : "")}";

    internal static int ComparePrerelease(string left, string right)
    {
        var (a, b) = (left.Split('.'), right.Split('.'));
        for (var i = 0; i < Math.Max(a.Length, b.Length); i++)
        {
            var order = CompareIdentifier(i < a.Length ? a[i] : "", i < b.Length ? b[i] : "");
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    private static int CompareIdentifier(string left, string right)
    {
        if (left == right)
        {
            return 0;
        }

        if (left.Length == 0 || right.Length == 0)
        {
            return left.Length == 0 ? -1 : 1;
        }

        var leftIsNumber = ulong.TryParse(left, NumberStyles.None, CultureInfo.InvariantCulture, out var a);
        var rightIsNumber = ulong.TryParse(right, NumberStyles.None, CultureInfo.InvariantCulture, out var b);
        return (leftIsNumber, rightIsNumber) switch
        {
            (true, true) => a > b ? 1 : -1,
            (false, false) => string.CompareOrdinal(left, right) > 0 ? 1 : -1,
            _ => leftIsNumber ? -1 : 1,
        };
    }

    private static string BehindSign(string part) => part.Length == 0 ? "" : part[1..];
}
