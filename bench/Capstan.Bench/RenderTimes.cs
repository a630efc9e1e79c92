using System.Diagnostics;

namespace Capstan.Bench;

/// <summary>How renderings are timed: the work in this process when it is warm, and whole processes.</summary>
internal static class RenderTimes
{
    private const int Times = 5;

    /// <summary>The median of a few runs after one that does not count, in milliseconds.</summary>
    public static double Warm(Action render)
    {
        render();
        var times = new List<double>();
        for (var i = 0; i < Times; i++)
        {
            var clock = Stopwatch.StartNew();
            render();
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        return Figures.Percentile(times, 50);
    }

    /// <summary>The median of a few whole processes, in milliseconds.</summary>
    public static async Task<double> ProcessAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation, int count = Times)
    {
        var times = new List<double>();
        for (var i = 0; i < count; i++)
        {
            var clock = Stopwatch.StartNew();
            await Programs.RunAsync(program, arguments, cancellation: cancellation);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        return Figures.Percentile(times, 50);
    }

    /// <summary>A folder of the corpus of public charts and trees; null, and said so, when it is not on this machine.</summary>
    public static string? Corpus(string name)
    {
        if (Environment.GetEnvironmentVariable("CAPSTAN_CORPUS") is { Length: > 0 } corpus && Directory.Exists(Path.Combine(corpus, name)))
        {
            return Path.Combine(corpus, name);
        }

        Figures.Print(name, "left out: CAPSTAN_CORPUS names no corpus");
        return null;
    }
}
