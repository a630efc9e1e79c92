using System.Globalization;
using System.Text;
using Capstan.GoTemplates;

namespace Capstan.Helm.Time;

/// <summary>Go's layouts: a time written as the reference time Mon Jan 2 15:04:05 MST 2006 would be.</summary>
internal static class TimeLayout
{
    public static readonly string[] Months =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    public static readonly string[] Days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

    // Longest first, so that 2006 is not read as 2 and 006.
    private static readonly string[] Elements =
    [
        "January", "Jan", "Monday", "Mon", "MST", "2006", "-07:00:00", "-070000", "-07:00", "-0700", "-07", "Z07:00:00", "Z070000", "Z07:00",
        "Z0700", "Z07", "002", "__2", "_2", "01", "02", "03", "04", "05", "06", "15", "PM", "pm", "1", "2", "3", "4", "5",
    ];

    /// <summary>Writes a time.</summary>
    public static string Format(GoTime time, string layout)
    {
        var output = new StringBuilder(layout.Length + 8);
        for (var i = 0; i < layout.Length;)
        {
            var element = ElementAt(layout, i);
            if (element.Length == 0)
            {
                output.Append(layout[i++]);
                continue;
            }

            output.Append(Element(time, element));
            i += element.Length;
        }

        return output.ToString();
    }

    /// <summary>Reads a time.</summary>
    /// <exception cref="GoException">The text does not follow the layout.</exception>
    public static GoTime Parse(string layout, string text, TimeZoneInfo local)
    {
        var fields = new TimeFields();
        var at = 0;
        for (var i = 0; i < layout.Length;)
        {
            var element = ElementAt(layout, i);
            if (element.Length == 0)
            {
                if (layout[i] == ' ')
                {
                    while (at < text.Length && text[at] == ' ')
                    {
                        at++;
                    }

                    i++;
                    continue;
                }

                if (at >= text.Length || text[at] != layout[i])
                {
                    throw Cannot(layout, text, text[Math.Min(at, text.Length)..], layout[i..]);
                }

                at++;
                i++;
                continue;
            }

            if (!fields.Read(element, text, ref at))
            {
                throw Cannot(layout, text, text[Math.Min(at, text.Length)..], element);
            }

            i += element.Length;
        }

        if (at < text.Length)
        {
            throw new GoException($"parsing time {GoQuote.Quote(text)}: extra text: {GoQuote.Quote(text[at..])}");
        }

        return fields.ToTime(local) ?? throw new GoException($"parsing time {GoQuote.Quote(text)}: day out of range");
    }

    /// <summary>What the zone is called at a time: letters where they are known, else the offset.</summary>
    public static string Abbreviation(TimeZoneInfo zone, DateTimeOffset time)
    {
        if (zone.BaseUtcOffset == TimeSpan.Zero && !zone.SupportsDaylightSavingTime)
        {
            return "UTC";
        }

        var summer = zone.IsDaylightSavingTime(time);
        return (zone.Id, summer) switch
        {
            ("Europe/London", true) => "BST",
            ("Europe/London", false) => "GMT",
            ("America/New_York", true) => "EDT",
            ("America/New_York", false) => "EST",
            ("America/Chicago", true) => "CDT",
            ("America/Chicago", false) => "CST",
            ("America/Denver", true) => "MDT",
            ("America/Denver", false) => "MST",
            ("America/Los_Angeles", true) => "PDT",
            ("America/Los_Angeles", false) => "PST",
            ("Asia/Tokyo", _) => "JST",
            ("Asia/Kolkata", _) => "IST",
            ("Asia/Shanghai", _) => "CST",
            (_, true) when zone.Id.StartsWith("Europe/", StringComparison.Ordinal) && time.Offset == TimeSpan.FromHours(2) => "CEST",
            (_, false) when zone.Id.StartsWith("Europe/", StringComparison.Ordinal) && time.Offset == TimeSpan.FromHours(1) => "CET",
            _ => Offset(time.Offset, ""),
        };
    }

