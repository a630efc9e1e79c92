using System.Globalization;
using System.Numerics;
using Capstan.GoTemplates;

namespace Capstan.Helm.Functions;

/// <summary>How sprig turns any value into a number or a text.</summary>
internal static class Conversions
{
    /// <summary>A 64-bit integer; 0 for what is none.</summary>
    public static long ToInt64(object? value)
    {
        switch (value)
        {
            case null:
                return 0;
            case bool flag:
                return flag ? 1 : 0;
            case double number:
                return Truncate(number);
            case float number:
                return Truncate(number);
            case string text:
                return ParseInteger(TrimDecimal(text)) ?? 0;
            default:
                return GoValues.TryGetInteger(value, out var integer) ? integer : 0;
        }
    }

    /// <summary>A floating-point number; 0 for what is none.</summary>
    public static double ToDouble(object? value)
    {
        switch (value)
        {
            case null:
                return 0;
            case bool flag:
                return flag ? 1 : 0;
            case double number:
                return number;
            case float number:
                return number;
            case string text:
                return ParseFloat(text) ?? 0;
            default:
                return GoValues.TryGetInteger(value, out var integer) ? integer : 0;
        }
    }

    /// <summary>A text: strings as they are, bytes decoded, anything else as <c>%v</c>.</summary>
    public static string ToText(object? value) => value switch
    {
        string text => text,
        GoBytes bytes => bytes.ToText(),
        _ => GoFormat.Sprint(value),
    };

    /// <summary>The items of a list as texts, nils left out.</summary>
    public static string[] ToTexts(object? value)
    {
        switch (value)
        {
            case null:
                return [];
            case GoList list:
                var texts = new List<string>(list.Count);
                for (var i = 0; i < list.Count; i++)
                {
                    if (list[i] is { } item)
                    {
                        texts.Add(ToText(item));
                    }
                }

                return [.. texts];
            default:
                return [ToText(value)];
        }
    }

    /// <summary>An integer in Go's syntax with base 0: decimal, 0x, 0o, 0b or a leading 0 for octal.</summary>
    public static long? ParseInteger(string text)
    {
        var digits = text.AsSpan();
        var negative = digits.StartsWith("-");
        if (negative || digits.StartsWith("+"))
        {
            digits = digits[1..];
        }

        var radix = 10;
        if (digits.Length > 1 && digits[0] == '0')
        {
            (radix, var skip) = digits[1] switch
            {
                'x' or 'X' => (16, 2),
                'o' or 'O' => (8, 2),
                'b' or 'B' => (2, 2),
                _ => (8, 1),
            };
            digits = digits[skip..];
        }

        if (digits.IsEmpty || digits.Length > 70)
        {
            return null;
        }

        BigInteger value = 0;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10 : 99;
            if (c == '_' && (radix != 10 || text.Contains("0x", StringComparison.Ordinal)))
            {
                continue;
            }

            if (digit >= radix)
            {
                return null;
            }

            value = (value * radix) + digit;
        }

        value = negative ? -value : value;
        return value >= long.MinValue && value <= long.MaxValue ? (long)value : null;
    }

    /// <summary>A decimal number in Go's syntax.</summary>
    public static double? ParseFloat(string text)
    {
        if (text.Length == 0 || char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]))
        {
            return null;
        }

        switch (text.TrimStart('+', '-').ToLowerInvariant())
        {
            case "inf" or "infinity":
                return text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            case "nan":
                return double.NaN;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
    }

    private static long Truncate(double number) => double.IsNaN(number) || number >= 9.2233720368547758E18 || number < -9.2233720368547758E18
        ? long.MinValue
        : (long)number;

    // "12.00" counts as its whole part; other texts stay as they are.
    private static string TrimDecimal(string text)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        if (point < 0)
        {
            return text;
        }

        var fraction = text.AsSpan(text.LastIndexOf('.') + 1);
        return !fraction.IsEmpty && fraction.IndexOfAnyExcept('0') < 0 ? text[..text.LastIndexOf('.')] : text;
    }
}
