using System.Globalization;
using System.Numerics;
using System.Text;

namespace Capstan.Expressions;

/// <summary>Numbers as ECMAScript reads and writes them, whose rules the language took over.</summary>
internal static class JavaScriptNumbers
{
    private const int LongestNumber = 2_000;

    /// <summary>The text of a number in a larger text: at most 15 digits after the point.</summary>
    public static string CoerceToText(double number)
    {
        if (number == 0) return "0";
        if (!double.IsFinite(number) || Math.Abs(number) >= 1e21) return ToText(number);
        return ToText(double.Parse(number.ToString("F15", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
    }

    /// <summary>ECMA-262 Number::toString with radix 10.</summary>
    public static string ToText(double number)
    {
        if (double.IsNaN(number)) return "NaN";
        if (double.IsInfinity(number)) return number > 0 ? "Infinity" : "-Infinity";
        if (number == 0) return "0";

        // "E16" would round; "R" gives the shortest digits that read back as the same number, in one of two layouts.
        var shortest = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture);
        var exponentAt = shortest.IndexOf('E', StringComparison.Ordinal);
        var exponent = exponentAt < 0 ? 0 : int.Parse(shortest.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = exponentAt < 0 ? shortest : shortest[..exponentAt];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var before = (point < 0 ? mantissa.Length : point) + exponent;
        var leading = digits.Length - digits.TrimStart('0').Length;
        digits = digits[leading..].TrimEnd('0');
        before -= leading;
        return (number < 0 ? "-" : "") + Layout(digits, before);
    }

    /// <summary>ECMA-262 StringToNumber: NaN for what is no number.</summary>
    public static double Parse(string text)
    {
        var trimmed = text.AsSpan().Trim(JavaScriptWhiteSpace);
        if (trimmed.Length == 0) return 0;
        if (trimmed.Length > LongestNumber) return double.NaN;
        if (trimmed is ['0', 'x' or 'X', ..]) return InRadix(trimmed[2..], 16);
        if (trimmed is ['0', 'o' or 'O', ..]) return InRadix(trimmed[2..], 8);
        if (trimmed is ['0', 'b' or 'B', ..]) return InRadix(trimmed[2..], 2);
        var unsigned = trimmed is ['+' or '-', ..] ? trimmed[1..] : trimmed;
        if (unsigned is "Infinity") return trimmed[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        foreach (var c in unsigned)
        {
            if (c is not ((>= '0' and <= '9') or '.' or 'e' or 'E' or '+' or '-')) return double.NaN;
        }

        const NumberStyles styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(trimmed, styles, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
    }

    private static string Layout(string digits, int before)
    {
        if (before > 21 || before < -5)
        {
            var power = before - 1;
            return $"{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(power < 0 ? '-' : '+')}{Math.Abs(power).ToString(CultureInfo.InvariantCulture)}";
        }

        if (before <= 0) return "0." + new string('0', -before) + digits;
        return digits.Length <= before ? digits + new string('0', before - digits.Length) : $"{digits[..before]}.{digits[before..]}";
    }

    private static double InRadix(ReadOnlySpan<char> digits, int radix)
    {
        if (digits.Length == 0) return double.NaN;
        var value = BigInteger.Zero;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : radix;
            if (digit >= radix) return double.NaN;
            value = (value * radix) + digit;
        }

        return (double)value;
    }

    // ECMA-262 WhiteSpace and LineTerminator.
    private static readonly string JavaScriptWhiteSpace = new StringBuilder("\t\n\v\f\r \u00A0\u1680\u2028\u2029\u202F\u205F\u3000\uFEFF")
        .Append("\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A").ToString();
}
