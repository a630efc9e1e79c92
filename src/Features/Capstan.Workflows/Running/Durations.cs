using System.Globalization;

namespace Capstan.Workflows.Running;

/// <summary>Times of workflow files.</summary>
internal static class Durations
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(5);

    /// <summary>A number of minutes; null for nothing.</summary>
    public static TimeSpan? OfMinutes(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var minutes) && minutes > 0 ? TimeSpan.FromMinutes(Math.Min(minutes, Longest.TotalMinutes)) : null;
}
