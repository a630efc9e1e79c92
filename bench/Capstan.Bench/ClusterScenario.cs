using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Bench;

/// <summary>
/// The embedded cluster's API against a real kube-apiserver with etcd, each alone with the same client: creating, updating and listing ten
/// thousand objects, and how soon a hundred watchers know of a write. The real etcd is started without fsync, so the comparison is in its favour.
/// </summary>
internal sealed class ClusterScenario : IScenario
{
    private const int Objects = 10_000;
    private const int Watchers = 100;
    private const int Lists = 5;
    private const int Told = 200;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(25);
    private static readonly ApiResource Maps = new(new GroupVersionKind("", "v1", "ConfigMap"), "configmaps", Namespaced: true, ResourceVerbs.List | ResourceVerbs.Watch);

    private sealed record Measured(TimeSpan Create, TimeSpan Update, TimeSpan List, IReadOnlyCollection<double> Watch);

    public string Name => "cluster";

    public string Title => "the embedded cluster's API against etcd and kube-apiserver";

    public async Task RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        if (options.Peer.Length == 0)
        {
            Figures.Print("a real API server", "not measured: no --peer was given (bench/run starts one where eng/real-cluster has built it)");
        }

        Measured own;
        await using (var server = await Server.StartAsync(options with { Kubeconfig = "" }, cancellation))
        {
            own = await MeasureAsync(server.Kubeconfig, cancellation);
            Print("embedded cluster", own);
            Figures.Print($"memory of the whole server with {Objects} objects more", string.Create(CultureInfo.InvariantCulture, $"{server.ResidentMegabytes():F0} MiB  (goal 150)"));
            var ready = await FirstPodAsync(server.Client, cancellation);
            Figures.Print("from creating a pod to its readiness (simulated node)", string.Create(CultureInfo.InvariantCulture, $"{ready:F0} ms"));
        }

