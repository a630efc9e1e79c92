using Capstan.GoTemplates;
using Capstan.Helm.Data;
using Capstan.Scalars;

namespace Capstan.Helm.Versions;

/// <summary>What the template function <c>semver</c> answers: a version with its methods.</summary>
internal sealed class GoVersion(SemanticVersion version) : GoObject, IJsonText
{
    internal static readonly GoType GoTypeOf = new(GoKind.Pointer, "*semver.Version", new GoType(GoKind.Struct, "semver.Version"));

    /// <inheritdoc/>
    public override GoType Type => GoTypeOf;

    /// <inheritdoc/>
    public override string Text => Version.ToString();

    /// <inheritdoc/>
    public string JsonText => Text;

    private SemanticVersion Version { get; } = version;

    /// <summary>Reads a version.</summary>
    /// <exception cref="GoException">The text is no version.</exception>
    public static GoVersion Parse(string text) =>
        SemanticVersion.TryParse(text, out var version, out var problem) ? new GoVersion(version) : throw new GoException(problem);

    /// <summary>Whether a version is in a range.</summary>
    /// <exception cref="GoException">The range or the version cannot be read.</exception>
    public static bool IsInRange(string range, string version) =>
        VersionRange.TryParse(range, out var read, out var problem) ? read.Holds(Parse(version).Version) : throw new GoException(problem);

    /// <inheritdoc/>
    public override GoFunction? Method(string name) => name switch
    {
        "Major" => Getter(name, Version.Major),
        "Minor" => Getter(name, Version.Minor),
        "Patch" => Getter(name, Version.Patch),
        "Prerelease" => Getter(name, Version.Prerelease),
        "Metadata" => Getter(name, Version.Metadata),
        "Original" => Getter(name, Version.Original),
        "String" => Getter(name, Version.ToString()),
        "Compare" => With(name, order => GoValues.Int(Math.Sign(order))),
        "Equal" => With(name, order => order == 0),
        "LessThan" => With(name, order => order < 0),
        "GreaterThan" => With(name, order => order > 0),
        "LessThanEqual" => With(name, order => order <= 0),
        "GreaterThanEqual" => With(name, order => order >= 0),
        "IncMajor" => Getter(name, Increased(Version.Major + 1, 0, 0)),
        "IncMinor" => Getter(name, Increased(Version.Major, Version.Minor + 1, 0)),
        "IncPatch" => Getter(name, Increased(Version.Major, Version.Minor, Version.Prerelease.Length > 0 ? Version.Patch : Version.Patch + 1)),
        _ => null,
    };

    private GoVersion Increased(ulong major, ulong minor, ulong patch) =>
        new(new SemanticVersion(major, minor, patch, "", "", $"{(Version.Original.StartsWith('v') ? "v" : "")}{major}.{minor}.{patch}"));

    private static GoFunction Getter(string name, object value) => new(name, [], false, (_, _) => value);

    private GoFunction With(string name, Func<int, object> answer) =>
        new(name, [GoTypeOf], false, (_, a) => answer(Version.CompareTo(((GoVersion?)a[0])?.Version)));
}
