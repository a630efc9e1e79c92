using Capstan.GoTemplates;
using static Capstan.Helm.Functions.FunctionTable;

namespace Capstan.Helm.Functions;

/// <summary>Defaults and choices.</summary>
internal static class DefaultFunctions
{
    public static readonly GoFunction[] All =
    [
        Variadic("default", [GoType.Any, GoType.Any], static (_, a) => a.Length < 2 || IsEmpty(a[1]) ? a[0] : a[1]),
        Of("empty", [GoType.Any], static (_, a) => GoValues.Bool(IsEmpty(a[0]))),
        Variadic("coalesce", [GoType.Any], static (_, a) => Array.Find(a, static v => !IsEmpty(v))),
        Variadic("all", [GoType.Any], static (_, a) => GoValues.Bool(!Array.Exists(a, IsEmpty))),
        Variadic("any", [GoType.Any], static (_, a) => GoValues.Bool(Array.Exists(a, static v => !IsEmpty(v)))),
        Of("ternary", [GoType.Any, GoType.Any, GoType.Bool], static (_, a) => (bool)a[2]! ? a[0] : a[1]),
    ];

    /// <summary>Whether a value is nil, zero, false or has nothing in it; structs never are.</summary>
    internal static bool IsEmpty(object? value) => value is not (GoObject and not GoNumber) && !GoValues.IsTrue(value);
}
