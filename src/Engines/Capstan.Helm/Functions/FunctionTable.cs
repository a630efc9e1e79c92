using Capstan.GoTemplates;

namespace Capstan.Helm.Functions;

/// <summary>How the groups of functions are written down: name, parameters, body.</summary>
internal static class FunctionTable
{
    /// <summary>Go's own functions are added by the language; these are Helm's and sprig's.</summary>
    public static IEnumerable<GoFunction> All =>
    [
        .. TextFunctions.All,
        .. CaseFunctions.All,
        .. NumberFunctions.All,
        .. ListFunctions.All,
        .. MapFunctions.All,
        .. DefaultFunctions.All,
        .. TypeFunctions.All,
        .. DataFunctions.All,
        .. EncodingFunctions.All,
        .. PathFunctions.All,
        .. UrlFunctions.All,
        .. RegexFunctions.All,
        .. VersionFunctions.All,
        .. DateFunctions.All,
        .. RandomFunctions.All,
        .. CryptoFunctions.All,
        .. ChartFunctions.All,
    ];

    public static GoFunction Of(string name, GoType[] parameters, GoFunctionBody body) => new(name, parameters, variadic: false, body);

    public static GoFunction Variadic(string name, GoType[] parameters, GoFunctionBody body) => new(name, parameters, variadic: true, body);

    public static string Text(this object?[] arguments, int index) => (string)arguments[index]!;

    public static int Int(this object?[] arguments, int index) => (int)Math.Clamp((nint)arguments[index]!, int.MinValue, int.MaxValue);
}
