using Capstan.Scalars;

namespace Capstan.Cel.Functions;

/// <summary>Kubernetes' library of semantic versions.</summary>
internal static class VersionFunctions
{
    public static readonly IReadOnlyList<CelFunction> All =
    [
        CelFunction.Global("isSemver", 1, (a, _) => a[0] is CelString text ? CelValue.Of(Parse(text.Value, false) is not null) : CelFault.NoOverload),
        CelFunction.Global("isSemver", 2, (a, _) => a is [CelString text, CelBool lenient] ? CelValue.Of(Parse(text.Value, ReferenceEquals(lenient, CelBool.True)) is not null) : CelFault.NoOverload),
        CelFunction.Global("semver", 1, (a, _) => a[0] is CelString text ? Made(text, false) : CelFault.NoOverload),
        CelFunction.Global("semver", 2, (a, _) => a is [CelString text, CelBool lenient] ? Made(text, ReferenceEquals(lenient, CelBool.True)) : CelFault.NoOverload),
        CelFunction.Method("major", 1, (a, _) => a[0] is CelVersion version ? CelValue.Of((long)version.Value.Major) : CelFault.NoOverload),
        CelFunction.Method("minor", 1, (a, _) => a[0] is CelVersion version ? CelValue.Of((long)version.Value.Minor) : CelFault.NoOverload),
        CelFunction.Method("patch", 1, (a, _) => a[0] is CelVersion version ? CelValue.Of((long)version.Value.Patch) : CelFault.NoOverload),
        Compared("isLessThan", static order => CelValue.Of(order < 0)),
        Compared("isGreaterThan", static order => CelValue.Of(order > 0)),
        Compared("compareTo", static order => CelValue.Of((long)Math.Sign(order))),
    ];

    private static CelFunction Compared(string name, Func<int, CelValue> result) =>
        CelFunction.Method(name, 2, (a, _) => a is [CelVersion x, CelVersion y] ? result(x.Value.CompareTo(y.Value)) : CelFault.NoOverload);

    private static CelValue Made(CelString text, bool lenient) => Parse(text.Value, lenient) ?? (CelValue)new CelFault($"semver parse error: \"{CelText.Show(text)}\" is no semantic version");

    private static CelVersion? Parse(string text, bool lenient) =>
        SemanticVersion.TryParse(text, out var version) && (lenient || !text.StartsWith('v') && text.Split('-', '+')[0].Count(static c => c == '.') == 2) ? new CelVersion(version) : null;
}

/// <summary>A semantic version.</summary>
internal sealed class CelVersion(SemanticVersion value) : CelObject
{
    public SemanticVersion Value => value;

    public override string TypeName => "kubernetes.Semver";

    public override bool Same(CelObject other) => other is CelVersion version && version.Value.CompareTo(value) == 0;

    public override int Hash() => HashCode.Combine(value.Major, value.Minor, value.Patch);
}
