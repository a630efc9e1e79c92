using System.Text;
using System.Text.Json;
using Capstan.Testing;

namespace Capstan.Registry.Tests;

/// <summary>What is read: parts of blobs, pages of lists, who refers to what.</summary>
public sealed class PullTests : IAsyncLifetime
{
    private RegistryFixture _registry = null!;
    private RegistryWire _wire = null!;

    public async ValueTask InitializeAsync()
    {
        _registry = await RegistryFixture.StartAsync();
        _wire = _registry.Connect();
    }

    public async ValueTask DisposeAsync()
    {
        _wire.Dispose();
        await _registry.DisposeAsync();
    }

    [Theory]
    [InlineData("bytes=2-5", 206, "2345")]
    [InlineData("bytes=7-", 206, "789")]
    [InlineData("bytes=-3", 206, "789")]
    [InlineData("bytes=8-99", 206, "89")]
    [InlineData("bytes=-99", 206, "0123456789")]
    [InlineData("bytes=5-2", 416, null)]
    [InlineData("bytes=10-", 416, null)]
    [InlineData("bytes=-0", 416, null)]
    [InlineData("bytes=0-1,3-4", 200, "0123456789")]
    [InlineData("lines=0-1", 200, "0123456789")]
    [InlineData("bytes=x-y", 200, "0123456789")]
    public async Task A_range_gives_these_bytes(string range, int status, string? text)
    {
        var digest = await _wire.PushBlobAsync("shop", "0123456789"u8.ToArray());
        var answer = await _wire.SendAsync("GET", "/v2/shop/blobs/" + digest, headers: ("Range", range));
        Assert.Equal(status, answer.Status);
        if (text is not null) Assert.Equal(text, answer.Text);
        if (status == 416) Assert.Equal("bytes */10", answer["Content-Range"]);
    }

