using System.Diagnostics;
using System.Globalization;

namespace Capstan.Bench;

/// <summary>Size and start of the published program.</summary>
internal sealed class ProgramScenario : IScenario
{
    public string Name => "program";

    public string Title => "size and start of the published program";

    public async Task RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(options.Capstan)!);
        var bytes = folder.EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.Extension is not (".dbg" or ".pdb")).Sum(f => f.Length);
        Figures.Print("published folder (goal < 60 MB)", string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB"));
        var times = new List<double>();
        for (var i = 0; i < 20; i++)
        {
            var clock = Stopwatch.StartNew();
            await Programs.RunAsync(options.Capstan, ["version", "--client"], cancellation: cancellation);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        Figures.Percentiles("capstan version --client, whole process (goal < 100 ms)", times);
        await using var server = await Server.StartAsync(options, cancellation);
        Figures.Seconds("capstan up, from nothing to ready", server.StartedIn);
        Figures.Print("memory when ready", string.Create(CultureInfo.InvariantCulture, $"{server.ResidentMegabytes():F0} MiB"));
    }
}
