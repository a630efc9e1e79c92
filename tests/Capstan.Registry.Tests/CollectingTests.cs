using System.Text;
using Capstan.Oci.Content;
using Capstan.Registry.Collecting;
using Capstan.Testing;

namespace Capstan.Registry.Tests;

/// <summary>What is deleted, what never is, and what the disk does to it.</summary>
public sealed class CollectingTests : IAsyncLifetime
{
    private readonly FakeClock _clock = new();
    private RegistryFixture _registry = null!;
    private RegistryWire _wire = null!;

    public async ValueTask InitializeAsync()
    {
        _registry = await RegistryFixture.StartAsync(time: _clock);
        _wire = _registry.Connect();
    }

    public async ValueTask DisposeAsync()
    {
        _wire.Dispose();
        await _registry.DisposeAsync();
    }

    private sealed class InUse(params string[] digests) : IImagesInUse
    {
        public Task<IReadOnlySet<Digest>> FindAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlySet<Digest>>(digests.Select(Digest.Parse).ToHashSet());
    }

    private Task<CollectionReport> CollectAsync(IImagesInUse? inUse = null) => new Collector(_registry.Store, inUse).CollectAsync(TestContext.Current.CancellationToken);

    private static string DigestOf(string json) => RegistryWire.DigestOf(Encoding.UTF8.GetBytes(json));

    [Fact]
    public async Task A_blob_without_a_manifest_goes_after_the_grace_time_and_not_before()
    {
        var digest = await _wire.PushBlobAsync("shop", "lonely"u8.ToArray());
        _clock.Advance(TimeSpan.FromHours(23));
        Assert.Equal(0, (await CollectAsync()).Blobs);
        _clock.Advance(TimeSpan.FromHours(2));
        var report = await CollectAsync();
        Assert.Equal((1, 1, 6L), (report.Links, report.Blobs, report.Bytes));
        Assert.Equal(404, (await _wire.SendAsync("GET", "/v2/shop/blobs/" + digest)).Status);
    }

    [Fact]
    public async Task Who_was_told_that_a_blob_is_here_still_finds_it_a_day_later()
    {
        var json = await _wire.ImageJsonAsync("shop");
        _clock.Advance(TimeSpan.FromHours(25));
        foreach (var content in new[] { "{\"architecture\":\"amd64\",\"os\":\"linux\"}", "layer" }) Assert.Equal(200, (await _wire.SendAsync("HEAD", "/v2/shop/blobs/" + DigestOf(content))).Status);
        _clock.Advance(TimeSpan.FromHours(20));
        await CollectAsync();
        Assert.Equal(201, (await _wire.PutManifestAsync("shop", "v1", json)).Status);
    }

    [Fact]
    public async Task What_is_mounted_is_kept_by_its_new_repository()
    {
        var digest = await _wire.PushBlobAsync("old", "content"u8.ToArray());
        _clock.Advance(TimeSpan.FromHours(25));
        Assert.Equal(201, (await _wire.SendAsync("POST", $"/v2/new/blobs/uploads/?mount={digest}&from=old")).Status);
        Assert.Equal((1, 0), await CollectAsync() is var report ? (report.Links, report.Blobs) : default);
        Assert.Equal(404, (await _wire.SendAsync("HEAD", "/v2/old/blobs/" + digest)).Status);
        Assert.Equal("content", (await _wire.SendAsync("GET", "/v2/new/blobs/" + digest)).Text);
    }

