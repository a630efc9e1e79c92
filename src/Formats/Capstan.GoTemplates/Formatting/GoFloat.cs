using System.Globalization;
using System.Numerics;
using System.Text;

namespace Capstan.GoTemplates;

/// <summary>Floating-point numbers as Go writes them (strconv.FormatFloat).</summary>
public static class GoFloat
{
    /// <summary>Formats a number.</summary>
    /// <param name="value">The number.</param>
    /// <param name="verb">e, E, f, g, G, x, X or b.</param>
    /// <param name="precision">Digits after the point (e, f) or in all (g); -1 for the fewest that read back as the same number.</param>
    /// <param name="single">Whether the number is a float32.</param>
    public static string Format(double value, char verb, int precision, bool single = false)
    {
        if (double.IsNaN(value))
        {
            return "NaN";
        }

        if (double.IsInfinity(value))
        {
            return value > 0 ? "+Inf" : "-Inf";
        }

        var negative = double.IsNegative(value);
        if (verb is 'x' or 'X' or 'b')
        {
            return (negative ? "-" : "") + (verb == 'b' ? Binary(Math.Abs(value)) : Hexadecimal(Math.Abs(value), verb, precision));
        }

        var (digits, point) = precision < 0 ? Shortest(Math.Abs(value), single) : Exact(Math.Abs(value), verb, precision);
        var output = new StringBuilder(24);
        if (negative)
        {
            output.Append('-');
        }

        switch (verb)
        {
            case 'e' or 'E':
                AppendExponent(output, digits, point, precision < 0 ? Math.Max(digits.Length - 1, 0) : precision, verb);
                break;
            case 'f' or 'F':
                AppendFixed(output, digits, point, precision < 0 ? Math.Max(digits.Length - point, 0) : precision);
                break;
            default:
                AppendGeneral(output, digits, point, precision, verb);
                break;
        }

        return output.ToString();
    }

