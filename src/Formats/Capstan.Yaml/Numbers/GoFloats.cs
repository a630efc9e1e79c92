using System.Globalization;

namespace Capstan.Yaml;

/// <summary>Floats as Go's strconv reads and writes them.</summary>
internal static class GoFloats
{
    /// <summary>
    /// Whether go-yaml takes the text for a float: <c>[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?</c>.
    /// </summary>
    public static bool IsYamlFloat(ReadOnlySpan<char> text)
    {
        text = SkipSign(text);
        var whole = SkipDigits(ref text);
        var fraction = 0;
        if (text is ['.', ..])
        {
            text = text[1..];
            fraction = SkipDigits(ref text);
        }

        if (whole == 0 && fraction == 0)
        {
            return false;
        }

        if (text is ['e' or 'E', ..])
        {
            text = SkipSign(text[1..]);
            return SkipDigits(ref text) > 0 && text.IsEmpty;
        }

        return text.IsEmpty;
    }

    /// <summary>Reads a decimal float; false when it is none or too large, as Go's range error is.</summary>
    public static bool TryParse(string text, out double number)
    {
        number = 0;
        return IsYamlFloat(text)
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number)
            && double.IsFinite(number);
    }

    /// <summary>The shortest text in Go's <c>'g'</c> format: an exponent below 1e-4 and from 1e6 on.</summary>
    public static string FormatG(double number) => FormatG(number, number.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>As <see cref="FormatG(double)"/>, rounded to 32 bits, which is how sigs.k8s.io/yaml writes keys.</summary>
    public static string FormatG32(double number) => FormatG((float)number, ((float)number).ToString("R", CultureInfo.InvariantCulture));

    private static string FormatG(double number, string shortest)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? ".nan" : number > 0 ? ".inf" : "-.inf";
        }

        var (digits, exponent) = Decompose(shortest);
        var sign = shortest.StartsWith('-') ? "-" : "";
        if (exponent is < -4 or >= 6)
        {
            var mantissa = digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}";
            return $"{sign}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        if (exponent < 0)
        {
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        }

        return digits.Length <= exponent + 1
            ? sign + digits.PadRight(exponent + 1, '0')
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    // Significant digits and the decimal exponent of the first one.
    private static (string Digits, int Exponent) Decompose(string shortest)
    {
        var text = shortest.TrimStart('-');
        var exponentAt = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = exponentAt < 0 ? 0 : int.Parse(text.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = exponentAt < 0 ? text : text[..exponentAt];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        exponent += (point < 0 ? mantissa.Length : point) - 1;
        var all = point < 0 ? mantissa : mantissa.Remove(point, 1);
        var digits = all.TrimStart('0');
        exponent -= all.Length - digits.Length;
        digits = digits.TrimEnd('0');
        return digits.Length == 0 ? ("0", 0) : (digits, exponent);
    }

    private static ReadOnlySpan<char> SkipSign(ReadOnlySpan<char> text) => text is ['+' or '-', ..] ? text[1..] : text;

    private static int SkipDigits(ref ReadOnlySpan<char> text)
    {
        var count = text.IndexOfAnyExceptInRange('0', '9');
        count = count < 0 ? text.Length : count;
        text = text[count..];
        return count;
    }
}