    [Fact]
    public async Task Tags_indexes_subjects_and_uses_outside_hold_manifests_and_nothing_else_does()
    {
        var tagged = await _wire.PushImageAsync("shop", "v1", "tagged");
        var child = await PutUntaggedAsync("child");
        var index = $$"""{"schemaVersion":2,"manifests":[{{Describe(child)}}]}""";
        await _wire.PutManifestAsync("shop", "multi", index, "application/vnd.oci.image.index.v1+json");
        var used = await PutUntaggedAsync("used");
        var lost = await PutUntaggedAsync("lost");
        var signature = await PutUntaggedAsync("signature", $",\"subject\":{Describe(tagged)}");
        var lostSignature = await PutUntaggedAsync("lost signature", $",\"subject\":{Describe(lost)}");
        await _wire.PutManifestAsync("shop", DigestOf(lost).Replace(':', '-') + ".sig", await _wire.ImageJsonAsync("shop", "cosign's"));
        _clock.Advance(TimeSpan.FromHours(25));

        Assert.Equal(0, (await CollectAsync()).Manifests);
        Assert.Equal(3, (await CollectAsync(new InUse(DigestOf(used)))).Manifests);
        foreach (var json in new[] { tagged, child, used, signature }) Assert.Equal(200, (await _wire.SendAsync("GET", "/v2/shop/manifests/" + DigestOf(json))).Status);
        foreach (var json in new[] { lost, lostSignature }) Assert.Equal(404, (await _wire.SendAsync("GET", "/v2/shop/manifests/" + DigestOf(json))).Status);
        Assert.DoesNotContain(".sig", (await _wire.SendAsync("GET", "/v2/shop/tags/list")).Text, StringComparison.Ordinal);
        foreach (var content in new[] { "tagged", "child", "used", "signature" }) Assert.Equal(200, (await _wire.SendAsync("GET", "/v2/shop/blobs/" + DigestOf(content))).Status);
        Assert.Equal(404, (await _wire.SendAsync("GET", "/v2/shop/blobs/" + DigestOf("lost"))).Status);
    }

    [Fact]
    public async Task When_it_cannot_be_known_what_is_in_use_nothing_is_deleted()
    {
        await PutUntaggedAsync("lost");
        _clock.Advance(TimeSpan.FromHours(25));
        await Assert.ThrowsAsync<IOException>(() => CollectAsync(new Unknown()));
        Assert.Equal(200, (await _wire.SendAsync("GET", "/v2/shop/blobs/" + DigestOf("lost"))).Status);
    }

    private sealed class Unknown : IImagesInUse
    {
        public Task<IReadOnlySet<Digest>> FindAsync(CancellationToken cancellation) => throw new IOException("the cluster does not answer");
    }