    private static (long Mantissa, int Exponent) Parts(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7FF);
        var mantissa = bits & 0xFFFFFFFFFFFFF;
        return exponent == 0 ? (mantissa, -1074) : (mantissa | (1L << 52), exponent - 1075);
    }

    private static string Binary(double value)
    {
        var (mantissa, exponent) = Parts(value);
        return string.Create(CultureInfo.InvariantCulture, $"{mantissa}p{(exponent < 0 ? "" : "+")}{exponent}");
    }

    private static string Hexadecimal(double value, char verb, int precision)
    {
        var (mantissa, exponent) = Parts(value);
        exponent = mantissa == 0 ? 0 : exponent + 52;
        while (mantissa != 0 && mantissa >> 52 == 0)
        {
            mantissa <<= 1;
            exponent--;
        }

        if (precision is >= 0 and < 13)
        {
            // Rounded half to even at the last digit that is kept.
            var shift = 52 - (4 * precision);
            var rest = mantissa & ((1L << shift) - 1);
            mantissa >>= shift;
            mantissa += rest > 1L << (shift - 1) || (rest == 1L << (shift - 1) && (mantissa & 1) == 1) ? 1 : 0;
            mantissa <<= shift;
            if (mantissa >> 53 != 0)
            {
                mantissa >>= 1;
                exponent++;
            }
        }

        var fraction = (mantissa & 0xFFFFFFFFFFFFF).ToString("x13", CultureInfo.InvariantCulture);
        fraction = precision < 0 ? fraction.TrimEnd('0') : fraction.PadRight(precision, '0')[..precision];
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"0x{mantissa >> 52}{(fraction.Length > 0 ? "." : "")}{fraction}p{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        return verb == 'X' ? text.ToUpperInvariant() : text;
    }

    private static void AppendGeneral(StringBuilder output, string digits, int point, int precision, char verb)
    {
        var limit = precision < 0 ? 6 : precision == 0 ? 1 : precision;
        if (precision >= 0 && limit > digits.Length && digits.Length >= point)
        {
            limit = digits.Length;
        }

        var exponent = point - 1;
        if (digits != "0" && (exponent < -4 || exponent >= limit))
        {
            AppendExponent(output, digits, point, digits.Length - 1, verb == 'g' ? 'e' : 'E');
            return;
        }

        AppendFixed(output, digits, point, Math.Max(digits.Length - point, 0));
    }

    private static void AppendExponent(StringBuilder output, string digits, int point, int fraction, char verb)
    {
        output.Append(digits[0]);
        if (fraction > 0)
        {
            output.Append('.');
            for (var i = 1; i <= fraction; i++)
            {
                output.Append(i < digits.Length ? digits[i] : '0');
            }
        }

        var exponent = digits == "0" ? 0 : point - 1;
        output.Append(verb).Append(exponent < 0 ? '-' : '+').Append(CultureInfo.InvariantCulture, $"{Math.Abs(exponent):00}");
    }

    private static void AppendFixed(StringBuilder output, string digits, int point, int fraction)
    {
        if (point <= 0)
        {
            output.Append('0');
        }

        for (var i = 0; i < point; i++)
        {
            output.Append(i < digits.Length ? digits[i] : '0');
        }

        if (fraction <= 0)
        {
            return;
        }

        output.Append('.');
        for (var i = point; i < point + fraction; i++)
        {
            output.Append(i >= 0 && i < digits.Length ? digits[i] : '0');
        }
    }

    // Digits without trailing zeros, and where the decimal point is: 0.DIGITS × 10^point.
    private static (string Digits, int Point) Shortest(double value, bool single)
    {
        if (value == 0)
        {
            return ("0", 1);
        }

        var text = single ? ((float)value).ToString("R", CultureInfo.InvariantCulture) : value.ToString("R", CultureInfo.InvariantCulture);
        var exponentAt = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = exponentAt < 0 ? 0 : int.Parse(text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = exponentAt < 0 ? text : text[..exponentAt];
        var pointAt = mantissa.IndexOf('.', StringComparison.Ordinal);
        var point = (pointAt < 0 ? mantissa.Length : pointAt) + exponent;
        var digits = pointAt < 0 ? mantissa : mantissa.Remove(pointAt, 1);
        var leading = digits.Length - digits.TrimStart('0').Length;
        return (digits.Trim('0'), point - leading);
    }

    // The exact decimal expansion, rounded half to even.
    private static (string Digits, int Point) Exact(double value, char verb, int precision)
    {
        if (value == 0)
        {
            return ("0", 1);
        }

        var (mantissa, exponent) = Parts(value);
        BigInteger scaled = mantissa;
        var decimals = 0;
        if (exponent >= 0)
        {
            scaled <<= exponent;
        }
        else
        {
            // m / 2^k = m × 5^k / 10^k.
            scaled *= BigInteger.Pow(5, -exponent);
            decimals = -exponent;
        }

        var all = scaled.ToString(CultureInfo.InvariantCulture);
        var point = all.Length - decimals;
        var keep = verb switch
        {
            'e' or 'E' => precision + 1,
            'f' or 'F' => point + precision,
            _ => Math.Max(precision, 1),
        };
        return Round(all, point, keep);
    }

    private static (string Digits, int Point) Round(string digits, int point, int keep)
    {
        if (keep >= digits.Length)
        {
            return Trimmed(digits, point);
        }

        if (keep < 0)
        {
            return ("0", 1);
        }

        var next = digits[keep];
        var up = next > '5'
            || (next == '5' && (digits.AsSpan(keep + 1).IndexOfAnyExcept('0') >= 0 || (keep > 0 && (digits[keep - 1] - '0') % 2 == 1)));
        var kept = digits[..keep];
        if (!up)
        {
            return Trimmed(kept, point);
        }

        var raised = (BigInteger.Parse("0" + kept, CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture);
        return raised.Length > keep ? Trimmed(raised, point + 1) : Trimmed(raised, point);
    }

    private static (string Digits, int Point) Trimmed(string digits, int point)
    {
        var trimmed = digits.TrimEnd('0');
        return trimmed.Length == 0 ? ("0", 1) : (trimmed, point);
    }
}
