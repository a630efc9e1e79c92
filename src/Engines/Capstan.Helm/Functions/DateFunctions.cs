using System.Globalization;
using Capstan.GoTemplates;
using Capstan.Helm.Time;
using Capstan.Scalars;
using static Capstan.Helm.Functions.FunctionTable;

namespace Capstan.Helm.Functions;

/// <summary>Dates and durations.</summary>
internal static class DateFunctions
{
    private const long Nanosecond = 1;
    private const long Second = 1_000_000_000 * Nanosecond;

    public static readonly GoFunction[] All =
    [
        Of("now", [], static (call, _) => Now(call)),
        Of("ago", [GoType.Any], static (call, a) => Ago(call, a[0])),
        Of("date", [GoType.String, GoType.Any], static (call, a) => Format(call, a.Text(0), a[1], "Local")),
        Of("date_in_zone", [GoType.String, GoType.Any, GoType.String], static (call, a) => Format(call, a.Text(0), a[1], a.Text(2))),
        Of("dateInZone", [GoType.String, GoType.Any, GoType.String], static (call, a) => Format(call, a.Text(0), a[1], a.Text(2))),
        Of("htmlDate", [GoType.Any], static (call, a) => Format(call, "2006-01-02", a[0], "Local")),
        Of("htmlDateInZone", [GoType.Any, GoType.String], static (call, a) => Format(call, "2006-01-02", a[0], a.Text(1))),
        Of("date_modify", [GoType.String, GoTime.GoTypeOf], static (_, a) => Modify(a, must: false)),
        Of("dateModify", [GoType.String, GoTime.GoTypeOf], static (_, a) => Modify(a, must: false)),
        Of("must_date_modify", [GoType.String, GoTime.GoTypeOf], static (_, a) => Modify(a, must: true)),
        Of("mustDateModify", [GoType.String, GoTime.GoTypeOf], static (_, a) => Modify(a, must: true)),
        Of("duration", [GoType.Any], static (_, a) => new DurationValue(unchecked(Seconds(a[0]) * Second)).Text),
        Of("durationRound", [GoType.Any], static (call, a) => Rounded(call, a[0])),
        Of("toDate", [GoType.String, GoType.String], static (_, a) => ToDate(a, must: false)),
        Of("mustToDate", [GoType.String, GoType.String], static (_, a) => ToDate(a, must: true)),
        Of("unixEpoch", [GoTime.GoTypeOf], static (_, a) => ((GoTime)a[0]!).Value.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
    ];

    private static GoTime Now(TemplateCall call) => new GoTime(call.Budget.Time.GetUtcNow()).In(TimeZoneInfo.Local);

    private static GoTime At(TemplateCall call, object? value) => value switch
    {
        GoTime time => time,
        long or nint or int => FromUnix(GoValues.TryGetInteger(value, out var seconds) ? seconds : 0),
        _ => Now(call),
    };

    private static GoTime FromUnix(long seconds) => new(DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, -62135596800, 253402300799)));

    private static string Format(TemplateCall call, string layout, object? value, string zone)
    {
        var info = zone switch
        {
            "Local" => TimeZoneInfo.Local,
            "" or "UTC" => TimeZoneInfo.Utc,
            _ => TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? found : TimeZoneInfo.Utc,
        };
        return TimeLayout.Format(At(call, value).In(info), layout);
    }

    private static GoTime Modify(object?[] a, bool must)
    {
        var time = (GoTime)a[1]!;
        if (GoDuration.TryParse(a.Text(0), out var added, out var problem))
        {
            return new GoTime(time.Value.AddTicks(added / 100), time.Zone);
        }

        return must ? throw new GoException("time: " + problem) : time;
    }

    private static string Ago(TemplateCall call, object? value)
    {
        var passed = call.Budget.Time.GetUtcNow() - At(call, value).Value;
        return new DurationValue((long)Math.Round(passed.TotalSeconds, MidpointRounding.AwayFromZero) * Second).Text;
    }

    private static long Seconds(object? value) => value switch
    {
        string text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) ? seconds : 0,
        long seconds => seconds,
        _ => 0,
    };

    private static string Rounded(TemplateCall call, object? value)
    {
        var nanoseconds = value switch
        {
            string text => GoDuration.TryParse(text, out var read) ? read : 0,
            long number => number,
            GoTime time => (call.Budget.Time.GetUtcNow() - time.Value).Ticks * 100,
            _ => 0,
        };
        var left = nanoseconds < 0 ? unchecked((ulong)-nanoseconds) : (ulong)nanoseconds;
        (ulong Length, string Name)[] units =
        [
            (365 * 24 * 3600, "y"), (30 * 24 * 3600, "mo"), (24 * 3600, "d"), (3600, "h"), (60, "m"), (1, "s"),
        ];
        foreach (var (length, name) in units)
        {
            if (left > length * Second)
            {
                return (left / (length * Second)).ToString(CultureInfo.InvariantCulture) + name;
            }
        }

        return "0s";
    }

    private static GoTime ToDate(object?[] a, bool must)
    {
        try
        {
            return TimeLayout.Parse(a.Text(0), a.Text(1), TimeZoneInfo.Local);
        }
        catch (GoException) when (!must)
        {
            return new GoTime(DateTimeOffset.MinValue);
        }
    }
}
