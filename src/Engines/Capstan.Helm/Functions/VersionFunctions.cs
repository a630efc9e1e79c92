using Capstan.GoTemplates;
using Capstan.Helm.Versions;
using static Capstan.Helm.Functions.FunctionTable;

namespace Capstan.Helm.Functions;

/// <summary>Versions and ranges.</summary>
internal static class VersionFunctions
{
    public static readonly GoFunction[] All =
    [
        Of("semver", [GoType.String], static (_, a) => GoVersion.Parse(a.Text(0))),
        Of("semverCompare", [GoType.String, GoType.String], static (_, a) => GoValues.Bool(GoVersion.IsInRange(a.Text(0), a.Text(1)))),
    ];
}
