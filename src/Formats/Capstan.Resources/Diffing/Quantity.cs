using System.Buffers;
using System.Globalization;
using System.Numerics;

namespace Capstan.Resources;

/// <summary>
/// A Kubernetes quantity: <c>100m</c>, <c>1.5</c>, <c>1Gi</c>, <c>2e3</c>. Values are exact to a billionth, rounded away from zero beyond it;
/// the largest is 2^63-1.
/// </summary>
public readonly record struct Quantity : IComparable<Quantity>
{
    // No sensible quantity is longer; the limit keeps the arithmetic of hostile ones small.
    private const int LongestText = 64;
    private const int LargestExponent = 30;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");
    private static readonly BigInteger Nano = BigInteger.Pow(10, 9);
    private static readonly BigInteger Largest = new BigInteger(long.MaxValue) * Nano;

    private Quantity(BigInteger billionths) => Billionths = billionths;

    /// <summary>The value in billionths.</summary>
    public BigInteger Billionths { get; }

    /// <summary>Reads a quantity.</summary>
    /// <returns>False when the text is none, or is out of range.</returns>
    public static bool TryParse(string? text, out Quantity quantity)
    {
        quantity = default;
        if (text is null or "" || text.Length > LongestText)
        {
            return false;
        }

        var negative = text[0] == '-';
        var number = text.AsSpan(text[0] is '-' or '+' ? 1 : 0);
        var end = number.IndexOfAnyExcept(Digits);
        var (digits, suffix) = end < 0 ? (number.ToString(), "") : (number[..end].ToString(), number[end..].ToString());
        if (!TryDigits(digits, out var mantissa, out var fraction) || !TrySuffix(suffix, out var ten, out var two))
        {
            return false;
        }

        var billionths = Scale(mantissa << two, ten - fraction + 9);
        if (billionths > Largest)
        {
            return false;
        }

        quantity = new Quantity(negative ? -billionths : billionths);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(Quantity other) => Billionths.CompareTo(other.Billionths);

    /// <summary>Orders by value.</summary>
    public static bool operator <(Quantity left, Quantity right) => left.CompareTo(right) < 0;

    /// <summary>Orders by value.</summary>
    public static bool operator >(Quantity left, Quantity right) => left.CompareTo(right) > 0;

    /// <summary>Orders by value.</summary>
    public static bool operator <=(Quantity left, Quantity right) => left.CompareTo(right) <= 0;

    /// <summary>Orders by value.</summary>
    public static bool operator >=(Quantity left, Quantity right) => left.CompareTo(right) >= 0;

    private static bool TryDigits(string digits, out BigInteger mantissa, out int fraction)
    {
        var point = digits.IndexOf('.', StringComparison.Ordinal);
        fraction = point < 0 ? 0 : digits.Length - point - 1;
        var all = point < 0 ? digits : digits.Remove(point, 1);
        mantissa = BigInteger.Zero;
        return all.Length > 0 && !all.Contains('.', StringComparison.Ordinal)
            && BigInteger.TryParse(all, NumberStyles.None, CultureInfo.InvariantCulture, out mantissa);
    }

    private static bool TrySuffix(string suffix, out int ten, out int two)
    {
        (ten, two) = (0, 0);
        switch (suffix)
        {
            case "":
                return true;
            case "n" or "u" or "m":
                ten = suffix == "n" ? -9 : suffix == "u" ? -6 : -3;
                return true;
            case "k" or "M" or "G" or "T" or "P" or "E":
                ten = 3 * ("kMGTPE".IndexOf(suffix[0], StringComparison.Ordinal) + 1);
                return true;
            case "Ki" or "Mi" or "Gi" or "Ti" or "Pi" or "Ei":
                two = 10 * ("KMGTPE".IndexOf(suffix[0], StringComparison.Ordinal) + 1);
                return true;
            default:
                return suffix[0] is 'e' or 'E' && int.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out ten)
                    && ten is >= -LargestExponent and <= LargestExponent;
        }
    }

    private static BigInteger Scale(BigInteger value, int ten)
    {
        if (ten >= 0)
        {
            return value * BigInteger.Pow(10, ten);
        }

        var quotient = BigInteger.DivRem(value, BigInteger.Pow(10, -ten), out var rest);
        return rest.IsZero ? quotient : quotient + 1;
    }
}
