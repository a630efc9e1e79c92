using System.Globalization;
using Capstan.Kubernetes;
using Capstan.Resources;

namespace Capstan.Bench;

/// <summary>Many applications of five objects from one repository: its files, its Applications, and when they are done.</summary>
internal static class Fleet
{
    /// <summary>The namespace of all that is deployed.</summary>
    public const string Space = "fleet";

    public static IEnumerable<string> Names(BenchOptions options) =>
        Enumerable.Range(0, options.Applications).Select(i => string.Create(CultureInfo.InvariantCulture, $"app-{i:D4}"));

    /// <summary>Pushes the files of all applications.</summary>
    public static async Task<WorkTree> PushAsync(Server server, BenchOptions options, CancellationToken cancellation)
    {
        var tree = await WorkTree.CreateAsync(server.GitUrl("fleet"), cancellation);
        foreach (var name in Names(options))
        {
            tree.Write(File(name), ApplicationObjects.Service(name));
        }

        await tree.CommitAsync("Add the fleet", cancellation);
        await tree.PushAsync(cancellation);
        return tree;
    }

    /// <summary>Creates the Applications.</summary>
    public static Task CreateAsync(Server server, BenchOptions options, CancellationToken cancellation) => EachAsync(Names(options), name => server.Client.ApplyAsync(
        ApplicationObjects.Application(name, server.RepositoryUrl("fleet"), $"apps/{name}", Space), new ApplyOptions { Force = true }, cancellation));

    /// <summary>Changes one line of the first application.</summary>
    /// <returns>Its name; its ConfigMap then says <c>LOG_LEVEL: debug</c>.</returns>
    public static string ChangeOne(WorkTree tree, BenchOptions options)
    {
        var name = Names(options).First();
        tree.Write(File(name), ApplicationObjects.Service(name).Replace("LOG_LEVEL: info", "LOG_LEVEL: debug", StringComparison.Ordinal));
        return name;
    }

    /// <summary>Ends when all applications are Synced, and Healthy too where that is asked for.</summary>
    public static async Task SettledAsync(ClusterClient client, BenchOptions options, bool healthy, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(TimeSpan.FromMinutes(10));
        var resource = await client.ResolveAsync(new GroupKind("argoproj.io", "Application"), deadline.Token);
        var open = Names(options).ToHashSet();
        var listed = await client.ListAsync(resource, new ListOptions { Namespace = "capstan" }, deadline.Token);
        foreach (var item in listed.Items)
        {
            Take(item);
        }

        if (open.Count == 0)
        {
            return;
        }

        // A watch costs the server what changes; asking again and again would cost it all applications each time.
        await foreach (var change in client.WatchAsync(resource, listed.ResourceVersion, new ListOptions { Namespace = "capstan" }, deadline.Token))
        {
            if (change.Kind != WatchEventKind.Bookmark)
            {
                Take(change.Object);
            }

            if (open.Count == 0)
            {
                return;
            }
        }

        throw new InvalidOperationException("the watch of the applications ended before all were done");

        void Take(KubernetesObject seen)
        {
            if (seen.Status.At("sync", "status")?.AsString() == "Synced" && (!healthy || seen.Status.At("health", "status")?.AsString() == "Healthy"))
            {
                open.Remove(seen.Name);
            }
        }
    }

    /// <summary>Does something for each of many, as many at once as everything here does.</summary>
    public static Task EachAsync<T>(IEnumerable<T> items, Func<T, Task> work) => Parallel.ForEachAsync(
        items, new ParallelOptions { MaxDegreeOfParallelism = BenchOptions.Concurrency }, async (item, _) => await work(item));

    private static string File(string name) => $"apps/{name}/all.yaml";
}
