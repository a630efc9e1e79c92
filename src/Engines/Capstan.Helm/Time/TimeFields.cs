using System.Globalization;

namespace Capstan.Helm.Time;

/// <summary>What was read of a time so far.</summary>
internal sealed class TimeFields
{
    private int _year;
    private int _month = 1;
    private int _day = 1;
    private int? _yearDay;
    private int _hour;
    private int _minute;
    private int _second;
    private long _ticks;
    private bool? _afternoon;
    private TimeSpan? _offset;
    private string? _zone;

    /// <summary>Reads one element of a layout.</summary>
    public bool Read(string element, string text, ref int at)
    {
        switch (element)
        {
            case "January":
                return Name(TimeLayout.Months, text, ref at, whole: true, out _month, 1);
            case "Jan":
                return Name(TimeLayout.Months, text, ref at, whole: false, out _month, 1);
            case "Monday":
                return Name(TimeLayout.Days, text, ref at, whole: true, out _, 0);
            case "Mon":
                return Name(TimeLayout.Days, text, ref at, whole: false, out _, 0);
            case "MST":
                return ZoneName(text, ref at);
            case "2006":
                return Number(text, ref at, 4, 4, out _year);
            case "06":
                var read = Number(text, ref at, 2, 2, out _year);
                _year += _year >= 69 ? 1900 : 2000;
                return read;
            case "01" or "1":
                return Number(text, ref at, element.Length, 2, out _month) && _month is >= 1 and <= 12;
            case "02" or "_2" or "2":
                SkipSpace(element, text, ref at);
                return Number(text, ref at, element == "02" ? 2 : 1, 2, out _day);
            case "002" or "__2":
                SkipSpace(element, text, ref at);
                var ok = Number(text, ref at, 1, 3, out var yearDay);
                _yearDay = yearDay;
                return ok;
            case "15":
                return Number(text, ref at, 2, 2, out _hour) && _hour < 24;
            case "03" or "3":
                return Number(text, ref at, element.Length, 2, out _hour) && _hour <= 12;
            case "04" or "4":
                return Number(text, ref at, element.Length, 2, out _minute) && _minute < 60;
            case "05" or "5":
                var seconds = Number(text, ref at, element.Length, 2, out _second) && _second < 60;

                // A fraction may follow the seconds even when the layout has none.
                if (seconds && at + 1 < text.Length && text[at] is '.' or ',' && char.IsAsciiDigit(text[at + 1]))
                {
                    Fraction(text, ref at);
                }

                return seconds;
            case "PM" or "pm":
                if (at + 2 > text.Length)
                {
                    return false;
                }

                var half = text.Substring(at, 2);
                at += 2;
                _afternoon = half.Equals("PM", StringComparison.OrdinalIgnoreCase);
                return _afternoon.Value || half.Equals("AM", StringComparison.OrdinalIgnoreCase);
        }

        if (element[0] is '.' or ',')
        {
            if (_ticks == 0 && at < text.Length && text[at] is '.' or ',')
            {
                Fraction(text, ref at);
            }

            return true;
        }

        return Offset(element, text, ref at);
    }

    /// <summary>The time that was read, or null when there is no such day.</summary>
    public GoTime? ToTime(TimeZoneInfo local)
    {
        if (_afternoon == true && _hour < 12)
        {
            _hour += 12;
        }
        else if (_afternoon == false && _hour == 12)
        {
            _hour = 0;
        }

        if (_year > 9999 || _day < 1 || _day > DateTime.DaysInMonth(Math.Max(_year, 1), _month))
        {
            return null;
        }

        // The year 0 of a time without a date is before what .NET can hold; year 1 is the nearest.
        var date = new DateTime(Math.Max(_year, 1), _month, _day, _hour, _minute, _second, DateTimeKind.Unspecified).AddTicks(_ticks);
        if (_yearDay is { } yearDay)
        {
            date = new DateTime(date.Year, 1, 1, date.Hour, date.Minute, date.Second, DateTimeKind.Unspecified).AddDays(yearDay - 1);
        }

        var offset = _offset ?? local.GetUtcOffset(date);
        var time = new DateTimeOffset(date, offset);
        var zone = _zone ?? (_offset is null ? TimeLayout.Abbreviation(local, time) : offset == TimeSpan.Zero ? "UTC" : "");
        return new GoTime(time, zone);
    }

    private static void SkipSpace(string element, string text, ref int at)
    {
        while (element[0] == '_' && at < text.Length && text[at] == ' ')
        {
            at++;
        }
    }

    private static bool Name(string[] names, string text, ref int at, bool whole, out int index, int first)
    {
        for (var i = 0; i < names.Length; i++)
        {
            var name = whole ? names[i] : names[i][..3];
            if (string.Compare(text, at, name, 0, name.Length, StringComparison.OrdinalIgnoreCase) == 0)
            {
                at += name.Length;
                index = i + first;
                return true;
            }
        }

        index = first;
        return false;
    }

    private static bool Number(string text, ref int at, int least, int most, out int number)
    {
        var end = at;
        while (end < text.Length && end - at < most && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        number = 0;
        if (end - at < least)
        {
            return false;
        }

        number = int.Parse(text.AsSpan(at, end - at), CultureInfo.InvariantCulture);
        at = end;
        return true;
    }

    private void Fraction(string text, ref int at)
    {
        var end = at + 1;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        var digits = text[(at + 1)..Math.Min(end, at + 8)].PadRight(7, '0');
        _ticks = long.Parse(digits, CultureInfo.InvariantCulture);
        at = end;
    }

    private bool ZoneName(string text, ref int at)
    {
        var end = at;
        while (end < text.Length && end - at < 5 && char.IsAsciiLetterUpper(text[end]))
        {
            end++;
        }

        if (end - at < 3)
        {
            return false;
        }

        _zone = text[at..end];
        _offset = _zone is "UTC" or "GMT" ? TimeSpan.Zero : _offset;
        at = end;
        return true;
    }

    private bool Offset(string element, string text, ref int at)
    {
        if (element[0] == 'Z' && at < text.Length && text[at] == 'Z')
        {
            at++;
            _offset = TimeSpan.Zero;
            return true;
        }

        if (at >= text.Length || text[at] is not ('+' or '-'))
        {
            return false;
        }

        var sign = text[at++] == '-' ? -1 : 1;
        if (!Number(text, ref at, 2, 2, out var hours))
        {
            return false;
        }

        var minutes = 0;
        if (element.Length > 3)
        {
            at += element.Contains(':', StringComparison.Ordinal) && at < text.Length && text[at] == ':' ? 1 : 0;
            if (!Number(text, ref at, 2, 2, out minutes))
            {
                return false;
            }
        }

        _offset = sign * new TimeSpan(hours, minutes, 0);
        return Math.Abs(_offset.Value.TotalHours) <= 14;
    }
}
