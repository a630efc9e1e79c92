using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Capstan.Helm;
using Capstan.Helm.Arguments;
using Capstan.Trees;

namespace Capstan.Bench;

/// <summary>Charts: in this process, as a whole process, and a thousand applications of one chart, against helm.</summary>
internal sealed class HelmScenario : IScenario
{
    private const int Applications = 1000;
    private const int HelmRuns = 20;

    public string Name => "helm";

    public string Title => "rendering charts, against helm template";

    public async Task RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var helm = Path.Combine(Path.GetDirectoryName(options.Kubectl) ?? "", "helm");
        if (RenderTimes.Corpus("helm") is not { } corpus || !File.Exists(helm))
        {
            Figures.Print("helm", "left out: no corpus, or no helm beside kubectl");
            return;
        }

        var start = await RenderTimes.ProcessAsync(helm, ["version", "--short"], cancellation);
        var renderer = new HelmRenderer();
        var (warm, whole, own, judge) = (new List<double>(), new List<double>(), 0.0, 0.0);
        foreach (var (chart, arguments) in Cases(corpus))
        {
            var parsed = HelmTemplateArguments.Parse(arguments);
            var tree = Memory(chart);
            var request = parsed.ToRequest(tree, TreePath.Root, f => File.ReadAllBytes(f));
            var inside = RenderTimes.Warm(() => renderer.Render(request, cancellation));
            var reference = await RenderTimes.ProcessAsync(helm, ["template", .. arguments], cancellation, 3);
            var capstan = await RenderTimes.ProcessAsync(options.Capstan, ["render", .. arguments], cancellation, 3);
            warm.Add(inside);
            whole.Add(reference / capstan);
            own += inside;
            judge += Math.Max(reference - start, 0);
        }

        Print($"{warm.Count} renderings, warm: helm less its start / Capstan, sums (goal 3)", judge / own, "×");
        Print("the median chart, warm (goal < 3 ms)", Figures.Percentile(warm, 50), " ms");
        Print("whole processes: helm / capstan render, median (goal 3)", Figures.Percentile(whole, 50), "×");
        await FleetAsync(helm, corpus, renderer, cancellation);
    }

    private static async Task FleetAsync(string helm, string corpus, HelmRenderer renderer, CancellationToken cancellation)
    {
        var chart = Path.Combine(corpus, "bitnami-apache", "chart");
        var tree = Memory(chart);
        var clock = Stopwatch.StartNew();
        var allocated = GC.GetTotalAllocatedBytes();
        for (var i = 0; i < Applications; i++)
        {
            var values = Encoding.UTF8.GetBytes($"replicaCount: {i.ToString(CultureInfo.InvariantCulture)}\n");
            renderer.Render(new HelmRenderRequest { Tree = tree, ReleaseName = $"a{i}", ValuesFiles = [new HelmValuesFile("v", values)] }, cancellation);
        }

        var own = clock.Elapsed.TotalMilliseconds;
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        var one = await RenderTimes.ProcessAsync(helm, ["template", "a", chart, "--set", "replicaCount=3"], cancellation, HelmRuns);
        Print($"{Applications} applications of one chart: helm ({HelmRuns} runs, scaled) / Capstan (goal 50)", one * Applications / own, "×");
        Print("one of them", own / Applications, " ms");
        Print("allocated for one of them", allocated / (double)Applications / 1024, " KiB");
    }

    private static void Print(string name, double value, string unit) => Figures.Print(name, string.Create(CultureInfo.InvariantCulture, $"{value:F2}{unit}"));

    private static IEnumerable<(string Chart, string[] Arguments)> Cases(string corpus)
    {
        foreach (var chart in Directory.EnumerateDirectories(corpus).Order(StringComparer.Ordinal))
        {
            foreach (var folder in Directory.EnumerateDirectories(chart, "case-*").Order(StringComparer.Ordinal))
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "args.json")));
                if (document.RootElement.GetProperty("exit").GetInt32() != 0)
                {
                    continue;
                }

                var arguments = document.RootElement.GetProperty("args").EnumerateArray().Skip(1).Select(a => a.GetString()!).ToArray();
                yield return (Path.Combine(chart, "chart"), [.. arguments.Select(a => Placed(a, chart))]);
            }
        }
    }

    // The arguments were given beside the chart.
    private static string Placed(string argument, string chart) =>
        argument == "chart" || argument.StartsWith("case-", StringComparison.Ordinal) ? Path.Combine(chart, argument) : argument;

    private static MemoryTree Memory(string folder) => new(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(f => (TreePath.Parse(Path.GetRelativePath(folder, f)), (ReadOnlyMemory<byte>)File.ReadAllBytes(f))));
}
