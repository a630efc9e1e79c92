using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;
using Capstan.GoTemplates;

namespace Capstan.Helm.Versions;

/// <summary>A version as Helm reads it: one to three numbers, perhaps with a <c>v</c>, a prerelease and metadata.</summary>
public sealed partial class SemVersion : GoObject
{
    internal static readonly GoType GoTypeOf = new(GoKind.Pointer, "*semver.Version", new GoType(GoKind.Struct, "semver.Version"));

    private SemVersion(ulong major, ulong minor, ulong patch, string prerelease, string metadata, string original)
    {
        Major = major;
        Minor = minor;
        Patch = patch;
        Prerelease = prerelease;
        Metadata = metadata;
        Original = original;
    }

    /// <summary>The first number.</summary>
    public ulong Major { get; }

    /// <summary>The second number; 0 when it was left out.</summary>
    public ulong Minor { get; }

    /// <summary>The third number; 0 when it was left out.</summary>
    public ulong Patch { get; }

    /// <summary>What follows the first <c>-</c>; empty for a release.</summary>
    public string Prerelease { get; }

    /// <summary>What follows the <c>+</c>; does not count in comparisons.</summary>
    public string Metadata { get; }

    /// <summary>The version as it was written.</summary>
    public string Original { get; }

    /// <inheritdoc/>
    public override GoType Type => GoTypeOf;

    /// <inheritdoc/>
    public override string Text => ToString();

    /// <summary>Reads a version.</summary>
    /// <exception cref="GoException">The text is no version.</exception>
    public static SemVersion Parse(string text) => TryRead(text, out var version, out var problem) ? version : throw new GoException(problem);

    /// <summary>Reads a version, without an exception.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SemVersion? version) => TryRead(text, out version, out _);

    private static bool TryRead(string text, [NotNullWhen(true)] out SemVersion? version, [NotNullWhen(false)] out string? problem)
    {
        version = null;
        var match = Loose().Match(text);
        if (!match.Success)
        {
            problem = "invalid semantic version";
            return false;
        }

        var numbers = new ulong[3];
        for (var i = 0; i < 3; i++)
        {
            var digits = match.Groups[i + 1].ValueSpan.TrimStart('.');
            if (!digits.IsEmpty && !ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                problem = $"error parsing version segment: strconv.ParseUint: parsing {GoQuote.Quote(digits.ToString())}: value out of range";
                return false;
            }
        }

        var prerelease = match.Groups["pre"].Value;
        foreach (var part in prerelease.Split('.'))
        {
            if (part.Length > 1 && part[0] == '0' && part.All(char.IsAsciiDigit))
            {
                problem = "version segment starts with 0";
                return false;
            }
        }

        problem = null;
        version = new SemVersion(numbers[0], numbers[1], numbers[2], prerelease, match.Groups["meta"].Value, text);
        return true;
    }

    /// <summary>Negative when this version comes before the other, 0 when they rank alike, positive when it comes after.</summary>
    public int CompareTo(SemVersion? other)
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

        return Prerelease.Length == 0 ? 1 : other.Prerelease.Length == 0 ? -1 : ComparePrerelease(Prerelease, other.Prerelease);
    }

    /// <summary>The version in its full form, without a <c>v</c>.</summary>
    public override string ToString() =>
        $"{Major}.{Minor}.{Patch}{(Prerelease.Length > 0 ? "-" + Prerelease : "")}{(Metadata.Length > 0 ? "+" + Metadata : "")}";

    /// <inheritdoc/>
    public override GoFunction? Method(string name) => name switch
    {
        "Major" => Getter(name, Major),
        "Minor" => Getter(name, Minor),
        "Patch" => Getter(name, Patch),
        "Prerelease" => Getter(name, Prerelease),
        "Metadata" => Getter(name, Metadata),
        "Original" => Getter(name, Original),
        "String" => Getter(name, ToString()),
        "Compare" => With(name, order => GoValues.Int(Math.Sign(order))),
        "Equal" => With(name, order => order == 0),
        "LessThan" => With(name, order => order < 0),
        "GreaterThan" => With(name, order => order > 0),
        "LessThanEqual" => With(name, order => order <= 0),
        "GreaterThanEqual" => With(name, order => order >= 0),
        "IncMajor" => Getter(name, Increased(Major + 1, 0, 0)),
        "IncMinor" => Getter(name, Increased(Major, Minor + 1, 0)),
        "IncPatch" => Getter(name, Increased(Major, Minor, Prerelease.Length > 0 ? Patch : Patch + 1)),
        _ => null,
    };

    private SemVersion Increased(ulong major, ulong minor, ulong patch)
    {
        var text = $"{major}.{minor}.{patch}";
        return new SemVersion(major, minor, patch, "", "", (Original.StartsWith('v') ? "v" : "") + text);
    }

    private static GoFunction Getter(string name, object value) => new(name, [], false, (_, _) => value);

    private GoFunction With(string name, Func<int, object> answer) => new(name, [GoTypeOf], false, (_, a) => answer(CompareTo((SemVersion?)a[0])));

    internal static int ComparePrerelease(string left, string right)
    {
        var (a, b) = (left.Split('.'), right.Split('.'));
        for (var i = 0; i < Math.Max(a.Length, b.Length); i++)
        {
            var order = ComparePart(i < a.Length ? a[i] : "", i < b.Length ? b[i] : "");
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    private static int ComparePart(string left, string right)
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

    [GeneratedRegex(
        @"^v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?(?:-(?<pre>[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?(?:\+(?<meta>[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?\z",
        RegexOptions.NonBacktracking)]
    private static partial Regex Loose();
}