    [Fact]
    public async Task Pushes_and_collections_at_once_never_leave_a_manifest_without_its_blobs()
    {
        await using var registry = await RegistryFixture.StartAsync(new RegistryOptions { GraceTime = TimeSpan.FromMilliseconds(300) });
        using var wire = registry.Connect();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        var collecting = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await new Collector(registry.Store, new InUse()).CollectAsync(CancellationToken.None);
        }, TestContext.Current.CancellationToken);
        var (taken, refused) = (0, 0);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async worker =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var name = $"shop{worker % 3}";
                var json = await wire.ImageJsonAsync(name, $"layer {i % 5}");
                var answer = await wire.PutManifestAsync(name, $"v{i % 3}", json);
                if (answer.Status == 404) Interlocked.Increment(ref refused);
                else Assert.Equal(201, answer.Status);
                Interlocked.Increment(ref taken);
                var got = await wire.SendAsync("GET", $"/v2/{name}/manifests/v{i % 3}");
                if (got.Status == 404) continue;
                Assert.Equal(200, (await wire.SendAsync("GET", $"/v2/{name}/blobs/{DigestIn(got.Text, "layers")}")).Status);
            }
        }));
        await collecting;
        TestContext.Current.TestOutputHelper?.WriteLine($"{taken} pushes, {refused} refused because a blob had gone within the grace time of 300 ms");
        Assert.True(taken > 20);
    }

    [Fact]
    public async Task A_blob_that_a_manifest_needs_is_not_deleted_and_one_deleted_here_stays_elsewhere()
    {
        var json = await _wire.PushImageAsync("shop", "v1");
        var layer = RegistryWire.DigestOf("layer"u8);
        await _wire.PushBlobAsync("other", "layer"u8.ToArray());
        var refused = await _wire.SendAsync("DELETE", "/v2/shop/blobs/" + layer);
        Assert.Equal(405, refused.Status);
        Assert.Contains($"the manifest {DigestOf(json)} needs the blob {layer}", refused.Text, StringComparison.Ordinal);
        Assert.Equal(202, (await _wire.SendAsync("DELETE", "/v2/shop/manifests/" + DigestOf(json))).Status);
        Assert.Equal(404, (await _wire.SendAsync("GET", "/v2/shop/manifests/v1")).Status);
        Assert.Equal(202, (await _wire.SendAsync("DELETE", "/v2/shop/blobs/" + layer)).Status);
        Assert.Equal(404, (await _wire.SendAsync("GET", "/v2/shop/blobs/" + layer)).Status);
        Assert.Equal(404, (await _wire.SendAsync("DELETE", "/v2/shop/blobs/" + layer)).Status);
        Assert.Equal("layer", (await _wire.SendAsync("GET", "/v2/other/blobs/" + layer)).Text);
    }

    [Fact]
    public async Task A_tag_that_is_deleted_leaves_what_it_pointed_at()
    {
        var json = await _wire.PushImageAsync("shop", "v1");
        Assert.Equal(202, (await _wire.SendAsync("DELETE", "/v2/shop/manifests/v1")).Status);
        Assert.Equal(404, (await _wire.SendAsync("GET", "/v2/shop/manifests/v1")).Status);
        Assert.Equal(404, (await _wire.SendAsync("DELETE", "/v2/shop/manifests/v1")).Status);
        Assert.Equal(json, (await _wire.SendAsync("GET", "/v2/shop/manifests/" + DigestOf(json))).Text);
    }

    [Fact]
    public async Task A_flipped_byte_is_found_not_served_and_mended_by_a_push()
    {
        var json = await _wire.PushImageAsync("shop", "v1");
        Flip(_registry.Store.Folders.Blob(Digest.Parse(DigestOf(json))));
        Assert.Equal(500, (await _wire.SendAsync("GET", "/v2/shop/manifests/v1")).Status);
        var layer = Digest.Of("layer"u8);
        Flip(_registry.Store.Folders.Blob(layer));
        var damaged = await new Scrubber(_registry.Store).ScrubAsync(TestContext.Current.CancellationToken);
        Assert.Equal(new[] { DigestOf(json), layer.ToString() }.Order(), damaged.Select(d => d.ToString()).Order());
        Assert.Equal(404, (await _wire.SendAsync("GET", "/v2/shop/blobs/" + layer)).Status);
        await _wire.PushImageAsync("shop", "v1");
        Assert.Equal(json, (await _wire.SendAsync("GET", "/v2/shop/manifests/v1")).Text);
        Assert.Equal("layer", (await _wire.SendAsync("GET", "/v2/shop/blobs/" + layer)).Text);
        Assert.Empty(await new Scrubber(_registry.Store).ScrubAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_idle_upload_is_swept_away()
    {
        var location = await _wire.BeginAsync("shop");
        File.SetLastWriteTimeUtc(Directory.EnumerateFiles(_registry.Store.Folders.Uploads).Single(), _clock.GetUtcNow().UtcDateTime);
        _clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(0, (await CollectAsync()).Uploads);
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(1, (await CollectAsync()).Uploads);
        Assert.Equal(404, (await _wire.SendAsync("GET", location)).Status);
        Assert.Empty(Directory.EnumerateFiles(_registry.Store.Folders.Uploads));
    }

    private async Task<string> PutUntaggedAsync(string content, string? extra = null)
    {
        var json = await _wire.ImageJsonAsync("shop", content, extra);
        Assert.Equal(201, (await _wire.PutManifestAsync("shop", DigestOf(json), json)).Status);
        return json;
    }

    private static string Describe(string json) => RegistryWire.Descriptor("application/vnd.oci.image.manifest.v1+json", Encoding.UTF8.GetBytes(json));

    private static string DigestIn(string json, string member) =>
        System.Text.Json.JsonDocument.Parse(json).RootElement.GetProperty(member)[0].GetProperty("digest").GetString()!;

    private static void Flip(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[^2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}
