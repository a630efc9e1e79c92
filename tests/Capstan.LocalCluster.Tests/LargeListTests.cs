using System.Globalization;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Tests;

/// <summary>Lists over very many namespaces, taken while others write. The full size (10,000 namespaces of ten objects) with <c>./test --faults</c>.</summary>
public sealed class LargeListTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const int Each = 10;

    private static readonly GroupKind Lease = new("coordination.k8s.io", "Lease");

    private static int Namespaces => Environment.GetEnvironmentVariable("CAPSTAN_TEST_FAULTS") == "full" ? 10_000 : 300;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_unpaged_list_is_streamed_and_shows_one_moment_while_others_write()
    {
        var client = fixture.Server.Client.As("filler");
        await Parallel.ForEachAsync(Enumerable.Range(0, Namespaces), Cancellation, async (space, cancellation) =>
        {
            await client.CreateAsync(Made("", "Namespace", "", Space(space)), cancellation);
            for (var i = 0; i < Each; i++) await client.CreateAsync(Leased(space, $"kept-{i}"), cancellation);
        });

        // Each pair comes and goes together in this order: a list that shows one moment never has the second without the first.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var writing = WritePairsAsync(client, stop.Token);
        for (var round = 0; round < 3; round++)
        {
            using var answer = await fixture.Http.GetAsync("/apis/coordination.k8s.io/v1/leases", HttpCompletionOption.ResponseHeadersRead, Cancellation);
            Assert.Null(answer.Content.Headers.ContentLength);
            var list = (YamlMap)JsonText.Read(await answer.Content.ReadAsByteArrayAsync(Cancellation), new ReadLimits { MaxBytes = int.MaxValue, MaxNodes = int.MaxValue });
            Judge(list);
        }

        await stop.CancelAsync();
        await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private static void Judge(YamlMap list)
    {
        var moment = Number(list.At("metadata", "resourceVersion"));
        var items = ((YamlList)list["items"]!).Cast<YamlMap>().ToList();
        var names = items.Select(i => $"{i.At("metadata", "namespace")!.AsString()}/{i.At("metadata", "name")!.AsString()}").ToHashSet(StringComparer.Ordinal);
        Assert.Equal(Namespaces * Each, names.Count(n => n.Contains("/kept-", StringComparison.Ordinal)));
        Assert.Equal(items.Count, names.Count);
        Assert.All(items, i => Assert.True(Number(i.At("metadata", "resourceVersion")) <= moment));
        var seconds = names.Where(n => n.Contains("/second-", StringComparison.Ordinal)).ToList();
        Assert.All(seconds, n => Assert.Contains(n.Replace("/second-", "/first-", StringComparison.Ordinal), names));
    }

    private static async Task WritePairsAsync(ClusterClient client, CancellationToken cancellation)
    {
        for (var round = 0; ; round++)
        {
            // The first of a pair sorts behind the second, in a namespace at either end of the list.
            var space = round % 2 == 0 ? 0 : Namespaces - 1;
            var (first, second) = (Leased(space, $"first-{round}"), Leased(space, $"second-{round}"));
            var one = await client.CreateAsync(first, cancellation);
            var two = await client.CreateAsync(second, cancellation);
            await client.DeleteAsync(two.Key, two.Uid, null, null, cancellation);
            await client.DeleteAsync(one.Key, one.Uid, null, null, cancellation);
        }
    }

    private static long Number(YamlNode? text) => long.Parse(text!.AsString()!, CultureInfo.InvariantCulture);

    private static string Space(int number) => string.Create(CultureInfo.InvariantCulture, $"many-{number:00000}");

    private static KubernetesObject Leased(int space, string name) => Made(Lease.Group + "/", Lease.Kind, Space(space), name);

    private static KubernetesObject Made(string group, string kind, string space, string name)
    {
        var metadata = space.Length == 0 ? YamlMap.Of(("name", name)) : YamlMap.Of(("name", name), ("namespace", space));
        return new KubernetesObject(YamlMap.Of(("apiVersion", group + "v1"), ("kind", kind), ("metadata", metadata)));
    }
}
