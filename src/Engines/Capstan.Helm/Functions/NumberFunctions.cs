using System.Globalization;
using Capstan.GoTemplates;
using static Capstan.Helm.Functions.Conversions;
using static Capstan.Helm.Functions.FunctionTable;

namespace Capstan.Helm.Functions;

/// <summary>Arithmetic.</summary>
internal static class NumberFunctions
{
    public static readonly GoFunction[] All =
    [
        Of("atoi", [GoType.String], static (_, a) => GoValues.Int(Atoi(a.Text(0)))),
        Of("int64", [GoType.Any], static (_, a) => ToInt64(a[0])),
        Of("int", [GoType.Any], static (_, a) => GoValues.Int(ToInt64(a[0]))),
        Of("float64", [GoType.Any], static (_, a) => ToDouble(a[0])),
        Of("toDecimal", [GoType.Any], static (_, a) => FromOctal(GoFormat.Sprint(a[0]))),
        Variadic("seq", [GoType.Int], static (call, a) => Sequence(call, a)),
        Of("until", [GoType.Int], static (call, a) => Steps(call, 0, (nint)a[0]!, (nint)a[0]! < 0 ? -1 : 1)),
        Of("untilStep", [GoType.Int, GoType.Int, GoType.Int], static (call, a) => Steps(call, (nint)a[0]!, (nint)a[1]!, (nint)a[2]!)),
        Of("add1", [GoType.Any], static (_, a) => unchecked(ToInt64(a[0]) + 1)),
        Variadic("add", [GoType.Any], static (_, a) => a.Aggregate(0L, static (sum, v) => unchecked(sum + ToInt64(v)))),
        Of("sub", [GoType.Any, GoType.Any], static (_, a) => unchecked(ToInt64(a[0]) - ToInt64(a[1]))),
        Of("div", [GoType.Any, GoType.Any], static (_, a) => Divide(ToInt64(a[0]), ToInt64(a[1]), remainder: false)),
        Of("mod", [GoType.Any, GoType.Any], static (_, a) => Divide(ToInt64(a[0]), ToInt64(a[1]), remainder: true)),
        Variadic("mul", [GoType.Any, GoType.Any], static (_, a) => a.Aggregate(1L, static (product, v) => unchecked(product * ToInt64(v)))),
        Of("add1f", [GoType.Any], static (_, a) => Decimals(a[0], [1L], static (x, y) => x + y, static (x, y) => x + y)),
        Variadic("addf", [GoType.Any], static (_, a) => Decimals(0.0, a, static (x, y) => x + y, static (x, y) => x + y)),
        Variadic("subf", [GoType.Any, GoType.Any], static (_, a) => Decimals(a[0], a.AsSpan(1), static (x, y) => x - y, static (x, y) => x - y)),
        Variadic("divf", [GoType.Any, GoType.Any], static (_, a) => Decimals(a[0], a.AsSpan(1), DivideDecimals, static (x, y) => x / y)),
        Variadic("mulf", [GoType.Any, GoType.Any], static (_, a) => Decimals(a[0], a.AsSpan(1), static (x, y) => x * y, static (x, y) => x * y)),
        Variadic("biggest", [GoType.Any, GoType.Any], static (_, a) => a.Max(ToInt64)),
        Variadic("max", [GoType.Any, GoType.Any], static (_, a) => a.Max(ToInt64)),
        Variadic("min", [GoType.Any, GoType.Any], static (_, a) => a.Min(ToInt64)),
        Variadic("maxf", [GoType.Any, GoType.Any], static (_, a) => a.Select(ToDouble).Aggregate(Math.Max)),
        Variadic("minf", [GoType.Any, GoType.Any], static (_, a) => a.Select(ToDouble).Aggregate(Math.Min)),
        Of("ceil", [GoType.Any], static (_, a) => Math.Ceiling(ToDouble(a[0]))),
        Of("floor", [GoType.Any], static (_, a) => Math.Floor(ToDouble(a[0]))),
        Variadic("round", [GoType.Any, GoType.Int, GoType.Float64], static (_, a) =>
            Round(ToDouble(a[0]), a.Int(1), a.Length > 2 ? (double)a[2]! : 0.5)),
    ];

    private static long Atoi(string text) =>
        text.Length > 0 && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1])
            && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static long FromOctal(string text)
    {
        var digits = text.AsSpan();
        var negative = digits.StartsWith("-");
        if (negative || digits.StartsWith("+"))
        {
            digits = digits[1..];
        }

        long value = 0;
        foreach (var c in digits)
        {
            if (c is < '0' or > '7' || value > long.MaxValue / 8)
            {
                return 0;
            }

            value = (value * 8) + (c - '0');
        }

        return negative ? -value : value;
    }

    private static long Divide(long left, long right, bool remainder)
    {
        if (right == 0)
        {
            throw new GoException("runtime error: integer divide by zero");
        }

        if (right == -1)
        {
            return remainder ? 0 : unchecked(-left);
        }

        return remainder ? left % right : left / right;
    }

    private static GoArray Steps(TemplateCall call, long start, long stop, long step)
    {
        if (step == 0 || (stop < start ? step > 0 : step < 0))
        {
            return new GoArray([], GoType.ListOfInt);
        }

        var count = stop < start ? ((start - stop) + -step - 1) / -step : (stop - start + step - 1) / step;

        // One item costs about as much as ten characters.
        call.Budget.Expect(count * 10);
        call.Budget.Charge(count * 10);
        var items = new object?[count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = GoValues.Int(start + (i * step));
        }

        return new GoArray(items, GoType.ListOfInt);
    }

    private static string Sequence(TemplateCall call, object?[] a)
    {
        long start, stop, step;
        switch (a.Length)
        {
            case 1:
                (start, stop) = (1, (nint)a[0]!);
                step = stop < start ? -1 : 1;
                break;
            case 2:
                (start, stop) = ((nint)a[0]!, (nint)a[1]!);
                step = stop < start ? -1 : 1;
                break;
            case 3:
                (start, step, stop) = ((nint)a[0]!, (nint)a[1]!, (nint)a[2]!);
                if (stop < start && step > 0)
                {
                    return "";
                }

                break;
            default:
                return "";
        }

        var items = Steps(call, start, stop + (stop < start ? -1 : 1), step);
        return string.Join(' ', items.AsSpan().ToArray());
    }

    private static decimal DivideDecimals(decimal left, decimal right) =>
        right == 0 ? throw new GoException("decimal division by 0") : Math.Round(left / right, 16, MidpointRounding.AwayFromZero);

    // Decimal arithmetic avoids 0.1 + 0.2 = 0.30000000000000004; what does not fit a decimal is computed in binary.
    private static double Decimals(object? first, ReadOnlySpan<object?> rest, Func<decimal, decimal, decimal> exact, Func<double, double, double> binary)
    {
        var result = ToDouble(first);
        try
        {
            var sum = Exact(result);
            foreach (var value in rest)
            {
                sum = exact(sum, Exact(ToDouble(value)));
            }

            return double.Parse(sum.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        }
        catch (OverflowException)
        {
            foreach (var value in rest)
            {
                result = binary(result, ToDouble(value));
            }

            return result;
        }
    }

    private static decimal Exact(double number) =>
        decimal.Parse(number.ToString("R", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture);

    private static double Round(double value, int places, double roundOn)
    {
        var power = Math.Pow(10, places);
        var digit = power * value;
        var fraction = digit - Math.Truncate(digit);
        return (fraction >= roundOn ? Math.Ceiling(digit) : Math.Floor(digit)) / power;
    }
}
