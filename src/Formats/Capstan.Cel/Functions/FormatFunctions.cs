using System.Globalization;
using System.Text;

namespace Capstan.Cel.Functions;

/// <summary><c>"%s is %d".format([…])</c>.</summary>
internal static class FormatFunctions
{
    private const int MostDigits = 100;

    public static readonly IReadOnlyList<CelFunction> All =
    [
        CelFunction.Method("format", 2, (a, meter) => a is [CelString text, CelList arguments] ? Format(text.Value, arguments, meter) : CelFault.NoOverload),
    ];

    private static CelValue Format(string text, CelList arguments, CelMeter meter)
    {
        meter.SpendText(text.Length);
        var (output, next) = (new StringBuilder(), 0);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '%')
            {
                output.Append(text[at]);
                continue;
            }

            if (++at < text.Length && text[at] == '%')
            {
                output.Append('%');
                continue;
            }

            var precision = Precision(text, ref at);
            if (at >= text.Length) return new CelFault("unexpected end of string");
            if (next >= arguments.Count) return new CelFault(FormattableString.Invariant($"index {next} out of range"));
            if (Clause(text[at], precision, arguments[next++], meter) is not { } written) return new CelFault($"error during formatting: no such overload of %{text[at]} for {arguments[next - 1].TypeName}");
            meter.SpendText(written.Length);
            output.Append(written);
        }

        return CelValue.Of(output.ToString());
    }

    private static int? Precision(string text, ref int at)
    {
        if (at >= text.Length || text[at] != '.') return null;
        var precision = 0;
        for (at++; at < text.Length && char.IsAsciiDigit(text[at]); at++) precision = Math.Min(MostDigits, (precision * 10) + text[at] - '0');
        return precision;
    }

    private static string? Clause(char verb, int? precision, CelValue value, CelMeter meter) => (verb, value) switch
    {
        ('s', _) => Show(value, meter),
        ('d', CelInt or CelUInt) => CelText.Convert(value),
        ('d' or 'f' or 'e', CelDouble { Value: var number }) when !double.IsFinite(number) => double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity",
        ('f', CelInt or CelUInt or CelDouble) => Numbers.AsDouble(value).ToString("F" + Digits(precision), CultureInfo.InvariantCulture),
        ('e', CelInt or CelUInt or CelDouble) => Scientific(Numbers.AsDouble(value), precision),
        ('b', CelBool) => ReferenceEquals(value, CelBool.True) ? "1" : "0",
        ('b', CelInt number) => (number.Value < 0 ? "-" : "") + Int128.Abs(number.Value).ToString("b", CultureInfo.InvariantCulture),
        ('b', CelUInt number) => number.Value.ToString("b", CultureInfo.InvariantCulture),
        ('o', CelInt number) => (number.Value < 0 ? "-" : "") + Octal((ulong)Int128.Abs(number.Value)),
        ('o', CelUInt number) => Octal(number.Value),
        ('x' or 'X', CelInt number) => (number.Value < 0 ? "-" : "") + ((ulong)Int128.Abs(number.Value)).ToString(verb.ToString(), CultureInfo.InvariantCulture),
        ('x' or 'X', CelUInt number) => number.Value.ToString(verb.ToString(), CultureInfo.InvariantCulture),
        ('x', CelString or CelBytes) => Convert.ToHexStringLower(Bytes(value)),
        ('X', CelString or CelBytes) => Convert.ToHexString(Bytes(value)),
        _ => null,
    };

    private static string Digits(int? precision) => (precision ?? 6).ToString(CultureInfo.InvariantCulture);

    private static string Scientific(double value, int? precision) => value.ToString($"0.{new string('0', precision ?? 6)}e+00", CultureInfo.InvariantCulture);

    private static string Octal(ulong value)
    {
        var digits = new StringBuilder();
        do
        {
            digits.Insert(0, (char)('0' + (value & 7)));
            value >>= 3;
        }
        while (value != 0);
        return digits.ToString();
    }

    private static ReadOnlySpan<byte> Bytes(CelValue value) => value is CelBytes bytes ? bytes.Value : Encoding.UTF8.GetBytes(((CelString)value).Value);

    private static string? Show(CelValue value, CelMeter meter)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        meter.Spend(1);
        return value switch
        {
            CelNull => "null",
            CelType type => type.Name,
            CelDouble { Value: var number } when !double.IsFinite(number) => double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity",
            CelList list => $"[{string.Join(", ", ListFunctions.Items(list).Select(i => Show(i, meter)))}]",
            CelMap map => $"{{{string.Join(", ", map.Keys.Select(k => (Key: Show(k, meter) ?? "", Value: Show(map.Find(k)!, meter))).OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}: {e.Value}"))}}}",
            _ => CelText.Convert(value),
        };
    }
}