        if (options.Peer.Length > 0)
        {
            var peer = await MeasureAsync(options.Peer, cancellation);
            Print("kube-apiserver", peer);
            Rate("rate of creates, embedded / kube-apiserver", peer.Create / own.Create, "≥ 3×");
            Rate("rate of updates, embedded / kube-apiserver", peer.Update / own.Update, "≥ 3×");
            Rate("rate of whole lists, embedded / kube-apiserver", peer.List / own.List, "");
        }
    }

    private static void Print(string who, Measured measured)
    {
        Figures.Print($"{who}: {Objects} creates, {BenchOptions.Concurrency} at once", PerSecond(measured.Create));
        Figures.Print($"{who}: {Objects} updates, {BenchOptions.Concurrency} at once", PerSecond(measured.Update));
        Figures.Seconds($"{who}: a list of all {Objects}", measured.List);
        Figures.Percentiles($"{who}: a write → {Watchers} watchers know (goal p99 20 ms)", measured.Watch);
    }

    private static string PerSecond(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Objects / time.TotalSeconds:F0}/s");

    private static void Rate(string name, double ratio, string goal) =>
        Figures.Print(name, string.Create(CultureInfo.InvariantCulture, $"{ratio:F2}×{(goal.Length > 0 ? $"  (goal {goal})" : "")}"));

    private static async Task<Measured> MeasureAsync(string kubeconfig, CancellationToken cancellation)
    {
        using var client = new ClusterClient(ClusterConnection.FromKubeconfig(kubeconfig), TimeProvider.System, NullLogger.Instance);
        await client.CreateAsync(new KubernetesObject(YamlMap.Of(("apiVersion", "v1"), ("kind", "Namespace"), ("metadata", YamlMap.Of(("name", "many"))))), cancellation: cancellation);
        await client.CreateAsync(Maps, Object("warm", 0), cancellation: cancellation);
        var created = new ConcurrentBag<KubernetesObject>();
        var clock = Stopwatch.StartNew();
        await Fleet.EachAsync(Enumerable.Range(0, Objects), async i => created.Add((await client.CreateAsync(Maps, Object($"object-{i}", 0), cancellation: cancellation)).Object));
        var create = clock.Elapsed;
        clock.Restart();
        await Fleet.EachAsync(created, o => client.UpdateAsync(o.With(["data", "count"], "1"), cancellation: cancellation));
        var update = clock.Elapsed;
        var lists = new List<TimeSpan>();
        for (var i = 0; i < Lists; i++)
        {
            clock.Restart();
            var listed = await client.ListAsync(Maps, new ListOptions { Namespace = "many", PageSize = 2 * Objects }, cancellation);
            lists.Add(clock.Elapsed);
            if (listed.Items.Count <= Objects)
            {
                throw new InvalidOperationException($"a list holds {listed.Items.Count} objects of {Objects}");
            }
        }

        return new Measured(create, update, lists.Order().ElementAt(Lists / 2), await WatchedAsync(client, cancellation));
    }

    // Each watcher tells when it sees a write that this process times from its start.
    private static async Task<IReadOnlyCollection<double>> WatchedAsync(ClusterClient client, CancellationToken cancellation)
    {
        var (began, seen) = (new ConcurrentDictionary<string, long>(), new ConcurrentBag<double>());
        var ready = Channel.CreateUnbounded<bool>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var from = (await client.ListAsync(Maps, new ListOptions { Namespace = "many", PageSize = 1 }, cancellation)).ResourceVersion;
        var watching = Enumerable.Range(0, Watchers).Select(_ => WatchAsync()).ToList();
        await client.CreateAsync(Maps, Object("begin", 0), cancellation: cancellation);
        for (var i = 0; i < Watchers; i++)
        {
            await ready.Reader.ReadAsync(cancellation);
        }

        for (var i = 0; i < Told; i++)
        {
            began[$"told-{i}"] = Stopwatch.GetTimestamp();
            await client.CreateAsync(Maps, Object($"told-{i}", 0), cancellation: cancellation);
            await Task.Delay(Pace, cancellation);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (seen.Count < Told * Watchers)
        {
            await Task.Delay(20, deadline.Token);
        }

        await ending.CancelAsync();
        await Task.WhenAll(watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return seen;

        async Task WatchAsync()
        {
            await foreach (var change in client.WatchAsync(Maps, from, new ListOptions { Namespace = "many" }, ending.Token))
            {
                if (began.TryGetValue(change.Object.Name, out var start))
                {
                    seen.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
                else if (change.Object.Name == "begin")
                {
                    ready.Writer.TryWrite(true);
                }
            }
        }
    }

    private static async Task<double> FirstPodAsync(ClusterClient client, CancellationToken cancellation)
    {
        var pods = await client.ResolveAsync(new GroupKind("", "Pod"), cancellation);
        var body = YamlMap.Of(
            ("apiVersion", "v1"), ("kind", "Pod"), ("metadata", YamlMap.Of(("name", "first"), ("namespace", "many"))),
            ("spec", YamlMap.Of(("containers", YamlList.Create([YamlMap.Of(("name", "c"), ("image", "example/any:1"))])))));
        var clock = Stopwatch.StartNew();
        await client.CreateAsync(pods, new KubernetesObject(body), cancellation: cancellation);
        while (true)
        {
            var pod = await client.GetAsync(pods, "many", "first", cancellation);
            if (pod.Status["conditions"] is YamlList conditions && conditions.OfType<YamlMap>().Any(c => c["type"]?.AsString() == "Ready" && c["status"]?.AsString() == "True"))
            {
                return clock.Elapsed.TotalMilliseconds;
            }

            await Task.Delay(5, cancellation);
        }
    }

    private static KubernetesObject Object(string name, int count) => new(YamlMap.Of(
        ("apiVersion", "v1"),
        ("kind", "ConfigMap"),
        ("metadata", YamlMap.Of(("name", name), ("namespace", "many"), ("labels", YamlMap.Of(("app", "many"))))),
        ("data", YamlMap.Of(("count", count.ToString(CultureInfo.InvariantCulture)), ("text", new string('x', 200))))));
}
