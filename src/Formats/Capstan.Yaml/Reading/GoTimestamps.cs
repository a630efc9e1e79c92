namespace Capstan.Yaml;

/// <summary>
/// Recognises the timestamps of go-yaml 2. They stay strings when read, but a string that looks like one is quoted when written.
/// </summary>
internal static class GoTimestamps
{
    /// <summary>Whether the text is a date, a date and time with a blank, or a date and time with <c>T</c> and a zone.</summary>
    public static bool IsTimestamp(ReadOnlySpan<char> text)
    {
        if (text.Length < 8 || text[4] != '-' || !TakeDigits(ref text, 4, 4, out var year) || !Take(ref text, '-')
            || !TakeDigits(ref text, 1, 2, out var month) || !Take(ref text, '-') || !TakeDigits(ref text, 1, 2, out var day)
            || month is < 1 or > 12 || day < 1 || day > DaysInMonth(year, month))
        {
            return false;
        }

        if (text.IsEmpty)
        {
            return true;
        }

        var zoned = text[0] is 'T' or 't';
        if (!zoned && text[0] != ' ')
        {
            return false;
        }

        text = text[1..];
        return TakeTime(ref text) && (zoned ? IsZone(text) : text.IsEmpty);
    }

    /// <summary>A timestamp as Go's encoding/json writes the time it stands for: <c>2020-1-2</c> is <c>2020-01-02T00:00:00Z</c>.</summary>
    public static string ToRfc3339(string text)
    {
        var rest = text.AsSpan();
        TakeDigits(ref rest, 4, 4, out var year);
        Take(ref rest, '-');
        TakeDigits(ref rest, 1, 2, out var month);
        Take(ref rest, '-');
        TakeDigits(ref rest, 1, 2, out var day);
        int hour = 0, minute = 0, second = 0;
        var fraction = "";
        if (!rest.IsEmpty)
        {
            rest = rest[1..];
            TakeDigits(ref rest, 1, 2, out hour);
            Take(ref rest, ':');
            TakeDigits(ref rest, 1, 2, out minute);
            Take(ref rest, ':');
            TakeDigits(ref rest, 1, 2, out second);
            if (rest is ['.' or ',', ..])
            {
                var end = rest[1..].IndexOfAnyExceptInRange('0', '9') is var at and >= 0 ? at + 1 : rest.Length;

                // Go keeps nine digits.
                fraction = rest[1..Math.Min(end, 10)].TrimEnd('0').ToString();
                rest = rest[end..];
            }
        }

        var zone = rest.IsEmpty || rest is "+00:00" or "-00:00" ? "Z" : rest.ToString();
        return $"{year:D4}-{month:D2}-{day:D2}T{hour:D2}:{minute:D2}:{second:D2}{(fraction.Length > 0 ? "." + fraction : "")}{zone}";
    }

    private static bool TakeTime(ref ReadOnlySpan<char> text)
    {
        // Go's layout "15" takes one or two digits, as "4" and "5" do.
        if (!TakeDigits(ref text, 1, 2, out var hour) || !Take(ref text, ':') || !TakeDigits(ref text, 1, 2, out var minute)
            || !Take(ref text, ':') || !TakeDigits(ref text, 1, 2, out var second) || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        if (text is ['.' or ',', >= '0' and <= '9', ..])
        {
            text = text[1..];
            var digits = text.IndexOfAnyExceptInRange('0', '9');
            text = digits < 0 ? [] : text[digits..];
        }

        return true;
    }

    private static bool IsZone(ReadOnlySpan<char> text)
    {
        if (text is ['Z'])
        {
            return true;
        }

        return text is ['+' or '-', _, _, ':', _, _]
            && int.TryParse(text[1..3], System.Globalization.NumberStyles.None, null, out var hours) && hours <= 24
            && int.TryParse(text[4..6], System.Globalization.NumberStyles.None, null, out var minutes) && minutes <= 60;
    }

    private static int DaysInMonth(int year, int month) => year == 0 ? DateTime.DaysInMonth(4, month) : DateTime.DaysInMonth(year, month);

    private static bool Take(ref ReadOnlySpan<char> text, char expected)
    {
        if (text.IsEmpty || text[0] != expected)
        {
            return false;
        }

        text = text[1..];
        return true;
    }

    private static bool TakeDigits(ref ReadOnlySpan<char> text, int least, int most, out int number)
    {
        number = 0;
        var count = 0;
        while (count < most && count < text.Length && char.IsAsciiDigit(text[count]))
        {
            number = (number * 10) + (text[count] - '0');
            count++;
        }

        text = text[count..];
        return count >= least;
    }
}
