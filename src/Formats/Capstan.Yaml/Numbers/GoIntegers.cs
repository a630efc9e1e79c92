using System.Globalization;

namespace Capstan.Yaml;

/// <summary>Integers as Go's strconv reads them with base 0: the prefix tells the base, and a leading zero means octal.</summary>
internal static class GoIntegers
{
    /// <summary>Reads an integer of 64 bits, signed or unsigned.</summary>
    /// <param name="text">The text, underscores taken out.</param>
    /// <param name="canonical">The value in decimal digits.</param>
    public static bool TryParse(string text, out string canonical)
    {
        canonical = "";
        var rest = text.AsSpan();
        var signed = rest.Length > 0 && rest[0] is '+' or '-';
        var negative = signed && rest[0] == '-';
        rest = signed ? rest[1..] : rest;

        // go-yaml tries what follows 0b once more by itself, and so a sign may stand there.
        if (!signed && rest.StartsWith("0b") && rest.Length > 3 && rest[2] is '+' or '-')
        {
            return TryMagnitude(rest[3..], 2, out var odd) && Canonical(odd, rest[2] == '-', signed: true, out canonical);
        }

        var numberBase = Base(ref rest);
        return TryMagnitude(rest, numberBase, out var magnitude) && Canonical(magnitude, negative, signed, out canonical);
    }

    private static int Base(ref ReadOnlySpan<char> digits)
    {
        if (digits.Length < 2 || digits[0] != '0')
        {
            return 10;
        }

        var numberBase = (digits[1] | 0x20) switch
        {
            'x' => 16,
            'o' => 8,
            'b' => 2,
            _ => 0,
        };
        digits = numberBase == 0 ? digits[1..] : digits[2..];
        return numberBase == 0 ? 8 : numberBase;
    }

    private static bool TryMagnitude(ReadOnlySpan<char> digits, int numberBase, out ulong magnitude)
    {
        magnitude = 0;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? int.Parse([c], NumberStyles.HexNumber, CultureInfo.InvariantCulture) : 99;
            if (digit >= numberBase)
            {
                return false;
            }

            var next = ((UInt128)magnitude * (uint)numberBase) + (uint)digit;
            if (next > ulong.MaxValue)
            {
                return false;
            }

            magnitude = (ulong)next;
        }

        return digits.Length > 0;
    }

    // A sign, also a plus, keeps the value within the signed range.
    private static bool Canonical(ulong magnitude, bool negative, bool signed, out string canonical)
    {
        var limit = signed ? (ulong)long.MaxValue + (negative ? 1u : 0u) : ulong.MaxValue;
        var digits = magnitude.ToString(CultureInfo.InvariantCulture);
        canonical = negative && magnitude != 0 ? "-" + digits : digits;
        return magnitude <= limit;
    }
}
