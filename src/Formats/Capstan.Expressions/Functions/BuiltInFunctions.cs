namespace Capstan.Expressions.Functions;

/// <summary>The language's own functions.</summary>
internal static class BuiltInFunctions
{
    private const int ManyArguments = 255;

    public static readonly IReadOnlyList<ExpressionFunction> All =
    [
        new("contains", 2, 2, TextFunctions.Contains),
        new("startsWith", 2, 2, TextFunctions.StartsWith),
        new("endsWith", 2, 2, TextFunctions.EndsWith),
        new("join", 1, 2, TextFunctions.Join),
        new("format", 1, ManyArguments, FormatFunction.Format),
        new("toJSON", 1, 1, JsonFunctions.ToJson),
        new("fromJSON", 1, 1, JsonFunctions.FromJson),
        new("case", 3, int.MaxValue, CaseFunction.Case) { OddOnly = true },
    ];
}
