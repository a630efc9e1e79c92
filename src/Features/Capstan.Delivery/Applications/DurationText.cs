using System.Buffers;
using System.Globalization;

namespace Capstan.Delivery.Applications;

/// <summary>Durations as Go writes them: <c>1h30m</c>, <c>5s</c>, <c>100ms</c>.</summary>
internal static class DurationText
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private static readonly (string Unit, double Seconds)[] Units =
        [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("h", 3600), ("m", 60), ("s", 1)];

    /// <summary>Reads a duration that is not negative and at most a year; anything else is refused rather than wrapped around.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var rest = text.AsSpan();
        if (rest.SequenceEqual("0"))
        {
            return true;
        }

        double seconds = 0;
        if (rest.IsEmpty)
        {
            return false;
        }

        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(NumberCharacters);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            if (!TakeUnit(ref rest, out var unit))
            {
                return false;
            }

            seconds += number * unit;
        }

        if (!double.IsFinite(seconds) || seconds > TimeSpan.FromDays(366).TotalSeconds)
        {
            return false;
        }

        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }

    private static bool TakeUnit(ref ReadOnlySpan<char> rest, out double seconds)
    {
        foreach (var (unit, value) in Units)
        {
            if (rest.StartsWith(unit, StringComparison.Ordinal))
            {
                rest = rest[unit.Length..];
                seconds = value;
                return true;
            }
        }

        seconds = 0;
        return false;
    }
}
