using System.Globalization;

namespace Capstan.LocalCluster.ApiServer.Printing;

/// <summary>Spans of time as kubectl shows them (apimachinery, util/duration).</summary>
internal static class Durations
{
    public static string Since(string timestamp, DateTimeOffset now) =>
        DateTimeOffset.TryParse(timestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var then) ? Short(now - then) : "<unknown>";

    public static string Short(TimeSpan span)
    {
        var seconds = (long)span.TotalSeconds;
        var (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
        return string.Create(CultureInfo.InvariantCulture, $"{(seconds, minutes, hours, days) switch
        {
            ( < -1, _, _, _) => "<invalid>",
            ( < 0, _, _, _) => "0s",
            ( < 120, _, _, _) => $"{seconds}s",
            (_, < 10, _, _) => seconds % 60 == 0 ? $"{minutes}m" : $"{minutes}m{seconds % 60}s",
            (_, < 180, _, _) => $"{minutes}m",
            (_, _, < 8, _) => minutes % 60 == 0 ? $"{hours}h" : $"{hours}h{minutes % 60}m",
            (_, _, < 48, _) => $"{hours}h",
            (_, _, < 192, _) => hours % 24 == 0 ? $"{days}d" : $"{days}d{hours % 24}h",
            (_, _, < 24 * 365 * 2, _) => $"{days}d",
            (_, _, < 24 * 365 * 8, _) => days % 365 == 0 ? $"{days / 365}y" : $"{days / 365}y{days % 365}d",
            _ => $"{days / 365}y",
        }}");
    }
}
