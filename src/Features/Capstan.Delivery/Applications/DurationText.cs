using Capstan.Scalars;

namespace Capstan.Delivery.Applications;

/// <summary>Durations as Go writes them, held to what an Application may ask for.</summary>
internal static class DurationText
{
    /// <summary>Reads a duration that is not negative and at most a year; anything else is refused rather than wrapped around.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (!GoDuration.TryParse(text, out var nanoseconds) || nanoseconds < 0 || nanoseconds / 100 > TimeSpan.FromDays(366).Ticks)
        {
            return false;
        }

        duration = TimeSpan.FromTicks(nanoseconds / 100);
        return true;
    }

    /// <summary>A duration of whole seconds as people write it: <c>1h30m</c>.</summary>
    public static string Of(TimeSpan duration)
    {
        var text = new System.Text.StringBuilder();
        foreach (var (count, unit) in ((long, char)[])[((long)duration.TotalHours, 'h'), (duration.Minutes, 'm'), (duration.Seconds, 's')])
        {
            _ = count > 0 ? text.Append(count).Append(unit) : text;
        }

        return text.Length == 0 ? "0s" : text.ToString();
    }
}
