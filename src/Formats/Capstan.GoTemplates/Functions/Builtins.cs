namespace Capstan.GoTemplates;

/// <summary>The functions that every Go template has (text/template, funcs.go).</summary>
internal static class Builtins
{
    public static readonly IReadOnlyList<GoFunction> All =
    [
        new("and", [GoType.Reflected, GoType.Reflected], true, static (_, _) => null) { StopsAt = false },
        new("or", [GoType.Reflected, GoType.Reflected], true, static (_, _) => null) { StopsAt = true },
        new("not", [GoType.Reflected], false, static (_, a) => GoValues.Bool(!GoValues.IsTrue(a[0]))),
        new("len", [GoType.Reflected], false, static (_, a) => GoValues.Int(Length(a[0]))),
        new("index", [GoType.Reflected, GoType.Reflected], true, static (_, a) => Indexing.Index(a[0], a.AsSpan(1))),
        new("slice", [GoType.Reflected, GoType.Reflected], true, static (_, a) => Indexing.Slice(a[0], a.AsSpan(1))),
        new("call", [GoType.Reflected, GoType.Reflected], true, static (_, a) => throw new GoException(
            a[0] is null or NoValue ? "call of nil" : $"non-function {GoFormat.Sprint(a[0])} of type {GoType.Of(a[0])}")),
        new("print", [GoType.Any], true, static (_, a) => GoFormat.Sprint((ReadOnlySpan<object?>)a)),
        new("println", [GoType.Any], true, static (_, a) => GoFormat.Sprintln(a)),
        new("printf", [GoType.String, GoType.Any], true, static (_, a) => GoFormat.Sprintf((string)a[0]!, a.AsSpan(1))),
        new("html", [GoType.Any], true, static (_, a) => Escaping.Html(Joined(a))),
        new("js", [GoType.Any], true, static (_, a) => Escaping.JavaScript(Joined(a))),
        new("urlquery", [GoType.Any], true, static (_, a) => Escaping.UrlQuery(Joined(a))),
        new("eq", [GoType.Reflected, GoType.Reflected], true, static (_, a) => GoValues.Bool(Comparing.Equal(a[0], a.AsSpan(1)))),
        new("ne", [GoType.Reflected, GoType.Reflected], false, static (_, a) => GoValues.Bool(!Comparing.Equal(a[0], a.AsSpan(1)))),
        new("lt", [GoType.Reflected, GoType.Reflected], false, static (_, a) => GoValues.Bool(Comparing.Less(a[0], a[1]))),
        new("le", [GoType.Reflected, GoType.Reflected], false, static (_, a) => GoValues.Bool(LessOrEqual(a))),
        new("gt", [GoType.Reflected, GoType.Reflected], false, static (_, a) => GoValues.Bool(!LessOrEqual(a))),
        new("ge", [GoType.Reflected, GoType.Reflected], false, static (_, a) => GoValues.Bool(!Comparing.Less(a[0], a[1]))),
    ];

    private static bool LessOrEqual(object?[] a) => Comparing.Less(a[0], a[1]) || Comparing.Equal(a[0], a.AsSpan(1));

    private static long Length(object? value) => value switch
    {
        string text => GoText.ByteLength(text),
        GoMap map => map.Count,
        GoList list => list.Count,
        null => throw new GoException("len of nil pointer"),
        NoValue => throw new GoException("reflect: call of reflect.Value.Type on zero Value"),
        _ => throw new GoException($"len of type {GoType.Of(value)}"),
    };

    private static string Joined(object?[] arguments)
    {
        if (arguments is [string text])
        {
            return text;
        }

        return GoFormat.Sprint((ReadOnlySpan<object?>)Array.ConvertAll(arguments, static a => a ?? "<no value>"));
    }
}
