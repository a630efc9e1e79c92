using System.Globalization;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>
/// A schedule of a CronJob, with the meaning that Kubernetes gives it (robfig/cron, the standard parser): five fields, names, steps, macros
/// and <c>@every</c>; where both the day of the month and that of the week are restricted, either is enough.
/// </summary>
internal sealed class CronSchedule
{
    private const int MostYears = 5;

    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private readonly ulong _minutes;
    private readonly ulong _hours;
    private readonly ulong _days;
    private readonly ulong _months;
    private readonly ulong _weekdays;
    private readonly bool _anyDay;
    private readonly TimeSpan? _every;

    private CronSchedule(TimeSpan every) => _every = every;

    private CronSchedule(string[] fields)
    {
        _minutes = Field(fields[0], 0, 59, []);
        _hours = Field(fields[1], 0, 23, []);
        _days = Field(fields[2], 1, 31, []);
        _months = Field(fields[3], 1, 12, Months);
        _weekdays = Field(fields[4], 0, 7, Days);
        _weekdays = (_weekdays & 0x7f) | (_weekdays >> 7 & 1);
        _anyDay = fields[2] is ['*' or '?', ..] || fields[4] is ['*' or '?', ..];
    }

    /// <summary>Reads a schedule.</summary>
    /// <exception cref="FormatException">It is none; the message says why.</exception>
    public static CronSchedule Parse(string text)
    {
        text = text.Trim() switch
        {
            "@yearly" or "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" or "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            var other => other,
        };
        if (text.StartsWith("@every ", StringComparison.Ordinal))
        {
            return new CronSchedule(Every(text["@every ".Length..]));
        }

        var fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return fields.Length == 5 ? new CronSchedule(fields) : throw new FormatException($"expected exactly 5 fields, found {fields.Length}: [{string.Join(' ', fields)}]");
    }

    /// <summary>The first time after a moment, in the time zone of the schedule; null when there is none within some years.</summary>
    public DateTimeOffset? After(DateTimeOffset moment, TimeZoneInfo zone)
    {
        if (_every is { } every)
        {
            return new DateTimeOffset(moment.UtcTicks - moment.UtcTicks % TimeSpan.TicksPerSecond, TimeSpan.Zero) + every;
        }

        var local = TimeZoneInfo.ConvertTime(moment, zone).DateTime;
        local = new DateTime(local.Year, local.Month, local.Day, local.Hour, local.Minute, 0, DateTimeKind.Unspecified).AddMinutes(1);
        var end = local.AddYears(MostYears);
        while (local < end)
        {
            if (!Has(_months, local.Month))
            {
                local = new DateTime(local.Year, local.Month, 1, 0, 0, 0, DateTimeKind.Unspecified).AddMonths(1);
            }
            else if (!IsDay(local))
            {
                local = local.Date.AddDays(1);
            }
            else if (!Has(_hours, local.Hour))
            {
                local = local.Date.AddHours(local.Hour + 1);
            }
            else if (!Has(_minutes, local.Minute) || zone.IsInvalidTime(local))
            {
                local = local.AddMinutes(1);
            }
            else
            {
                return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
            }
        }

        return null;
    }

    private bool IsDay(DateTime at)
    {
        var (day, weekday) = (Has(_days, at.Day), Has(_weekdays, (int)at.DayOfWeek));
        return _anyDay ? day && weekday : day || weekday;
    }

    private static bool Has(ulong set, int value) => (set >> value & 1) == 1;

    private static ulong Field(string text, int least, int most, string[] names)
    {
        ulong set = 0;
        foreach (var part in text.Split(','))
        {
            var step = part.Split('/');
            var range = step[0];
            int from, to;
            if (range is "*" or "?")
            {
                (from, to) = (least, names.Length == Days.Length ? 6 : most);
            }
            else
            {
                var ends = range.Split('-');
                from = Number(ends[0], least, names);
                to = ends.Length > 1 ? Number(ends[1], least, names) : step.Length > 1 ? most : from;
            }

            var by = step.Length > 1 ? Number(step[1], 0, []) : 1;
            if (step.Length > 2 || by < 1 || from < least || to > most || from > to)
            {
                throw new FormatException($"failed to parse {text}: not between {least} and {most}, or no positive step");
            }

            for (var value = from; value <= to; value += by)
            {
                set |= 1UL << value;
            }
        }

        return set;
    }

    private static int Number(string text, int least, string[] names)
    {
        var name = Array.IndexOf(names, text.ToLowerInvariant());
        return name >= 0 ? name + least
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 64 ? number
            : throw new FormatException($"failed to parse int from {text}");
    }

    // Go's durations, as far as schedules use them: 1h30m.
    private static TimeSpan Every(string text)
    {
        var (total, number) = (TimeSpan.Zero, 0L);
        foreach (var letter in text)
        {
            if (char.IsAsciiDigit(letter) && number < 1_000_000)
            {
                number = number * 10 + letter - '0';
                continue;
            }

            total += letter switch
            {
                'h' => TimeSpan.FromHours(number),
                'm' => TimeSpan.FromMinutes(number),
                's' => TimeSpan.FromSeconds(number),
                _ => throw new FormatException($"failed to parse duration @every {text}"),
            };
            number = 0;
        }

        return total >= TimeSpan.FromSeconds(1) && number == 0 ? total : throw new FormatException($"failed to parse duration @every {text}");
    }
}
