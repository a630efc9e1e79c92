using Capstan.GoTemplates;
using static Capstan.Helm.Functions.FunctionTable;

namespace Capstan.Helm.Functions;

/// <summary>What a value is.</summary>
internal static class TypeFunctions
{
    public static readonly GoFunction[] All =
    [
        Of("typeOf", [GoType.Any], static (_, a) => TypeOf(a[0])),
        Of("typeIs", [GoType.String, GoType.Any], static (_, a) => GoValues.Bool(a.Text(0) == TypeOf(a[1]))),
        Of("typeIsLike", [GoType.String, GoType.Any], static (_, a) =>
            GoValues.Bool(a.Text(0) == TypeOf(a[1]) || "*" + a.Text(0) == TypeOf(a[1]))),
        Of("kindOf", [GoType.Any], static (_, a) => KindOf(a[0])),
        Of("kindIs", [GoType.String, GoType.Any], static (_, a) => GoValues.Bool(a.Text(0) == KindOf(a[1]))),
        Of("deepEqual", [GoType.Any, GoType.Any], static (_, a) => GoValues.Bool(GoValues.DeepEqual(a[0], a[1]))),
    ];

    private static string TypeOf(object? value) => value is null ? "<nil>" : GoType.Of(value).Name;

    private static string KindOf(object? value) => GoType.NameOf(GoType.KindOf(value));
}
