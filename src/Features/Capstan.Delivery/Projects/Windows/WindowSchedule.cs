using System.Diagnostics.CodeAnalysis;
using Cronos;

namespace Capstan.Delivery.Projects.Windows;

/// <summary>
/// A schedule in the five fields of cron. Where both day of month and day of week are restricted either is enough, as in cron itself and in the
/// library that Argo CD uses (robfig/cron); Cronos alone would want both.
/// </summary>
internal sealed class WindowSchedule
{
    private readonly IReadOnlyList<CronExpression> _expressions;

    private WindowSchedule(string text, TimeZoneInfo zone, IReadOnlyList<CronExpression> expressions) => (Text, Zone, _expressions) = (text, zone, expressions);

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>In whose time it is meant.</summary>
    public TimeZoneInfo Zone { get; }

    public static bool TryParse(string text, string zone, [NotNullWhen(true)] out WindowSchedule? schedule, out string problem)
    {
        (schedule, problem) = (null, "");
        try
        {
            var place = zone.Length == 0 ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(zone);
            schedule = new WindowSchedule(text, place, [.. Alternatives(text).Select(static t => CronExpression.Parse(t))]);
            return true;
        }
        catch (CronFormatException error)
        {
            problem = $"\"{text}\" is no schedule: {error.Message}";
        }
        catch (Exception error) when (error is TimeZoneNotFoundException or InvalidTimeZoneException or System.Security.SecurityException)
        {
            problem = $"timeZone \"{zone}\" is not known; write it like Europe/Berlin";
        }

        return false;
    }

    /// <summary>The first time after another; null when there is none.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset time) =>
        _expressions.Select(e => e.GetNextOccurrence(time, Zone, inclusive: false)).Where(n => n is not null).Order().FirstOrDefault();

    private static IEnumerable<string> Alternatives(string text)
    {
        var fields = text.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (fields is not [var minute, var hour, var day, var month, var weekday] || day[0] is '*' or '?' || weekday[0] is '*' or '?')
        {
            return [text];
        }

        return [$"{minute} {hour} {day} {month} *", $"{minute} {hour} * {month} {weekday}"];
    }
}
