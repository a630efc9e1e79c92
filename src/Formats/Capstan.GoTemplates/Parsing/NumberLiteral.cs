using System.Globalization;
using System.Numerics;

namespace Capstan.GoTemplates;

/// <summary>A number as it stands in a template: an ideal constant that fits every Go type which can hold it.</summary>
internal sealed record NumberLiteral(string Text, long? Integer, ulong? Unsigned, double? Float, bool IsCharacter)
{
    /// <exception cref="GoException">The text is no number.</exception>
    public static NumberLiteral Parse(string text)
    {
        var integer = ParseInteger(text);
        if (integer is { } whole && whole >= long.MinValue && whole <= ulong.MaxValue)
        {
            return new NumberLiteral(
                text,
                whole <= long.MaxValue ? (long)whole : null,
                whole >= 0 ? (ulong)whole : null,
                (double)whole,
                IsCharacter: false);
        }

        if (text.EndsWith('i') || ParseFloat(text) is not { } number)
        {
            throw new GoException($"illegal number syntax: {GoQuote.Quote(text)}");
        }

        if (text.AsSpan().IndexOfAny(".eEpP") < 0)
        {
            throw new GoException($"integer overflow: {GoQuote.Quote(text)}");
        }

        return new NumberLiteral(
            text,
            number is >= long.MinValue and < 9.2233720368547758E18 && Math.Truncate(number) == number ? (long)number : null,
            number is >= 0 and < 1.8446744073709552E19 && Math.Truncate(number) == number ? (ulong)number : null,
            number,
            IsCharacter: false);
    }

    public static NumberLiteral Character(string text)
    {
        var value = GoQuote.UnquoteCharacter(text);
        return new NumberLiteral(text, value, (ulong)value, value, IsCharacter: true);
    }

    /// <summary>The value where the type is not known: an int, or a float when the text says so.</summary>
    /// <exception cref="GoException">The number fits no int.</exception>
    public object Ideal()
    {
        var hexadecimal = Text.Length > 2 && Text[0] == '0' && Text[1] is 'x' or 'X' && Text.AsSpan().IndexOfAny("pP") < 0;
        if (Float is { } number && !hexadecimal && !IsCharacter && Text.AsSpan().IndexOfAny(".eEpP") >= 0)
        {
            return number;
        }

        return Integer is { } integer ? GoValues.Int(integer) : throw new GoException($"{Text} overflows int");
    }

    // strconv.ParseInt with base 0: prefixes and underscores between digits.
    private static BigInteger? ParseInteger(string text)
    {
        var rest = text.AsSpan();
        var negative = false;
        if (rest.Length > 0 && rest[0] is '+' or '-')
        {
            negative = rest[0] == '-';
            rest = rest[1..];
        }

        var radix = 10;
        if (rest.Length > 1 && rest[0] == '0')
        {
            (radix, var skip) = rest[1] switch
            {
                'x' or 'X' => (16, 2),
                'o' or 'O' => (8, 2),
                'b' or 'B' => (2, 2),
                _ => (8, 1),
            };
            rest = rest[skip..];
        }

        if (rest.IsEmpty || rest.Length > 80 || rest[^1] == '_')
        {
            return null;
        }

        BigInteger value = 0;
        foreach (var c in rest)
        {
            if (c == '_')
            {
                continue;
            }

            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : 99;
            if (digit >= radix)
            {
                return null;
            }

            value = (value * radix) + digit;
        }

        return negative ? -value : value;
    }

    private static double? ParseFloat(string text)
    {
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        if (plain.AsSpan().IndexOfAny("xX") >= 0)
        {
            return ParseHexFloat(plain);
        }

        return double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
    }

    private static double? ParseHexFloat(string text)
    {
        var negative = text.StartsWith('-');
        var body = text.TrimStart('+', '-')[2..];
        var exponentAt = body.IndexOfAny(['p', 'P']);
        if (exponentAt < 0 || !int.TryParse(body.AsSpan(exponentAt + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent))
        {
            return null;
        }

        var mantissa = body[..exponentAt];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? mantissa : mantissa.Remove(point, 1);
        if (!BigInteger.TryParse("0" + digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return null;
        }

        var scale = exponent - (point < 0 ? 0 : 4 * (mantissa.Length - point - 1));
        var number = Math.ScaleB((double)value, scale);
        return negative ? -number : number;
    }
}
