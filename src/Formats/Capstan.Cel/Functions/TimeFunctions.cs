using System.Globalization;
using Capstan.Scalars;

namespace Capstan.Cel.Functions;

/// <summary>Points and spans of time.</summary>
internal static class TimeFunctions
{
    private static readonly CelFault TimeOverflow = new("timestamp overflow");
    private static readonly CelFault SpanOverflow = new("duration overflow");

    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
    ];

    public static readonly IReadOnlyList<CelFunction> All =
    [
        CelFunction.Global("timestamp", 1, (a, _) => a[0] switch
        {
            CelTimestamp => a[0],
            CelInt seconds => seconds.Value is >= -62135596800 and <= 253402300799 ? new CelTimestamp(DateTimeOffset.FromUnixTimeSeconds(seconds.Value)) : TimeOverflow,
            CelString text => ParseTime(text.Value) ?? (CelValue)new CelFault($"invalid timestamp \"{CelText.Show(text)}\""),
            _ => CelFault.NoOverload,
        }),
        CelFunction.Global("duration", 1, (a, _) => a[0] switch
        {
            CelDuration => a[0],
            CelInt number => new CelDuration(number.Value),
            CelString text => GoDuration.TryParse(text.Value, out var nanoseconds) ? new CelDuration(nanoseconds) : new CelFault($"invalid duration \"{CelText.Show(text)}\""),
            _ => CelFault.NoOverload,
        }),
        .. Part("getFullYear", static t => t.Year, null),
        .. Part("getMonth", static t => t.Month - 1, null),
        .. Part("getDate", static t => t.Day, null),
        .. Part("getDayOfMonth", static t => t.Day - 1, null),
        .. Part("getDayOfWeek", static t => (long)t.DayOfWeek, null),
        .. Part("getDayOfYear", static t => t.DayOfYear - 1, null),
        .. Part("getHours", static t => t.Hour, 3_600_000_000_000),
        .. Part("getMinutes", static t => t.Minute, 60_000_000_000),
        .. Part("getSeconds", static t => t.Second, 1_000_000_000),
        .. Part("getMilliseconds", static t => t.Millisecond, 0),
    ];

    /// <summary>A point in time as RFC 3339 writes it; null when it is none.</summary>
    public static CelTimestamp? ParseTime(string text)
    {
        // Digits beyond a hundred nanoseconds cannot be kept.
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var end = point < 0 ? -1 : text.AsSpan(point + 1).IndexOfAnyExceptInRange('0', '9');
        var kept = end is > 7 and <= 9 ? text.Remove(point + 8, end - 7) : text;
        return DateTimeOffset.TryParseExact(kept, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) && Zoned(kept) ? new CelTimestamp(time) : null;
    }

    public static CelValue Shift(DateTimeOffset time, Int128 nanoseconds)
    {
        var ticks = time.UtcTicks + (nanoseconds / 100);
        return ticks >= DateTime.MinValue.Ticks && ticks <= DateTime.MaxValue.Ticks ? new CelTimestamp(new DateTimeOffset((long)ticks, TimeSpan.Zero)) : TimeOverflow;
    }

    public static CelValue Span(Int128 nanoseconds) => nanoseconds >= long.MinValue && nanoseconds <= long.MaxValue ? new CelDuration((long)nanoseconds) : SpanOverflow;

    private static bool Zoned(string text) => text[^1] == 'Z' || text.Length > 6 && text[^6] is '+' or '-';

    // A part of a point in time, also in a zone, and (where that has a meaning) of a span: all of it in that unit.
    private static CelFunction[] Part(string name, Func<DateTimeOffset, long> part, long? unit) =>
    [
        CelFunction.Method(name, 1, (a, _) => a[0] switch
        {
            CelTimestamp time => CelValue.Of(part(time.Value)),
            CelDuration span when unit is > 0 => CelValue.Of(span.Nanoseconds / unit.Value),
            CelDuration span when unit == 0 => CelValue.Of(span.Nanoseconds % 1_000_000_000 / 1_000_000),
            _ => CelFault.NoOverload,
        }),
        CelFunction.Method(name, 2, (a, _) => a is [CelTimestamp time, CelString zone]
            ? InZone(time.Value, zone.Value) is { } there ? CelValue.Of(part(there)) : new CelFault($"unknown time zone {CelText.Show(zone)}")
            : CelFault.NoOverload),
    ];

    private static DateTimeOffset? InZone(DateTimeOffset time, string zone)
    {
        if (zone.Contains(':', StringComparison.Ordinal))
        {
            var offset = zone.TrimStart('+', '-');
            return TimeSpan.TryParseExact(offset, @"hh\:mm", CultureInfo.InvariantCulture, out var span) && span.TotalHours <= 14
                ? Local(time, zone[0] == '-' ? -span : span) : null;
        }

        return TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? Local(time, found.GetUtcOffset(time)) : null;
    }

    private static DateTimeOffset? Local(DateTimeOffset time, TimeSpan offset) =>
        time.UtcTicks + offset.Ticks is var ticks && ticks >= DateTime.MinValue.Ticks && ticks <= DateTime.MaxValue.Ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
}
