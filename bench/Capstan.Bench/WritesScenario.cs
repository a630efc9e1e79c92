using System.Collections.Concurrent;
using System.Globalization;
using Capstan.Kubernetes;
using Capstan.Yaml;

namespace Capstan.Bench;

/// <summary>
/// Who writes what: every version of every object that a small fleet makes, by kind and by whose fields changed. Counts hold on any
/// machine, however busy. It watches everything, so it is no place to measure time.
/// </summary>
internal sealed class WritesScenario : IScenario
{
    private const int Most = 200;

    private readonly ConcurrentDictionary<(string Kind, string What), int> _counts = new();
    private readonly ConcurrentDictionary<string, YamlMap> _last = new();

    public string Name => "writes";

    public string Title => "writes for each application of five objects, by kind and writer";

    public async Task RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var small = options with { Applications = Math.Min(options.Applications, Most) };
        await using var server = await Server.StartAsync(small, cancellation);
        using var tree = await Fleet.PushAsync(server, small, cancellation);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var discovery = await server.Client.DiscoverAsync(cancellation: cancellation);
        var watches = discovery.Preferred.Where(r => r.IsWatchable).Select(r => WatchAsync(server.Client, r, ending.Token)).ToList();
        await Fleet.CreateAsync(server, small, cancellation);
        await Fleet.SettledAsync(server.Client, small, healthy: small.Kubeconfig.Length == 0, cancellation);
        await Task.Delay(TimeSpan.FromSeconds(3), cancellation);
        Print(small, "first sync");

        _counts.Clear();
        Fleet.ChangeOne(tree, small);
        await tree.CommitAsync("Change one", cancellation);
        await tree.PushAsync(cancellation);
        await Task.Delay(TimeSpan.FromSeconds(8), cancellation);
        Figures.Print("writes of all after a push that changes one file of one application", $"{_counts.Values.Sum()}");
        await ending.CancelAsync();
        await Task.WhenAll(watches);
    }

    private void Print(BenchOptions options, string title)
    {
        foreach (var ((kind, what), count) in _counts.Where(c => c.Value * 20 >= options.Applications).OrderByDescending(c => c.Value).ThenBy(c => c.Key.Kind, StringComparer.Ordinal))
        {
            Figures.Print($"{title}: {kind}, {what}", string.Create(CultureInfo.InvariantCulture, $"{(double)count / options.Applications:F2}"));
        }

        Figures.Print($"{title}: all", string.Create(CultureInfo.InvariantCulture, $"{(double)_counts.Values.Sum() / options.Applications:F2}"));
    }

    private async Task WatchAsync(ClusterClient client, ApiResource resource, CancellationToken cancellation)
    {
        try
        {
            var listed = await client.ListAsync(resource, new ListOptions(), cancellation);
            foreach (var item in listed.Items)
            {
                _last[item.Uid] = item.Body;
            }

            await foreach (var change in client.WatchAsync(resource, listed.ResourceVersion, new ListOptions(), cancellation))
            {
                if (change.Kind != WatchEventKind.Bookmark)
                {
                    Count(change);
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Counted enough.
        }
    }

    private void Count(WatchEvent change)
    {
        var before = _last.GetValueOrDefault(change.Object.Uid);
        _last[change.Object.Uid] = change.Object.Body;
        var known = Entries(before).ToHashSet();
        var writers = Entries(change.Object.Body).Where(e => !known.Contains(e)).OfType<YamlMap>().Select(e => e["manager"]?.AsString()).Distinct().Order(StringComparer.Ordinal);
        var what = $"{change.Kind.ToString().ToLowerInvariant()} by {string.Join('+', writers)}{(before is null ? "" : " (" + string.Join(", ", Changed(before, change.Object.Body)) + ")")}";
        _counts.AddOrUpdate((change.Object.Kind, what), 1, static (_, count) => count + 1);
    }

    private static YamlList Entries(YamlMap? body) => body?.At("metadata", "managedFields") as YamlList ?? YamlList.Empty;

    private static IEnumerable<string> Changed(YamlMap before, YamlMap after) =>
        before.Keys.Union(after.Keys).Where(k => k != "metadata" && !Equals(before[k], after[k])).DefaultIfEmpty("metadata");
}
