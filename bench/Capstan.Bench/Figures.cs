using System.Globalization;

namespace Capstan.Bench;

/// <summary>Prints figures in one form.</summary>
internal static class Figures
{
    public static double Percentile(IEnumerable<double> values, double percent)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    public static void Print(string name, string value) => Console.WriteLine($"{name,-72} {value}");

    public static void Seconds(string name, TimeSpan time) => Print(name, string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:F2} s"));

    public static void Ratio(string name, TimeSpan measured, TimeSpan reference, string goal) =>
        Print(name, string.Create(CultureInfo.InvariantCulture, $"{measured / reference:F2}×  (goal {goal})"));

    public static void Percentiles(string name, IReadOnlyCollection<double> milliseconds) => Print(name, string.Create(
        CultureInfo.InvariantCulture,
        $"p50 {Percentile(milliseconds, 50):F0} ms, p99 {Percentile(milliseconds, 99):F0} ms, {milliseconds.Count} times"));
}
