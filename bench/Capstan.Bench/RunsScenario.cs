using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Capstan.Bench;

/// <summary>What it costs to bring a job to its turn: a hundred runs of one trivial job each, queued at once.</summary>
internal sealed class RunsScenario : IScenario
{
    private const int Runs = 100;

    /// <summary>Jobs at the same time, as the server does them.</summary>
    private const int Slots = 4;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    public string Name => "runs";

    public string Title => "100 runs of a trivial job, queued at once";

    public async Task RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        await using var server = await Server.StartAsync(options, cancellation);
        using var tree = await WorkTree.CreateAsync(server.GitUrl("bench"), cancellation);
        var gate = Path.Combine(tree.Folder, "go");
        tree.Write(".github/workflows/hold.yaml", $"on: workflow_dispatch\njobs: {{a: {{runs-on: x, steps: [{{run: 'while [ ! -e {gate} ]; do sleep 0.02; done'}}]}}}}\n");
        tree.Write(".github/workflows/ci.yaml", "on: workflow_dispatch\njobs: {a: {runs-on: x, steps: [{run: ':'}]}}\n");
        await tree.CommitAsync("One job", cancellation);
        await tree.PushAsync(cancellation);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Token);
        await StartAsync(http, "ci.yaml", cancellation);
        await EndedAsync(http, 1, cancellation);

        // Four jobs hold all turns until the hundred are queued.
        for (var i = 0; i < Slots; i++) await StartAsync(http, "hold.yaml", cancellation);
        var (processor, clock) = (server.ProcessorTime(), Stopwatch.StartNew());
        await Parallel.ForEachAsync(Enumerable.Range(0, Runs), new ParallelOptions { MaxDegreeOfParallelism = BenchOptions.Concurrency, CancellationToken = cancellation }, async (_, stop) => await StartAsync(http, "ci.yaml", stop));
        var queued = clock.Elapsed;
        var released = TimeProvider.System.GetUtcNow();
        await File.WriteAllTextAsync(gate, "", cancellation);
        var runs = await EndedAsync(http, Runs + Slots + 1, cancellation);
        var (whole, used) = (clock.Elapsed - queued, server.ProcessorTime() - processor);
        var jobs = runs.Where(r => r.GetProperty("path").GetString()!.EndsWith("ci.yaml", StringComparison.Ordinal)).SelectMany(r => r.GetProperty("jobs").EnumerateArray())
            .Select(j => (Start: Time(j, "startedAt"), End: Time(j, "finishedAt"))).OrderBy(j => j.Start).Skip(1).ToList();
        var inJobs = jobs.Aggregate(TimeSpan.Zero, (sum, job) => sum + (job.End - job.Start));
        var between = ((jobs.Max(j => j.End) - released) * Slots) - inJobs;
        Figures.Print("queueing a run", Milliseconds(queued / Runs));
        Figures.Print("100 runs until all have ended", string.Create(CultureInfo.InvariantCulture, $"{whole.TotalSeconds:F2} s"));
        Figures.Print("a job, from its start to its end", Milliseconds(inJobs / Runs));
        Figures.Print("between two jobs of one of the four turns (goal under 20 ms)", Milliseconds(between / Runs));
        Figures.Print("the server's processor time for each run, all told", Milliseconds(used / Runs));
    }

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:F1} ms");

    private static DateTimeOffset Time(JsonElement job, string name) => DateTimeOffset.Parse(job.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private static async Task StartAsync(HttpClient http, string workflow, CancellationToken cancellation)
    {
        using var body = new StringContent($$"""{"repository":"bench","workflow":"{{workflow}}"}""", Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri("/api/v1/runs", UriKind.Relative), body, cancellation);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<IReadOnlyList<JsonElement>> EndedAsync(HttpClient http, int wanted, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Longest);
        while (true)
        {
            using var list = JsonDocument.Parse(await http.GetStringAsync(new Uri("/api/v1/runs?repository=bench&state=completed&limit=500", UriKind.Relative), deadline.Token));
            var runs = list.RootElement.GetProperty("items").EnumerateArray().Select(r => r.Clone()).ToList();
            if (runs.Count >= wanted) return runs;
            await Task.Delay(200, deadline.Token);
        }
    }
}
