using System.Diagnostics;
using Capstan.Kubernetes;
using Capstan.Resources;

namespace Capstan.Bench;

/// <summary>How long a push takes until the cluster is what it says: one application of ten objects.</summary>
internal sealed class PushScenario : IScenario
{
    private const int Objects = 10;
    private const string Space = "bench-push";

    public string Name => "push";

    public string Title => "git push → ten objects applied";

    public async Task RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        await using var server = await Server.StartAsync(options, cancellation);
        using var tree = await WorkTree.CreateAsync(server.GitUrl("bench"), cancellation);
        await PushAsync(tree, "0", cancellation);
        await server.Client.ApplyAsync(
            ApplicationObjects.Application("bench", server.RepositoryUrl("bench"), "app", Space), new ApplyOptions { Force = true }, cancellation);
        await ArrivedAsync(server.Client, "0", cancellation);

        var (fromStart, fromAcknowledged) = (new List<double>(), new List<double>());
        for (var i = 1; i <= options.Pushes; i++)
        {
            WriteAll(tree, $"{i}");
            await tree.CommitAsync($"Set {i}", cancellation);
            var arrived = ArrivedAsync(server.Client, $"{i}", cancellation);
            var started = Stopwatch.GetTimestamp();
            await tree.PushAsync(cancellation);
            var acknowledged = Stopwatch.GetTimestamp();
            var end = await arrived;
            fromStart.Add(Stopwatch.GetElapsedTime(started, end).TotalMilliseconds);
            fromAcknowledged.Add(Math.Max(0, Stopwatch.GetElapsedTime(acknowledged, end).TotalMilliseconds));
        }

        Figures.Percentiles("git push started → all applied", fromStart);
        Figures.Percentiles("git push returned → all applied (goal p99 < 300 ms)", fromAcknowledged);
    }

    private static void WriteAll(WorkTree tree, string value)
    {
        for (var i = 0; i < Objects; i++)
        {
            tree.Write($"app/{i}.yaml", ApplicationObjects.ConfigMap($"bench-{i}", value));
        }
    }

    private static async Task PushAsync(WorkTree tree, string value, CancellationToken cancellation)
    {
        WriteAll(tree, value);
        await tree.CommitAsync($"Set {value}", cancellation);
        await tree.PushAsync(cancellation);
    }

    // A watch tells the moment of arrival without asking again and again; it begins with the state as it is.
    private static async Task<long> ArrivedAsync(ClusterClient client, string value, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        var resource = await client.ResolveAsync(new GroupKind("", "ConfigMap"), deadline.Token);
        var listed = await client.ListAsync(resource, new ListOptions { Namespace = Space }, deadline.Token);
        var there = listed.Items.Where(o => Value(o) == value).Select(o => o.Name).ToHashSet();
        if (there.Count == Objects)
        {
            return Stopwatch.GetTimestamp();
        }

        await foreach (var change in client.WatchAsync(resource, listed.ResourceVersion, new ListOptions { Namespace = Space }, deadline.Token))
        {
            if (change.Object is { } seen && Value(seen) == value && there.Add(seen.Name) && there.Count == Objects)
            {
                return Stopwatch.GetTimestamp();
            }
        }

        throw new InvalidOperationException("the watch ended before all objects arrived");
    }

    private static string? Value(KubernetesObject @object) => @object.Body.At("data", "value")?.AsString();
}
