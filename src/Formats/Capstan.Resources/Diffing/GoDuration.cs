using System.Buffers;
using System.Globalization;

namespace Capstan.Resources;

/// <summary>Durations as Go writes them: <c>1h30m</c>, <c>1.5s</c>, <c>-100ms</c>. Within the 292 years that Go can hold.</summary>
public static class GoDuration
{
    private const int LongestText = 64;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>Reads a duration in nanoseconds.</summary>
    /// <returns>False when the text is none, or is out of range.</returns>
    public static bool TryParse(string? text, out long nanoseconds)
    {
        nanoseconds = 0;
        if (text is null or "" || text.Length > LongestText)
        {
            return false;
        }

        var negative = text[0] == '-';
        var rest = text.AsSpan(text[0] is '-' or '+' ? 1 : 0);
        if (rest is "0")
        {
            return true;
        }

        decimal total = 0;
        var any = false;
        while (rest.Length > 0)
        {
            if (!TryStep(ref rest, out var step) || (total += step) > long.MaxValue)
            {
                return false;
            }

            any = true;
        }

        nanoseconds = (long)(negative ? -total : total);
        return any;
    }

    private static bool TryStep(ref ReadOnlySpan<char> rest, out decimal nanoseconds)
    {
        nanoseconds = 0;
        var digits = rest.IndexOfAnyExcept(Digits);
        if (digits is <= 0 or > 20
            || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var unit = rest[digits..];
        var length = unit.IndexOfAny(Digits);
        unit = length < 0 ? unit : unit[..length];
        rest = rest[(digits + unit.Length)..];
        decimal? factor = unit switch
        {
            "ns" => 1,
            "us" or "µs" or "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => null,
        };
        if (factor is null || number > long.MaxValue / factor.Value)
        {
            return false;
        }

        nanoseconds = decimal.Truncate(number * factor.Value);
        return true;
    }
}
