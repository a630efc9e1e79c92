using System.Diagnostics;
using System.Globalization;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Bench;

/// <summary>What people look at, with ten times as many applications as the fleet has and one application of 5,000 resources.</summary>
internal sealed class PagesScenario : IScenario
{
    private const int Resources = 5000;
    private const int OpenPages = 500;
    private const int Times = 100;
    private const string Large = "large";
    private static readonly string[] Lists = ["/applications", "/applications?view=grid", "/applications?sort=changed", "/applications?search=app-0042", "/applications?health=Healthy&sort=health", "/"];

    public string Name => "pages";

    public string Title => "pages with many applications";

    public async Task RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var many = options with { Applications = options.Applications * 10 };
        await using var server = await Server.StartAsync(many, cancellation);
        await FillAsync(server, many, cancellation);
        Figures.Print("memory before any page was opened", string.Create(CultureInfo.InvariantCulture, $"{server.ResidentMegabytes():F0} MiB"));

        using var browser = new PageClient(server);
        foreach (var address in Lists)
        {
            Figures.Print($"GET {address}", Milliseconds(await TimeAsync(browser, address, Times, cancellation), "≤ 100 ms"));
        }

        foreach (var address in (string[])[$"/applications/{Large}", $"/applications/{Large}?view=table", $"/api/v1/applications/{Large}/tree"])
        {
            Figures.Print($"GET {address}, {Resources} resources", Milliseconds(await TimeAsync(browser, address, Times / 5, cancellation), "≤ 500 ms"));
        }

        await WeightAsync(browser, cancellation);
        await ChangesAsync(server, browser, cancellation);
        await OpenAsync(server, cancellation);
    }

    private static async Task FillAsync(Server server, BenchOptions options, CancellationToken cancellation)
    {
        using var tree = await WorkTree.CreateAsync(server.GitUrl("fleet"), cancellation);
        foreach (var name in Fleet.Names(options))
        {
            tree.Write($"apps/{name}/all.yaml", ApplicationObjects.ConfigMap(name, "first"));
        }

        var all = Enumerable.Range(0, Resources).Select(i => ApplicationObjects.ConfigMap(string.Create(CultureInfo.InvariantCulture, $"large-{i:D4}"), "first"));
        tree.Write($"apps/{Large}/all.yaml", string.Join("---\n", all));
        await tree.CommitAsync("Add the fleet", cancellation);
        await tree.PushAsync(cancellation);
        await Fleet.CreateAsync(server, options, cancellation);
        var large = ApplicationObjects.Application(Large, server.RepositoryUrl("fleet"), $"apps/{Large}", Large);
        await server.Client.ApplyAsync(large, new ApplyOptions { Force = true }, cancellation);
        await Fleet.SettledAsync(server.Client, options, healthy: false, cancellation);
        var resource = await server.Client.ResolveAsync(new GroupKind("argoproj.io", "Application"), cancellation);
        while ((await server.Client.GetAsync(resource, "capstan", Large, cancellation)).Status.At("sync", "status")?.AsString() != "Synced")
        {
            await Task.Delay(200, cancellation);
        }
    }

    private static async Task<IReadOnlyList<double>> TimeAsync(PageClient browser, string address, int times, CancellationToken cancellation)
    {
        await browser.GetAsync(address, cancellation);
        var taken = new List<double>();
        for (var i = 0; i < times; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await browser.GetAsync(address, cancellation);
            taken.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return taken;
    }

    private static string Milliseconds(IReadOnlyList<double> times, string goal) => string.Create(
        CultureInfo.InvariantCulture, $"p50 {Figures.Percentile(times, 50):F1} ms, p95 {Figures.Percentile(times, 95):F1} ms  (goal p95 {goal})");

    /// <summary>What a browser that was never here loads: the page with its scripts and styles, as they travel.</summary>
    private static async Task WeightAsync(PageClient browser, CancellationToken cancellation)
    {
        foreach (var address in (string[])["/", "/applications", $"/applications/{Large}"])
        {
            var weight = await browser.WeighAsync(address, cancellation);
            Figures.Print($"weight of {address} on first load, compressed", string.Create(CultureInfo.InvariantCulture, $"{weight / 1024.0:F1} KiB  (goal ≤ 150 KB)"));
        }
    }

    private static async Task ChangesAsync(Server server, PageClient browser, CancellationToken cancellation)
    {
        var (told, shown) = (new List<double>(), new List<double>());
        using var stream = await browser.FollowAsync(cancellation);
        for (var i = 0; i < Times / 2; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"app-{i:D4}");
            var labelled = new KubernetesObject(YamlMap.Of(
                ("apiVersion", "argoproj.io/v1alpha1"), ("kind", "Application"),
                ("metadata", YamlMap.Of(("name", name), ("namespace", "capstan"), ("labels", YamlMap.Of(("bench", $"{i}")))))));
            var heard = stream.HearAsync(name, cancellation);
            await server.Client.ApplyAsync(labelled, new ApplyOptions { FieldManager = "bench", Force = true }, cancellation);
            var began = Stopwatch.GetTimestamp();
            var at = await heard;
            told.Add(Math.Max(0, Stopwatch.GetElapsedTime(began, at).TotalMilliseconds));
            await browser.GetAsync("/applications", cancellation);
            shown.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        Figures.Print("a change known to the API server → told to a page", Milliseconds(told, "≤ 300 ms"));
        Figures.Print("… → told, and the list fetched anew", Milliseconds(shown, "≤ 300 ms"));
    }

    private static async Task OpenAsync(Server server, CancellationToken cancellation)
    {
        var before = server.ResidentMegabytes();
        var pages = new List<(PageClient Client, FollowedStream Stream)>();
        try
        {
            for (var i = 0; i < OpenPages; i++)
            {
                var client = new PageClient(server);
                await client.GetAsync("/applications", cancellation);
                pages.Add((client, await client.FollowAsync(cancellation)));
            }

            // One change, and all of them look at the same time.
            var heard = pages.Select(p => p.Stream.HearAsync("app-0007", cancellation)).ToList();
            var changed = new KubernetesObject(YamlMap.Of(
                ("apiVersion", "argoproj.io/v1alpha1"), ("kind", "Application"),
                ("metadata", YamlMap.Of(("name", "app-0007"), ("namespace", "capstan"), ("labels", YamlMap.Of(("all", "look")))))));
            await server.Client.ApplyAsync(changed, new ApplyOptions { FieldManager = "bench-all", Force = true }, cancellation);
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(heard);
            var told = clock.Elapsed;
            await Task.WhenAll(pages.Select(p => p.Client.GetAsync("/applications", cancellation)));
            Figures.Print($"{OpenPages} open pages: all told of a change; all fetched anew", string.Create(
                CultureInfo.InvariantCulture, $"{told.TotalMilliseconds:F0} ms; {clock.Elapsed.TotalMilliseconds:F0} ms"));
            var after = server.ResidentMegabytes();
            Figures.Print($"{OpenPages} open pages: memory they add; of the whole server", string.Create(
                CultureInfo.InvariantCulture, $"{after - before:F0} MiB; {after:F0} MiB  (goal under 400 MB)"));
        }
        finally
        {
            foreach (var (client, stream) in pages)
            {
                stream.Dispose();
                client.Dispose();
            }
        }
    }
}
