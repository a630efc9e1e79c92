using System.Text;
using Capstan.Testing;

namespace Capstan.Registry.Tests;

/// <summary>What is pushed, whole, cut off, out of order or lying.</summary>
public sealed class PushTests : IAsyncLifetime
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

    [Fact]
    public async Task A_chunk_out_of_place_is_refused_with_what_is_here_and_the_right_one_is_taken_then()
    {
        var location = await _wire.BeginAsync("shop");
        Assert.Equal(202, (await _wire.PatchAsync(location, "abcd"u8.ToArray(), "0-3")).Status);
        foreach (var (range, chunk) in new[] { ("0-3", "abcd"), ("2-5", "cdef"), ("8-9", "ij"), ("4-9", "ef"), ("9-4", "ef"), ("x-y", "ef"), ("-5", "ef"), ("5", "e") })
        {
            var refused = await _wire.PatchAsync(location, Encoding.ASCII.GetBytes(chunk), range);
            Assert.True(refused.Status == 416, $"{range}: {refused.Status}");
            Assert.Equal("0-3", refused["Range"]);
            Assert.Contains("BLOB_UPLOAD_INVALID", refused.Text, StringComparison.Ordinal);
        }

        Assert.Equal(202, (await _wire.PatchAsync(location, "efgh"u8.ToArray(), "4-7")).Status);
        var last = await _wire.FinishAsync(location, RegistryWire.DigestOf("abcdefghij"u8), "ij"u8.ToArray(), ("Content-Range", "8-9"));
        Assert.Equal(201, last.Status);
        Assert.Equal("abcdefghij", (await _wire.SendAsync("GET", last.Location)).Text);
    }

    [Fact]
    public async Task Two_at_the_same_upload_never_mix_their_bytes()
    {
        var location = await _wire.BeginAsync("shop");
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => _wire.PatchAsync(location, Enumerable.Repeat((byte)('a' + i), 200_000).ToArray(), "0-199999")));
        Assert.Single(answers, a => a.Status == 202);
        Assert.All(answers.Where(a => a.Status != 202), a => Assert.True(a.Status is 409 or 416, $"{a.Status}"));
        var winner = Array.FindIndex(answers, a => a.Status == 202);
        var finished = await _wire.FinishAsync(location, RegistryWire.DigestOf(Enumerable.Repeat((byte)('a' + winner), 200_000).ToArray()));
        Assert.Equal(201, finished.Status);
    }

    [Fact]
    public async Task An_upload_is_there_for_its_repository_only()
    {
        var location = await _wire.BeginAsync("shop");
        var id = location.Split('/')[^1];
        foreach (var path in new[] { $"/v2/other/blobs/uploads/{id}", "/v2/shop/blobs/uploads/2f1b0c5e-1d3f-4d1e-9a39-6f1f4f1f4f1f", "/v2/shop/blobs/uploads/..%2F..%2Ftoken", "/v2/shop/blobs/uploads/x" })
        {
            foreach (var method in new[] { "GET", "PATCH", "PUT", "DELETE" })
            {
                var answer = await _wire.SendAsync(method, path + (method == "PUT" ? "?digest=" + RegistryWire.DigestOf(""u8) : ""));
                Assert.True(answer.Status == 404, $"{method} {path}: {answer.Status}");
            }
        }

        Assert.Equal(204, (await _wire.SendAsync("GET", location)).Status);
        Assert.Equal(204, (await _wire.SendAsync("DELETE", location)).Status);
        Assert.Equal(404, (await _wire.SendAsync("GET", location)).Status);
    }

    [Fact]
    public async Task A_lying_digest_leaves_no_blob()
    {
        var content = "content"u8.ToArray();
        foreach (var stated in new[] { RegistryWire.DigestOf("other"u8), RegistryWire.DigestOf("other"u8, sha512: true) })
        {
            var whole = await _wire.SendAsync("POST", "/v2/shop/blobs/uploads/?digest=" + stated, content, ("Content-Type", "application/octet-stream"));
            var put = await _wire.FinishAsync(await _wire.BeginAsync("shop"), stated, content);
            var patched = await _wire.BeginAsync("shop");
            await _wire.PatchAsync(patched, content);
            foreach (var answer in new[] { whole, put, await _wire.FinishAsync(patched, stated) })
            {
                Assert.Equal(400, answer.Status);
                Assert.Contains("DIGEST_INVALID", answer.Text, StringComparison.Ordinal);
            }

            Assert.Equal(404, (await _wire.SendAsync("HEAD", "/v2/shop/blobs/" + stated)).Status);
            Assert.Equal(404, (await _wire.SendAsync("HEAD", "/v2/shop/blobs/" + RegistryWire.DigestOf(content))).Status);
        }

        Assert.Empty(Directory.EnumerateFiles(_registry.Store.Folders.Uploads));
    }

    [Fact]
    public async Task An_upload_goes_on_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-registry-").FullName;
        string location;
        await using (var first = await RegistryFixture.StartAsync(folder: folder))
        {
            using var wire = first.Connect();
            location = await wire.BeginAsync("shop");
            Assert.Equal(202, (await wire.PatchAsync(location, "first,"u8.ToArray(), "0-5")).Status);
        }

        await using (var second = await RegistryFixture.StartAsync(folder: folder))
        {
            using var wire = second.Connect();
            Assert.Equal("0-5", (await wire.SendAsync("GET", location))["Range"]);
            Assert.Equal(201, (await wire.FinishAsync(location, RegistryWire.DigestOf("first,second"u8), "second"u8.ToArray())).Status);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_manifest_is_served_as_the_bytes_that_were_pushed()
    {
        var json = (await _wire.ImageJsonAsync("shop")).Replace("{\"schemaVersion\"", "  {\n\t\"schemaVersion\"", StringComparison.Ordinal) + "\n\n";
        Assert.Equal(201, (await _wire.PutManifestAsync("shop", "v1", json)).Status);
        Assert.Equal(json, (await _wire.SendAsync("GET", "/v2/shop/manifests/v1")).Text);
        var wrong = await _wire.PutManifestAsync("shop", RegistryWire.DigestOf("other"u8), json);
        Assert.Equal(400, wrong.Status);
        Assert.Contains("DIGEST_INVALID", wrong.Text, StringComparison.Ordinal);
        var long512 = await _wire.PutManifestAsync("shop", RegistryWire.DigestOf(Encoding.UTF8.GetBytes(json), sha512: true), json);
        Assert.Equal(201, long512.Status);
        Assert.Equal(json, (await _wire.SendAsync("GET", long512.Location)).Text);
    }

    [Fact]
    public async Task A_manifest_whose_parts_are_missing_is_refused_and_one_whose_subject_is_missing_is_taken()
    {
        var json = await _wire.ImageJsonAsync("shop");
        var elsewhere = await _wire.PutManifestAsync("other", "v1", json);
        Assert.Equal(404, elsewhere.Status);
        Assert.Contains("MANIFEST_BLOB_UNKNOWN", elsewhere.Text, StringComparison.Ordinal);
        var index = $$"""{"schemaVersion":2,"manifests":[{{RegistryWire.Descriptor("application/vnd.oci.image.manifest.v1+json", "absent"u8)}}]}""";
        Assert.Equal(404, (await _wire.PutManifestAsync("shop", "v1", index, "application/vnd.oci.image.index.v1+json")).Status);
        var referrer = await _wire.ImageJsonAsync("shop", extra: $",\"subject\":{RegistryWire.Descriptor("application/vnd.oci.image.manifest.v1+json", "absent"u8)}");
        var taken = await _wire.PutManifestAsync("shop", "signature", referrer);
        Assert.Equal(201, taken.Status);
        Assert.Equal(RegistryWire.DigestOf("absent"u8), taken["OCI-Subject"]);
    }

    [Fact]
    public async Task Damaged_or_doubtful_manifests_are_refused()
    {
        const string oci = "application/vnd.oci.image.manifest.v1+json";
        var good = await _wire.ImageJsonAsync("shop");
        var config = RegistryWire.Descriptor("application/vnd.oci.image.config.v1+json", "{\"architecture\":\"amd64\",\"os\":\"linux\"}"u8);
        (string What, string Json, string? Type, int Status)[] cases =
        [
            ("both layers and manifests", good[..^1].TrimEnd('}') + ",\"manifests\":[]}", oci, 400),
            ("another Content-Type than it says itself", good, "application/vnd.docker.distribution.manifest.v2+json", 400),
            ("a media type that is none of ours", "{\"schemaVersion\":2,\"mediaType\":\"text/plain\"}", "text/plain", 400),
            ("schema 1", "{\"schemaVersion\":1,\"name\":\"shop\",\"tag\":\"v1\",\"fsLayers\":[]}", "application/vnd.docker.distribution.manifest.v1+json", 400),
            ("nothing", "", oci, 400),
            ("no JSON", "hello", oci, 400),
            ("a list", "[]", oci, 400),
            ("two documents", good + good, oci, 400),
            ("a hundred thousand levels", string.Concat(Enumerable.Repeat("{\"a\":", 100_000)), oci, 400),
            ("text that is no UTF-8", "{\"schemaVersion\":2,\"mediaType\":\"\ud800\"}", oci, 400),
            ("no digest", $$"""{"schemaVersion":2,"config":{{config}},"layers":[{"mediaType":"a/b","size":1,"digest":"sha256:../../x"}]}""", oci, 400),
            ("a negative size", $$"""{"schemaVersion":2,"config":{{config}},"layers":[{"mediaType":"a/b","size":-1,"digest":"{{RegistryWire.DigestOf("x"u8)}}"}]}""", oci, 400),
            ("a size that is not the blob's", good.Replace("\"size\":5", "\"size\":6", StringComparison.Ordinal), oci, 400),
            ("data that is not the content", $$"""{"schemaVersion":2,"config":{{config[..^1]}},"data":"AAAA"},"layers":[]}""", oci, 400),
            ("a member twice", good.Replace("\"schemaVersion\":2", "\"schemaVersion\":2,\"schemaVersion\":2", StringComparison.Ordinal), oci, 400),
            ("more than 4 MiB", good.TrimEnd()[..^1] + $",\"annotations\":{{\"a\":\"{new string('x', 4 << 20)}\"}}}}", oci, 413),
            ("a hundred thousand layers", $$"""{"schemaVersion":2,"config":{{config}},"layers":[{{string.Join(',', Enumerable.Repeat("{}", 100_000))}}]}""", oci, 400),
        ];
        foreach (var (what, json, type, status) in cases)
        {
            var answer = await _wire.PutManifestAsync("shop", "bad", json, type);
            Assert.True(answer.Status == status, $"{what}: {answer.Status} {answer.Text}");
            Assert.Contains("MANIFEST_INVALID", answer.Text, StringComparison.Ordinal);
        }

        Assert.Equal(404, (await _wire.SendAsync("GET", "/v2/shop/manifests/bad")).Status);
    }

    [Theory]
    [InlineData("Shop")]
    [InlineData("a//b")]
    [InlineData("a/..")]
    [InlineData("../a")]
    [InlineData("_blobs")]
    [InlineData("a/_manifests")]
    [InlineData("a___b")]
    [InlineData("a..b")]
    [InlineData("a%2Fb")]
    [InlineData("a%00b")]
    [InlineData("-a")]
    public async Task What_is_no_name_is_refused(string name)
    {
        using var socket = new RawRequests(_registry.Address, _registry.Token);
        var answer = await socket.SendAsync($"POST /v2/{name}/blobs/uploads/ HTTP/1.1");
        Assert.True(answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 404", StringComparison.Ordinal), answer);
        Assert.False(answer.Contains("Location", StringComparison.Ordinal), answer);
    }

    [Fact]
    public async Task Names_that_look_like_parts_of_the_api_are_names()
    {
        foreach (var name in new[] { "a/blobs/b", "a/blobs/uploads", "a/tags/list", "manifests", "a/manifests/latest", "v2/blobs", new string('a', 255) })
        {
            var json = await _wire.PushImageAsync(name, "v1");
            Assert.Equal(json, (await _wire.SendAsync("GET", $"/v2/{name}/manifests/v1")).Text);
            Assert.Contains("\"v1\"", (await _wire.SendAsync("GET", $"/v2/{name}/tags/list")).Text, StringComparison.Ordinal);
        }

        Assert.Equal(400, (await _wire.SendAsync("POST", $"/v2/{new string('a', 256)}/blobs/uploads/")).Status);
        var json2 = await _wire.ImageJsonAsync("shop");
        Assert.Equal(201, (await _wire.PutManifestAsync("shop", new string('t', 128), json2)).Status);
        foreach (var tag in new[] { new string('t', 129), ".t", "-t", "t:u" }) Assert.Equal(400, (await _wire.PutManifestAsync("shop", tag, json2)).Status);
    }

    [Fact]
    public async Task Of_64_pushers_of_one_tag_one_wins_whole()
    {
        var jsons = new List<string>();
        for (var i = 0; i < 64; i++) jsons.Add(await _wire.ImageJsonAsync("shop", $"layer {i}"));
        var answers = await Task.WhenAll(jsons.Select(j => _wire.PutManifestAsync("shop", "latest", j)));
        Assert.All(answers, a => Assert.Equal(201, a.Status));
        Assert.Contains((await _wire.SendAsync("GET", "/v2/shop/manifests/latest")).Text, jsons);
    }

    [Fact]
    public async Task A_tag_that_is_to_stay_stays()
    {
        await using var registry = await RegistryFixture.StartAsync(new RegistryOptions { IsImmutable = (_, tag) => tag.Text.StartsWith('v') });
        using var wire = registry.Connect();
        var (one, other) = (await wire.ImageJsonAsync("shop", "one"), await wire.ImageJsonAsync("shop", "other"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => wire.PutManifestAsync("shop", "v1", i % 2 == 0 ? one : other)));
        var kept = (await wire.SendAsync("GET", "/v2/shop/manifests/v1")).Text;
        Assert.All(answers.Select((a, i) => (a.Status, Same: (i % 2 == 0 ? one : other) == kept)), a => Assert.Equal(a.Same ? 201 : 409, a.Status));
        Assert.Equal(409, (await wire.SendAsync("DELETE", "/v2/shop/manifests/v1")).Status);
        Assert.Equal(409, (await wire.SendAsync("DELETE", "/v2/shop/manifests/" + RegistryWire.DigestOf(Encoding.UTF8.GetBytes(kept)))).Status);
        Assert.Equal(201, (await wire.PutManifestAsync("shop", "latest", one)).Status);
        Assert.Equal(201, (await wire.PutManifestAsync("shop", "latest", other)).Status);
    }

    [Fact]
    public async Task What_is_over_a_limit_is_refused_and_reading_goes_on()
    {
        await using var registry = await RegistryFixture.StartAsync(new RegistryOptions { MaxBlobBytes = 1000, MaxTotalBytes = 3000, MaxRepositoryBytes = 1500, MaxOpenUploads = 5 });
        using var wire = registry.Connect();
        await wire.PushBlobAsync("one", new byte[900]);
        Assert.Equal(413, (await wire.FinishAsync(await wire.BeginAsync("one"), RegistryWire.DigestOf(new byte[1001]), new byte[1001])).Status);
        var full = await wire.FinishAsync(await wire.BeginAsync("one"), RegistryWire.DigestOf(new byte[700]), new byte[700]);
        Assert.Equal(507, full.Status);
        Assert.Contains("one: has 900 of 1,500 bytes", full.Text, StringComparison.Ordinal);
        await wire.PushBlobAsync("one", new byte[900]);
        await wire.PushBlobAsync("two", new byte[901]);
        await wire.PushBlobAsync("three", new byte[902]);
        Assert.Equal(507, (await wire.FinishAsync(await wire.BeginAsync("four"), RegistryWire.DigestOf(new byte[903]), new byte[903])).Status);
        Assert.Equal(200, (await wire.SendAsync("GET", "/v2/two/blobs/" + RegistryWire.DigestOf(new byte[901]))).Status);
        for (var open = Directory.GetFiles(registry.Store.Folders.Uploads).Length; open < 5; open++) await wire.BeginAsync("five");
        var busy = await wire.SendAsync("POST", "/v2/five/blobs/uploads/");
        Assert.Equal(429, busy.Status);
        Assert.Contains("TOOMANYREQUESTS", busy.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_push_that_is_cut_off_leaves_what_came_and_no_blob()
    {
        var location = await _wire.BeginAsync("shop");
        using (var socket = new RawRequests(_registry.Address, _registry.Token))
        {
            await socket.SendPartAsync($"PATCH {location} HTTP/1.1", 1000, "half");
            await Eventually.TrueAsync(async () => (await _wire.SendAsync("GET", location))["Range"] == "0-3");
        }

        Assert.Equal(201, (await _wire.FinishAsync(location, RegistryWire.DigestOf("half and half"u8), " and half"u8.ToArray())).Status);
    }
}