    // A fraction of a second follows a dot or comma: ".000" or ".999".
    private static string ElementAt(string layout, int at)
    {
        if (layout[at] is '.' or ',' && at + 1 < layout.Length && layout[at + 1] is '0' or '9')
        {
            var digit = layout[at + 1];
            var end = at + 1;
            while (end < layout.Length && layout[end] == digit)
            {
                end++;
            }

            if (end == layout.Length || !char.IsAsciiDigit(layout[end]))
            {
                return layout[at..end];
            }
        }

        foreach (var element in Elements)
        {
            if (string.CompareOrdinal(layout, at, element, 0, element.Length) != 0)
            {
                continue;
            }

            // "Janet" is no month, and "_2006" is an underscore and a year.
            if (element == "Jan" && at + 3 < layout.Length && char.IsAsciiLetterLower(layout[at + 3]))
            {
                continue;
            }

            if (element == "Mon" && at + 3 < layout.Length && char.IsAsciiLetterLower(layout[at + 3]))
            {
                continue;
            }

            if (element == "_2" && string.CompareOrdinal(layout, at, "_2006", 0, 5) == 0)
            {
                return "";
            }

            return element;
        }

        return "";
    }

    private static string Element(GoTime time, string element)
    {
        var value = time.Value;
        var hour12 = value.Hour % 12 == 0 ? 12 : value.Hour % 12;
        return element switch
        {
            "January" => Months[value.Month - 1],
            "Jan" => Months[value.Month - 1][..3],
            "Monday" => Days[(int)value.DayOfWeek],
            "Mon" => Days[(int)value.DayOfWeek][..3],
            "MST" => time.Zone,
            "2006" => value.Year.ToString("0000", CultureInfo.InvariantCulture),
            "06" => (value.Year % 100).ToString("00", CultureInfo.InvariantCulture),
            "01" => value.Month.ToString("00", CultureInfo.InvariantCulture),
            "1" => value.Month.ToString(CultureInfo.InvariantCulture),
            "02" => value.Day.ToString("00", CultureInfo.InvariantCulture),
            "_2" => value.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
            "2" => value.Day.ToString(CultureInfo.InvariantCulture),
            "002" => value.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
            "__2" => value.DayOfYear.ToString(CultureInfo.InvariantCulture).PadLeft(3),
            "15" => value.Hour.ToString("00", CultureInfo.InvariantCulture),
            "03" => hour12.ToString("00", CultureInfo.InvariantCulture),
            "3" => hour12.ToString(CultureInfo.InvariantCulture),
            "04" => value.Minute.ToString("00", CultureInfo.InvariantCulture),
            "4" => value.Minute.ToString(CultureInfo.InvariantCulture),
            "05" => value.Second.ToString("00", CultureInfo.InvariantCulture),
            "5" => value.Second.ToString(CultureInfo.InvariantCulture),
            "PM" => value.Hour < 12 ? "AM" : "PM",
            "pm" => value.Hour < 12 ? "am" : "pm",
            _ when element[0] is '.' or ',' => Fraction(value, element),
            _ when element[0] == 'Z' && value.Offset == TimeSpan.Zero => "Z",
            _ => Offset(value.Offset, element),
        };
    }

    private static string Fraction(DateTimeOffset value, string element)
    {
        var digits = (value.Ticks % TimeSpan.TicksPerSecond * 100).ToString("000000000", CultureInfo.InvariantCulture);
        var kept = digits[..Math.Min(element.Length - 1, 9)];
        if (element[1] == '0')
        {
            return element[0] + kept;
        }

        kept = kept.TrimEnd('0');
        return kept.Length == 0 ? "" : element[0] + kept;
    }

    private static string Offset(TimeSpan offset, string element)
    {
        var sign = offset < TimeSpan.Zero ? '-' : '+';
        var (hours, minutes) = (Math.Abs(offset.Hours), Math.Abs(offset.Minutes));
        return element.TrimStart('Z', '-') switch
        {
            "07:00:00" => $"{sign}{hours:00}:{minutes:00}:{Math.Abs(offset.Seconds):00}",
            "070000" => $"{sign}{hours:00}{minutes:00}{Math.Abs(offset.Seconds):00}",
            "07:00" => $"{sign}{hours:00}:{minutes:00}",
            "0700" => $"{sign}{hours:00}{minutes:00}",
            "07" => $"{sign}{hours:00}",
            _ => minutes == 0 ? $"{sign}{hours:00}" : $"{sign}{hours:00}{minutes:00}",
        };
    }

    private static GoException Cannot(string layout, string text, string rest, string element) =>
        new($"parsing time {GoQuote.Quote(text)} as {GoQuote.Quote(layout)}: cannot parse {GoQuote.Quote(rest)} as {GoQuote.Quote(element)}");
}
