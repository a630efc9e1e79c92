using System.Globalization;
using System.Text.RegularExpressions;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>Quantities as resource requests have them: <c>100m</c>, <c>1Gi</c>, <c>2e3</c>.</summary>
internal static partial class Quantities
{
    public static bool IsValid(string text) => Shape().IsMatch(text);

    private static readonly Dictionary<string, decimal> Units = new(StringComparer.Ordinal)
    {
        [""] = 1m,
        ["n"] = 1e-9m,
        ["u"] = 1e-6m,
        ["m"] = 1e-3m,
        ["k"] = 1e3m,
        ["M"] = 1e6m,
        ["G"] = 1e9m,
        ["T"] = 1e12m,
        ["P"] = 1e15m,
        ["E"] = 1e18m,
        ["Ki"] = 1024m,
        ["Mi"] = 1048576m,
        ["Gi"] = 1073741824m,
        ["Ti"] = 1099511627776m,
        ["Pi"] = 1125899906842624m,
        ["Ei"] = 1152921504606846976m,
    };

    /// <summary>The number that a quantity stands for; false when it is none, or beyond what can be counted.</summary>
    public static bool TryParse(string text, out decimal value)
    {
        value = 0;
        if (!IsValid(text))
        {
            return false;
        }

        var end = text.AsSpan().LastIndexOfAnyInRange('0', '9') + 1;
        if (end < text.Length && text[end] == '.')
        {
            end++;
        }

        // The digits of an exponent belong to the number; a unit follows it.
        return Units.TryGetValue(text[end..], out var unit)
            && decimal.TryParse(text.AsSpan(0, end), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && Math.Abs(number) < 1e9m * 1e9m && Scale(number, unit, out value);
    }

    /// <summary>A number as a quantity: whole, in thousandths, or in a binary unit where that is exact.</summary>
    public static string Show(decimal value)
    {
        if (value != decimal.Truncate(value))
        {
            return $"{decimal.Ceiling(value * 1000).ToString("0", CultureInfo.InvariantCulture)}m";
        }

        foreach (var unit in (ReadOnlySpan<string>)["Ei", "Pi", "Ti", "Gi", "Mi", "Ki"])
        {
            if (value != 0 && value % Units[unit] == 0)
            {
                return (value / Units[unit]).ToString("0", CultureInfo.InvariantCulture) + unit;
            }
        }

        return value.ToString("0", CultureInfo.InvariantCulture);
    }

    private static bool Scale(decimal number, decimal unit, out decimal value)
    {
        var fits = unit <= 1 || Math.Abs(number) < decimal.MaxValue / unit;
        value = fits ? number * unit : 0;
        return fits;
    }

    // apimachinery, pkg/api/resource: the grammar in the doc comment of Quantity.
    [GeneratedRegex(@"\A[+-]?([0-9]+|[0-9]+\.[0-9]*|\.[0-9]+)([KMGTPE]i|n|u|m|k|M|G|T|P|E|[eE][+-]?[0-9]+)?\z")]
    private static partial Regex Shape();
}
