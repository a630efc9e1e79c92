using System.Diagnostics;
using System.Net;
using Capstan.LocalCluster.Storage;
using Capstan.Resources;
using Capstan.Yaml;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.LocalCluster.Tests;

/// <summary>What was acknowledged is there, however the process ended.</summary>
public sealed class DurabilityTests
{
    private const string HostFolder = "CAPSTAN_TEST_HOST_FOLDER";
    private static readonly GroupKind ConfigMaps = new("", "ConfigMap");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_when_the_process_is_killed()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-kill-").FullName;
        var journal = Path.Combine(folder, "journal");
        for (var round = 0; round < 3; round++)
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in (string[])["--explicit", "only", "--filter-method", $"*{nameof(Host_that_writes_until_it_is_killed)}", "--no-progress"])
            {
                start.ArgumentList.Add(argument);
            }

            start.Environment[HostFolder] = folder;
            using var host = Process.Start(start)!;
            var before = Lines(journal).Count;
            await UntilAsync(() => Lines(journal).Count > before + 200, host);
            host.Kill();
            await host.WaitForExitAsync(Cancellation);

            await using var store = ObjectStore.Open(Path.Combine(folder, "cluster.db"));
            foreach (var line in Lines(journal))
            {
                var parts = line.Split(' ');
                var found = store.Get(new StoreKey("configmaps", "default", parts[0]));
                Assert.True(found is not null, $"{parts[0]} was acknowledged at {parts[1]} and is not there");
                Assert.Equal(long.Parse(parts[1]), found.Revision);
            }
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact(Explicit = true)]
    public async Task Host_that_writes_until_it_is_killed()
    {
        var folder = Environment.GetEnvironmentVariable(HostFolder);
        Assert.SkipWhen(folder is null, "started by the durability test only");
        await using var server = await StartAsync(folder);
        await using var journal = new FileStream(Path.Combine(folder, "journal"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        var run = Guid.NewGuid().ToString("N")[..8];
        using var gate = new SemaphoreSlim(1);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
        {
            for (var i = 0; i < 100_000; i++)
            {
                var made = await server.Client.CreateAsync(ConfigMap($"m-{run}-{writer}-{i}"), Cancellation);
                await gate.WaitAsync(Cancellation);
                journal.Write(System.Text.Encoding.UTF8.GetBytes($"{made.Name} {made.ResourceVersion}\n"));
                journal.Flush();
                gate.Release();
            }
        }));
    }

    [Fact]
    public async Task A_watch_goes_on_after_a_restart_and_revisions_never_go_back()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-restart-").FullName;
        long from;
        await using (var first = await StartAsync(folder))
        {
            from = first.Client.Revision;
            await first.Client.CreateAsync(ConfigMap("a"), Cancellation);
            await first.Client.ChangeAsync(new ObjectKey(ConfigMaps, "default", "a"), o => o.With(["data", "k"], "v"), "", Cancellation);
            await first.Client.DeleteAsync(new ObjectKey(ConfigMaps, "default", "a"), null, null, null, Cancellation);
        }

        await using var second = await StartAsync(folder);
        Assert.True(second.Client.Revision >= from + 3);
        var seen = new List<ClusterEventType>();
        await foreach (var change in second.Client.WatchAsync(ConfigMaps, from, Cancellation))
        {
            if (change.Object.Name == "a")
            {
                seen.Add(change.Type);
            }

            if (seen.Count == 3)
            {
                break;
            }
        }

        Assert.Equal([ClusterEventType.Added, ClusterEventType.Modified, ClusterEventType.Deleted], seen);
        var locked = await Assert.ThrowsAsync<StoreUnavailableException>(() => StartAsync(folder));
        Assert.Contains("in use by another process", locked.Message);
    }

    [Fact]
    public async Task A_full_disk_is_said_and_loses_nothing()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-full-").FullName;
        await using var server = await StartAsync(folder, 512 * 1024);
        var kept = 0;
        var error = await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            for (; kept < 1_000; kept++)
            {
                await server.Client.CreateAsync(ConfigMap($"full-{kept}").With(["data", "k"], new string('x', 10_000)), Cancellation);
            }
        });
        Assert.Contains("the disk is full", error.Message);
        Assert.Equal(kept, server.Client.List(ConfigMaps, "default").Items.Count(i => i.Name.StartsWith("full-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_reader_that_falls_behind_is_told_and_never_skips()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-slow-").FullName;
        await using var store = ObjectStore.Open(Path.Combine(folder, "cluster.db"));
        var watch = store.Watch("configmaps", store.Revision)!;
        await Task.WhenAll(Enumerable.Range(0, StoreLimits.HistoryPerResource + 10).Select(i => store.WriteAsync(
            new StoreWrite(StoreVerb.Create, new StoreKey("configmaps", "default", $"s-{i}"), ConfigMap($"s-{i}").Body), Cancellation)));
        Assert.Null(watch.Read());
        Assert.Null(store.Watch("configmaps", 1));
    }

    [Fact]
    public async Task History_is_bounded_by_bytes_in_memory_and_on_disk()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-large-").FullName;
        var file = Path.Combine(folder, "cluster.db");
        var key = new StoreKey("configmaps", "default", "large");
        long early, late;
        await using (var store = ObjectStore.Open(file))
        {
            var made = await store.WriteAsync(new StoreWrite(StoreVerb.Create, key, ConfigMap("large").Body), Cancellation);
            early = late = made.Object!.Revision;
            for (var i = 0; i < 100; i++)
            {
                var body = ConfigMap("large").With(["data", "k"], new string((char)('a' + (i % 26)), 1024 * 1024)).Body;
                late = (await store.WriteAsync(new StoreWrite(StoreVerb.Update, key, body, late), Cancellation)).Object!.Revision;
            }

            Assert.Null(store.Watch("configmaps", early));
            Assert.NotNull(store.Watch("configmaps", late - 10));
        }

        var size = new FileInfo(file).Length;
        Assert.True(size < StoreLimits.HistoryInLogBytes * 5 / 4, $"the database has {size >> 20} MiB after 100 MiB of changes to one object");
        await using var again = ObjectStore.Open(file);
        Assert.Null(again.Watch("configmaps", early));
        Assert.Equal(late, again.Get(key)!.Revision);
        Assert.NotNull(again.Watch("configmaps", late - 10));
    }

    [Fact]
    public async Task Ten_thousand_objects_take_less_than_150_megabytes()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-many-").FullName;
        await using var server = await StartAsync(folder);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async writer =>
        {
            for (var i = 0; i < 100; i++)
            {
                await server.Client.CreateAsync(ConfigMap($"m-{writer}-{i}").With(["data", "k"], new string('x', 1_000)), Cancellation);
            }
        }));
        var megabytes = (GC.GetTotalMemory(forceFullCollection: true) - before) >> 20;
        Assert.True(server.Client.List(ConfigMaps, "default").Items.Count >= 10_000);
        Assert.True(megabytes < 150, $"{megabytes} MB");
    }

    [Fact]
    public async Task An_idle_server_and_its_restart_write_nothing()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-idle-").FullName;
        long settled;
        await using (var first = await StartAsync(folder))
        {
            settled = await SettledAsync(first);
        }

        await using var second = await StartAsync(folder);
        Assert.Equal(settled, await SettledAsync(second));
    }

    // The first writes of controllers follow each other at once; a second without any is the end of them.
    private static async Task<long> SettledAsync(LocalClusterServer server)
    {
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            var seen = server.Client.Revision;
            await Task.Delay(1_000, Cancellation);
            if (server.Client.Revision == seen)
            {
                return seen;
            }

            Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(30), "the server never stops writing");
        }
    }

    private static KubernetesObject ConfigMap(string name) => new(YamlMap.Of(
        ("apiVersion", "v1"), ("kind", "ConfigMap"), ("metadata", YamlMap.Of(("name", name), ("namespace", "default")))));

    private static Task<LocalClusterServer> StartAsync(string folder, long maxBytes = 0) => LocalClusterServer.StartAsync(
        new LocalClusterOptions { DataFolder = folder, Listen = new IPEndPoint(IPAddress.Loopback, 0), MaxDatabaseBytes = maxBytes },
        TimeProvider.System, NullLoggerFactory.Instance, Cancellation);

    // The last line may be half written.
    private static List<string> Lines(string file)
    {
        if (!File.Exists(file))
        {
            return [];
        }

        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = reader.ReadToEnd();
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static async Task UntilAsync(Func<bool> reached, Process host)
    {
        var deadline = Stopwatch.StartNew();
        while (!reached())
        {
            Assert.False(host.HasExited, "the host ended by itself");
            Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(60), "the host wrote nothing for a minute");
            await Task.Delay(20, Cancellation);
        }
    }
}
