using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Capstan.Scalars;

/// <summary>Durations as Go writes them: <c>1h30m</c>, <c>1.5s</c>, <c>-100ms</c>. In nanoseconds, within the 292 years that Go can hold.</summary>
public static class GoDuration
{
    private const long Second = 1_000_000_000;

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>Reads a duration.</summary>
    public static bool TryParse(string? text, out long nanoseconds) => TryParse(text, out nanoseconds, out _);

    /// <summary>Reads a duration.</summary>
    /// <param name="text">The text.</param>
    /// <param name="nanoseconds">The duration.</param>
    /// <param name="problem">Why the text is none or is out of range, in the words of Go's <c>time.ParseDuration</c>.</param>
    public static bool TryParse(string? text, out long nanoseconds, [NotNullWhen(false)] out string? problem)
    {
        (nanoseconds, problem) = (0, null);
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            return true;
        }

        decimal total = 0;
        problem = rest.IsEmpty ? "invalid duration " + Quoted(text) : null;
        while (problem is null && !rest.IsEmpty)
        {
            problem = TakeStep(ref rest, text, ref total);
        }

        nanoseconds = problem is null ? (long)(negative ? -total : total) : 0;
        return problem is null;
    }

    /// <summary>Writes a duration as Go's <c>Duration.String</c> does.</summary>
    public static string Format(long nanoseconds)
    {
        if (nanoseconds == 0)
        {
            return "0s";
        }

        var sign = nanoseconds < 0 ? "-" : "";
        var left = nanoseconds < 0 ? unchecked((ulong)-nanoseconds) : (ulong)nanoseconds;
        if (left < Second)
        {
            var (unit, name) = left < 1_000 ? (1m, "ns") : left < 1_000_000 ? (1_000m, "µs") : (1_000_000m, "ms");
            return sign + (left / unit).ToString("0.######", CultureInfo.InvariantCulture) + name;
        }

        var minutes = left / (60 * Second);
        var text = ((decimal)(left % (60 * Second)) / Second).ToString("0.#########", CultureInfo.InvariantCulture) + "s";
        if (minutes > 0)
        {
            text = $"{minutes % 60}m{text}";
            text = minutes >= 60 ? $"{minutes / 60}h{text}" : text;
        }

        return sign + text;
    }

    // One number with its unit.
    private static string? TakeStep(ref ReadOnlySpan<char> rest, string? text, ref decimal total)
    {
        var whole = CountDigits(rest);
        var point = whole < rest.Length && rest[whole] == '.' ? 1 : 0;
        var fraction = point == 0 ? 0 : CountDigits(rest[(whole + 1)..]);
        if (whole + fraction == 0
            || !decimal.TryParse(rest[..(whole + point + fraction)], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return "invalid duration " + Quoted(text);
        }

        rest = rest[(whole + point + fraction)..];
        var length = rest.IndexOfAny(NumberCharacters);
        var unit = length < 0 ? rest : rest[..length];
        if (unit.IsEmpty)
        {
            return "missing unit in duration " + Quoted(text);
        }

        long scale = unit switch
        {
            "ns" => 1,
            "us" or "µs" or "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => Second,
            "m" => 60 * Second,
            "h" => 3600 * Second,
            _ => 0,
        };
        if (scale == 0)
        {
            return $"unknown unit {Quoted(unit.ToString())} in duration {Quoted(text)}";
        }

        rest = rest[unit.Length..];
        if (number > long.MaxValue / scale || (total += decimal.Truncate(number * scale)) > long.MaxValue)
        {
            return "invalid duration " + Quoted(text);
        }

        return null;
    }

    private static int CountDigits(ReadOnlySpan<char> text)
    {
        var length = text.IndexOfAnyExceptInRange('0', '9');
        return length < 0 ? text.Length : length;
    }

    // Go's time package quotes in its own way: what is no printable ASCII goes byte by byte.
    private static string Quoted(string? text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var value in Encoding.UTF8.GetBytes(text ?? ""))
        {
            _ = value is < 0x20 or >= 0x80 ? quoted.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}")
                : value is (byte)'"' or (byte)'\\' ? quoted.Append('\\').Append((char)value)
                : quoted.Append((char)value);
        }

        return quoted.Append('"').ToString();
    }
}
