using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Capstan.GoTemplates;
using Capstan.Helm.Arguments;
using Capstan.Helm.Charts;
using Capstan.Trees;

namespace Capstan.Helm.Tests.Corpus;

public sealed partial class CorpusTests(ITestOutputHelper log)
{
    [Fact]
    public void Every_chart_of_the_corpus_renders_to_the_bytes_of_helm()
    {
        Assert.SkipWhen(CorpusFolders.Helm is null, "the corpus is not on this machine (CAPSTAN_CORPUS)");
        var skipped = Skipped();
        var renderer = new HelmRenderer();
        var failures = new StringBuilder();
        int equal = 0, all = 0;
        foreach (var test in CorpusFolders.Cases())
        {
            all++;
            if (Difference(renderer, test) is not { } difference)
            {
                equal++;
            }
            else if (!skipped.Contains(test.Name))
            {
                failures.Append(CultureInfo.InvariantCulture, $"--- {test.Name}\n{difference}\n");
            }
        }

        log.WriteLine($"{equal} of {all} cases are equal");
        if (Environment.GetEnvironmentVariable("CAPSTAN_CORPUS_REPORT") is { Length: > 0 } report)
        {
            File.WriteAllText(report, $"{equal} of {all}\n{failures}");
        }

        Assert.True(failures.Length == 0, $"{equal} of {all} cases are equal\n{failures}");
    }

    [Fact]
    public void A_second_rendering_is_fast()
    {
        Assert.SkipWhen(CorpusFolders.Helm is null, "the corpus is not on this machine (CAPSTAN_CORPUS)");
        var renderer = new HelmRenderer();
        var times = new List<(double Milliseconds, string Name)>();
        foreach (var test in CorpusFolders.Cases().Where(static c => c.Exit == 0))
        {
            var request = Request(test, CorpusFolders.Tree(Path.Combine(test.Chart, "chart")));
            renderer.Render(request, TestContext.Current.CancellationToken);
            renderer.Render(request, TestContext.Current.CancellationToken);
            var best = double.MaxValue;
            for (var i = 0; i < 3; i++)
            {
                var clock = Stopwatch.StartNew();
                renderer.Render(request, TestContext.Current.CancellationToken);
                best = Math.Min(best, clock.Elapsed.TotalMilliseconds);
            }

            times.Add((best, test.Name));
        }

        times.Sort();
        var summary = $"warm: {times.Count} cases, sum {times.Sum(t => t.Milliseconds):0.0} ms, median {times[times.Count / 2].Milliseconds:0.00} ms, "
            + $"slowest {string.Join(", ", times.TakeLast(5).Select(t => $"{t.Name} {t.Milliseconds:0.0}"))}";
        log.WriteLine(summary);
        if (Environment.GetEnvironmentVariable("CAPSTAN_CORPUS_REPORT") is { Length: > 0 } report)
        {
            File.WriteAllText(report + ".times", summary);
        }

        // A machine under load is slow; a rendering that lost its caches is far slower than this.
        Assert.True(times[times.Count / 2].Milliseconds < 100, summary);
    }

    private static HashSet<string> Skipped()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Corpus", "skip.txt"));
        return [.. lines.Where(static l => l.Length > 0 && l[0] != '#').Select(static l => l.Split(' ', 2)[0])];
    }

    private static HelmRenderRequest Request(CorpusCase test, MemoryTree tree) =>
        HelmTemplateArguments.Parse(test.Arguments).ToRequest(tree, TreePath.Root, f => File.ReadAllBytes(Path.Combine(test.Chart, f)));

    private static string? Difference(HelmRenderer renderer, CorpusCase test)
    {
        HelmRenderResult result;
        try
        {
            result = renderer.Render(Request(test, CorpusFolders.Tree(Path.Combine(test.Chart, "chart"))), TestContext.Current.CancellationToken);
        }
        catch (ChartException error)
        {
            return error.Message;
        }

        if (test.Exit != 0)
        {
            var wanted = File.ReadAllText(Path.Combine(test.Folder, "expected-stderr.txt"));
            var got = result.Error?.HelmText ?? "(no error)";
            return got.TrimEnd().StartsWith(wanted.TrimEnd(), StringComparison.Ordinal) ? null : $"wanted: {wanted}\ngot:    {got}";
        }

        if (result.Error is { } failure)
        {
            return failure.HelmText;
        }

        var expected = GoText.FromBytes(File.ReadAllBytes(Path.Combine(test.Folder, "expected.yaml")));
        return test.Nondeterministic ? FirstDifference(WithoutRandom(expected), WithoutRandom(result.Output)) : FirstDifference(expected, result.Output);
    }

    // Where a chart uses random values, words that look random are cut on both sides.
    private static string WithoutRandom(string text) => RandomWord().Replace(text, "RANDOM");

    private static string? FirstDifference(string wanted, string got)
    {
        if (wanted == got)
        {
            return null;
        }

        var (a, b) = (wanted.Split('\n'), got.Split('\n'));
        for (var i = 0; i < Math.Max(a.Length, b.Length); i++)
        {
            if (i >= a.Length || i >= b.Length || a[i] != b[i])
            {
                return $"line {i + 1}\n  wanted: {(i < a.Length ? a[i] : "(end)")}\n  got:    {(i < b.Length ? b[i] : "(end)")}";
            }
        }

        return null;
    }

    [GeneratedRegex("[A-Za-z0-9+/]{5,}={0,2}", RegexOptions.NonBacktracking)]
    private static partial Regex RandomWord();
}
