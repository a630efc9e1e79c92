using System.Globalization;
using System.Text;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Tests;

/// <summary>What a watch promises, over recorded streams: whole ones, selecting ones, and ones that were cut and taken up again.</summary>
public sealed class WatchPromiseTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const int Writers = 4;
    private const int Each = 60;

    private readonly string _space = "watch-" + Guid.NewGuid().ToString("N")[..8];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Maps => $"/api/v1/namespaces/{_space}/configmaps";

    [Fact]
    public async Task All_nine_promises_hold_while_several_write()
    {
        await SendAsync(HttpMethod.Post, "/api/v1/namespaces", $"{{\"metadata\":{{\"name\":\"{_space}\"}}}}");
        var from = Revision(await SendAsync(HttpMethod.Get, Maps, null));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var whole = WatchAsync(from, "", cutEvery: 0, ending.Token);
        var left = WatchAsync(from, "left", cutEvery: 0, ending.Token);
        var cut = WatchAsync(from, "", cutEvery: 7, ending.Token);
        var writes = (await Task.WhenAll(Enumerable.Range(0, Writers).Select(WriteAsync))).SelectMany(w => w).OrderBy(w => w.Revision).ToList();

        // A last write, which every stream must reach.
        var end = Revision(await SendAsync(HttpMethod.Post, Maps, Body("end", "end", "left")));
        foreach (var (record, side) in new[] { (await whole, ""), (await left, "left"), (await cut, "") })
        {
            Assert.Equal(end, record[^1].Revision);
            foreach (var (promise, breach) in new WatchRecord(record, writes, from, side).Promises())
            {
                Assert.True(breach is null, $"{promise} ({(side.Length == 0 ? "all" : side)}): {breach}");
            }
        }

        Assert.True(writes.Count >= Each);
    }

    [Theory]
    [InlineData("ordered", "1A 3A")]
    [InlineData("unique", "1A 1M")]
    [InlineData("reliable", "1A 4M")]
    [InlineData("resumable", "0A 1M")]
    [InlineData("bookmarkable", "1A 2M 1B")]
    [InlineData("right type", "1A 2A")]
    public void A_stream_that_breaks_a_promise_is_caught(string promise, string stream)
    {
        var events = stream.Split(' ').Select(e => new WatchedEvent(e[^1] switch { 'A' => "ADDED", 'M' => "MODIFIED", 'B' => "BOOKMARK", _ => "DELETED" },
            long.Parse(e[..^1], CultureInfo.InvariantCulture), "n", "v", "")).ToList();
        events = promise == "ordered" ? [events[1] with { Type = "ADDED" }, events[0] with { Type = "MODIFIED" }] : events;
        var writes = new[] { 1L, 2, 4 }.Select(r => new AckedWrite("n", r, "v", "")).ToList();
        Assert.NotNull(new WatchRecord(events, writes, 0, "").Promises().Single(p => p.Promise == promise).Breach);
    }

    private async Task<List<AckedWrite>> WriteAsync(int writer)
    {
        var random = new Random(writer);
        var acked = new List<AckedWrite>();
        for (var i = 0; i < Each; i++)
        {
            // Each writer has names of its own, so that the order of its writes is known.
            var (name, value, side) = ($"w{writer}-{random.Next(5)}", $"{writer}.{i}", random.Next(2) == 0 ? "left" : "right");
            switch (random.Next(4))
            {
                case 0:
                    await SendAsync(HttpMethod.Delete, $"{Maps}/{name}", null);
                    break;
                case 1:
                    Add(await SendAsync(HttpMethod.Post, Maps, Body(name, value, side)));
                    break;
                default:
                    Add(await SendAsync(HttpMethod.Put, $"{Maps}/{name}", Body(name, value, side)));
                    break;
            }

            void Add(YamlMap answer)
            {
                if (answer["kind"]?.AsString() == "ConfigMap")
                {
                    acked.Add(new AckedWrite(name, Revision(answer), value, side));
                }
            }
        }

        return acked;
    }

    // Watches until the last write is seen; a stream that is cut goes on from its last revision.
    private async Task<List<WatchedEvent>> WatchAsync(long from, string side, int cutEvery, CancellationToken cancellation)
    {
        var record = new List<WatchedEvent>();
        var selector = side.Length == 0 ? "" : $"&labelSelector=side%3D{side}";
        while (true)
        {
            using var stream = await fixture.Http.GetStreamAsync($"{Maps}?watch=1&allowWatchBookmarks=true&resourceVersion={from}{selector}&timeoutSeconds=60", cancellation);
            using var reader = new StreamReader(stream);
            for (var i = 1; cutEvery == 0 || i <= cutEvery; i++)
            {
                if (await reader.ReadLineAsync(cancellation) is not { } line)
                {
                    break;
                }

                var seen = WatchedEvent.Read(line);
                from = seen.Revision;
                if (seen.Name is not "kube-root-ca.crt")
                {
                    record.Add(seen);
                }

                if (seen.Name == "end")
                {
                    return record;
                }
            }
        }
    }

    private static string Body(string name, string value, string side) =>
        $"{{\"metadata\":{{\"name\":\"{name}\",\"labels\":{{\"side\":\"{side}\"}}}},\"data\":{{\"v\":\"{value}\"}}}}";

    private static long Revision(YamlMap answer) => long.Parse(answer.At("metadata", "resourceVersion")!.AsString()!, CultureInfo.InvariantCulture);

    private async Task<YamlMap> SendAsync(HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var answer = await fixture.Http.SendAsync(request, Cancellation);
        return (YamlMap)JsonText.Read(await answer.Content.ReadAsByteArrayAsync(Cancellation));
    }
}
