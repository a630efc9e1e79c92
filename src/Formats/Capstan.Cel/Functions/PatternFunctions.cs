using System.Text.RegularExpressions;
using Capstan.Scalars;

namespace Capstan.Cel.Functions;

/// <summary>Regular expressions in Go's syntax.</summary>
internal static class PatternFunctions
{
    public static readonly IReadOnlyList<CelFunction> All =
    [
        CelFunction.Global("matches", 2, (a, meter) => Match(a, meter, static (regex, text) => CelValue.Of(regex.IsMatch(text)))),
        CelFunction.Method("matches", 2, (a, meter) => Match(a, meter, static (regex, text) => CelValue.Of(regex.IsMatch(text)))),
        CelFunction.Method("find", 2, (a, meter) => Match(a, meter, static (regex, text) => CelValue.Of(regex.Match(text).Value))),
        CelFunction.Method("findAll", 2, (a, meter) => Match(a, meter, static (regex, text) => Every(regex, text, -1))),
        CelFunction.Method("findAll", 3, (a, meter) =>
            a[2] is CelInt most ? Match(a, meter, (regex, text) => Every(regex, text, most.Value)) : CelFault.NoOverload),
    ];

    private static CelValue Match(ReadOnlySpan<CelValue> a, CelMeter meter, Func<Regex, string, CelValue> use)
    {
        if (a[0] is not CelString text || a[1] is not CelString pattern) return CelFault.NoOverload;
        meter.Spend((text.Value.Length / 10L + 1) * (pattern.Value.Length / 4L + 1));
        try
        {
            return use(GoPattern.Get(pattern.Value), text.Value);
        }
        catch (Exception error) when (error is FormatException or RegexMatchTimeoutException)
        {
            return new CelFault(error.Message);
        }
    }

    private static CelArray Every(Regex regex, string text, long most) =>
        new([.. regex.Matches(text).Take(most < 0 ? int.MaxValue : (int)Math.Min(most, int.MaxValue)).Select(m => CelValue.Of(m.Value))]);
}