    [Fact]
    public async Task Of_an_empty_blob_everything_is_nothing()
    {
        var digest = await _wire.PushBlobAsync("shop", []);
        var answer = await _wire.SendAsync("GET", "/v2/shop/blobs/" + digest, headers: ("Range", "bytes=0-"));
        Assert.Equal((200, ""), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task Tags_come_in_pages_whose_links_lead_through_all_of_them()
    {
        var json = await _wire.ImageJsonAsync("shop");
        for (var i = 0; i < 25; i++) Assert.Equal(201, (await _wire.PutManifestAsync("shop", $"v{i}", json)).Status);
        var seen = new List<string>();
        for (var path = "/v2/shop/tags/list?n=10"; path is not null;)
        {
            var page = await _wire.SendAsync("GET", path);
            seen.AddRange(Tags(page));
            path = page["Link"] is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"v{i}").Order(StringComparer.Ordinal), seen);
        Assert.Equal(25, Tags(await _wire.SendAsync("GET", "/v2/shop/tags/list?n=2147483647")).Length);
        Assert.Equal(25, Tags(await _wire.SendAsync("GET", "/v2/shop/tags/list?n=99999999999999999999")).Length);
        Assert.Empty(Tags(await _wire.SendAsync("GET", "/v2/shop/tags/list?n=0")));
        Assert.Empty(Tags(await _wire.SendAsync("GET", "/v2/shop/tags/list?last=zz%00%ff")));
        foreach (var bad in new[] { "-1", "x", "1.5" }) Assert.Equal(400, (await _wire.SendAsync("GET", "/v2/shop/tags/list?n=" + bad)).Status);
        Assert.Equal("{\"repositories\":[\"shop\"]}", (await _wire.SendAsync("GET", "/v2/_catalog?n=2147483647")).Text);
        var missing = await _wire.SendAsync("GET", "/v2/none/tags/list");
        Assert.Equal(404, missing.Status);
        Assert.Contains("NAME_UNKNOWN", missing.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_knows_no_indexes_gets_the_image_of_its_platform()
    {
        var json = await _wire.PushImageAsync("shop", "amd64");
        var child = Encoding.UTF8.GetBytes(json);
        var index = $$"""{"schemaVersion":2,"manifests":[{{RegistryWire.Descriptor("application/vnd.oci.image.manifest.v1+json", child)[..^1]}},"platform":{"architecture":"amd64","os":"linux"} }]}""";
        Assert.Equal(201, (await _wire.PutManifestAsync("shop", "v1", index, "application/vnd.oci.image.index.v1+json")).Status);
        Assert.Equal(json, (await _wire.SendAsync("GET", "/v2/shop/manifests/v1", headers: ("Accept", "application/vnd.oci.image.manifest.v1+json"))).Text);
        foreach (var accept in new[] { "*/*", "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json" })
        {
            var answer = await _wire.SendAsync("GET", "/v2/shop/manifests/v1", headers: ("Accept", accept));
            Assert.Equal((index, "application/vnd.oci.image.index.v1+json"), (answer.Text, answer["Content-Type"]));
        }
    }

    [Fact]
    public async Task What_the_client_has_is_not_sent_again()
    {
        await _wire.PushImageAsync("shop", "v1");
        var tag = (await _wire.SendAsync("HEAD", "/v2/shop/manifests/v1"))["ETag"]!;
        Assert.Equal(304, (await _wire.SendAsync("GET", "/v2/shop/manifests/v1", headers: ("If-None-Match", tag))).Status);
    }

    [Fact]
    public async Task Many_referrers_come_in_pages_and_by_type()
    {
        await using var registry = await RegistryFixture.StartAsync(new RegistryOptions { PageSize = 20 });
        using var wire = registry.Connect();
        var subject = Encoding.UTF8.GetBytes(await wire.PushImageAsync("shop", "v1"));
        var about = RegistryWire.Descriptor("application/vnd.oci.image.manifest.v1+json", subject);
        for (var i = 0; i < 45; i++)
        {
            var json = await wire.ImageJsonAsync("shop", extra: $",\"artifactType\":\"a/{(i < 5 ? "few" : "many")}\",\"annotations\":{{\"n\":\"{i}\"}},\"subject\":{about}");
            Assert.Equal(201, (await wire.PutManifestAsync("shop", RegistryWire.DigestOf(Encoding.UTF8.GetBytes(json)), json)).Status);
        }

        var (count, path) = (0, $"/v2/shop/referrers/{RegistryWire.DigestOf(subject)}");
        for (var pages = 0; path is not null; pages++)
        {
            Assert.True(pages < 5);
            var page = await wire.SendAsync("GET", path);
            count += Manifests(page).Length;
            path = page["Link"] is { } link ? link[1..link.IndexOf('>', StringComparison.Ordinal)] : null;
        }

        Assert.Equal(45, count);
        var few = await wire.SendAsync("GET", $"/v2/shop/referrers/{RegistryWire.DigestOf(subject)}?artifactType=a/few");
        Assert.Equal((5, "artifactType"), (Manifests(few).Length, few["OCI-Filters-Applied"]));
        Assert.Empty(Manifests(await wire.SendAsync("GET", $"/v2/shop/referrers/{RegistryWire.DigestOf(subject)}?artifactType=a/few%22%20or%201")));
        Assert.Equal(202, (await wire.SendAsync("DELETE", $"/v2/shop/manifests/{RegistryWire.DigestOf(subject)}")).Status);
        Assert.Equal(20, Manifests(await wire.SendAsync("GET", $"/v2/shop/referrers/{RegistryWire.DigestOf(subject)}")).Length);
    }

    [Fact]
    public async Task Referrers_that_a_client_keeps_under_a_tag_count_too()
    {
        var subject = RegistryWire.DigestOf("subject"u8);
        var json = await _wire.ImageJsonAsync("shop", extra: $",\"subject\":{RegistryWire.Descriptor("application/vnd.oci.image.manifest.v1+json", "subject"u8)}");
        var bytes = Encoding.UTF8.GetBytes(json);
        await _wire.PutManifestAsync("shop", RegistryWire.DigestOf(bytes), json);
        File.Delete(Directory.EnumerateFiles(Path.Combine(_registry.Store.Folders.Repositories, "shop", "_referrers"), "*", SearchOption.AllDirectories).Single());
        Assert.Empty(Manifests(await _wire.SendAsync("GET", "/v2/shop/referrers/" + subject)));
        var index = $$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{RegistryWire.Descriptor("application/vnd.oci.image.manifest.v1+json", bytes)}}]}""";
        await _wire.PutManifestAsync("shop", subject.Replace(':', '-'), index, "application/vnd.oci.image.index.v1+json");
        Assert.Single(Manifests(await _wire.SendAsync("GET", "/v2/shop/referrers/" + subject)));
    }

    private static string[] Tags(WireAnswer answer) => [.. JsonDocument.Parse(answer.Body).RootElement.GetProperty("tags").EnumerateArray().Select(t => t.GetString()!)];

    private static JsonElement[] Manifests(WireAnswer answer) => [.. JsonDocument.Parse(answer.Body).RootElement.GetProperty("manifests").EnumerateArray()];
}
