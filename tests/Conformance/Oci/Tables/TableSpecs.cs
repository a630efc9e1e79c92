using System.Text;
using Capstan.Conformance.Oci.Specs;
using Capstan.Testing;
using static Capstan.Conformance.Oci.Specs.Workflow;

namespace Capstan.Conformance.Oci.Tables;

/// <summary>The tables of the newer suite: every way of upload for both algorithms, ranges, lying digests, kinds of manifest.</summary>
internal static class TableSpecs
{
    private static readonly (string Name, Func<Workflow, byte[], string, Task<WireAnswer>> PushAsync)[] Uploads =
    [
        ("post only", async (w, c, d) => await w.SendAsync("POST", "blobs/uploads/?digest=" + d, c, ("Content-Type", "application/octet-stream")) is var answer && answer.Status == 202
            ? await w.Wire.FinishAsync(answer.Location, d, c)
            : answer),
        ("post put", async (w, c, d) => await w.Wire.FinishAsync(await w.Wire.BeginAsync(w.Name), d, c)),
        ("chunked single", async (w, c, d) => await w.Wire.FinishAsync((await w.Wire.PatchAsync(await w.Wire.BeginAsync(w.Name), c, $"0-{c.Length - 1}")).Location, d)),
        ("chunked multi", async (w, c, d) => await w.Wire.FinishAsync(await ChunksAsync(w, c, c.Length), d)),
        ("chunked multi and put chunk", async (w, c, d) => await w.Wire.FinishAsync(await ChunksAsync(w, c, c.Length / 2), d, c[(c.Length / 2)..], ("Content-Range", $"{c.Length / 2}-{c.Length - 1}"))),
        ("stream", async (w, c, d) => await w.Wire.FinishAsync((await w.Wire.SendAsync("PATCH", await w.Wire.BeginAsync(w.Name), c, ("Content-Type", "application/octet-stream"), ("Transfer-Encoding", "chunked"))).Location, d)),
    ];

    private static readonly (string Range, int Status, int From, int To)[] Ranges =
    [
        ("500-1499", 206, 500, 1500), ("500-", 206, 500, 2048), ("-500", 206, 1548, 2048), ("2000-5000", 206, 2000, 2048), ("500-0", 416, 0, 0), ("5000-10000", 416, 0, 0),
    ];

    public static IEnumerable<Spec> All()
    {
        foreach (var sha512 in new[] { false, true })
        {
            var algorithm = sha512 ? "sha512" : "sha256";
            foreach (var (kind, size) in new[] { ("blob", 2048), ("empty blob", 0) })
            {
                foreach (var (name, push) in Uploads.Where(u => size > 0 || !u.Name.StartsWith("chunked", StringComparison.Ordinal)))
                {
                    yield return new($"{algorithm} blobs {name} of a {kind}", async w =>
                    {
                        var content = Some(size, algorithm + name);
                        var digest = RegistryWire.DigestOf(content, sha512);
                        Expect(await push(w, content, digest), 201);
                        Assert.Equal(content, Expect(await w.SendAsync("GET", "blobs/" + digest), 200).Body);
                    });
                }
            }

            foreach (var (name, push) in Uploads)
            {
                yield return new($"{algorithm} blobs bad digest {name}", async w =>
                {
                    var content = Some(2048, "bad" + algorithm + name);
                    var lie = RegistryWire.DigestOf("something else"u8, sha512);
                    Expect(await push(w, content, lie), 400);
                    Expect(await w.SendAsync("HEAD", "blobs/" + lie), 404);
                });
            }
        }

        foreach (var (range, status, from, to) in Ranges)
        {
            yield return new($"range requests range {range}", async w =>
            {
                var content = Some(2048, "range");
                var answer = Expect(await w.SendAsync("GET", "blobs/" + await w.Wire.PushBlobAsync(w.Name, content), null, ("Range", "bytes=" + range)), status);
                if (status != 206) return;
                Assert.Equal(content[from..to], answer.Body);
                Assert.Equal($"bytes {from}-{to - 1}/2048", answer["Content-Range"]);
            });
        }

        yield return new("blob upload cancel", async w =>
        {
            var location = await w.Wire.BeginAsync(w.Name);
            Expect(await w.Wire.SendAsync("DELETE", location), 204);
            Expect(await w.Wire.SendAsync("GET", location), 404);
        });
        yield return new("manifest put with tag params", async w =>
        {
            var json = await w.Wire.ImageJsonAsync(w.Name);
            Expect(await w.Wire.PutManifestAsync(w.Name, Content.DigestOf(json) + "?tag=one&tag=two", json), 201);
            foreach (var tag in new[] { "one", "two" }) Assert.Equal(json, Expect(await w.SendAsync("GET", "manifests/" + tag), 200).Text);
        });
        foreach (var spec in Kinds()) yield return spec;
    }

    private static IEnumerable<Spec> Kinds()
    {
        const string custom = ",\"org.example.custom\":\"hello\"";
        (string Name, string Extra)[] kinds =
        [
            ("image", ""), ("custom fields", custom), ("artifact", ",\"artifactType\":\"application/vnd.example\""),
            ("missing subject", $",\"subject\":{RegistryWire.Descriptor(Content.ManifestType, "absent"u8)}"),
            ("large manifest", $",\"annotations\":{{{string.Join(',', Enumerable.Range(0, 390).Select(i => $"\"large-{i}\":\"{new string('A', 10_000)}\""))}}}"),
        ];
        foreach (var (name, extra) in kinds)
        {
            yield return new($"kinds {name}", async w =>
            {
                var json = await w.Wire.ImageJsonAsync(w.Name, extra: extra);
                Expect(await w.Wire.PutManifestAsync(w.Name, "kind", json), 201);
                Assert.Equal(json, Expect(await w.SendAsync("GET", "manifests/kind"), 200).Text);
            });
        }

        yield return new("kinds index, nested index and empty index", async w =>
        {
            var child = await w.Wire.PushImageAsync(w.Name, "child");
            var index = $$"""{"schemaVersion":2,"mediaType":"{{Content.IndexType}}","manifests":[{{Content.Describe(child)}}]}""";
            var nested = $$"""{"schemaVersion":2,"mediaType":"{{Content.IndexType}}","manifests":[{{RegistryWire.Descriptor(Content.IndexType, Encoding.UTF8.GetBytes(index))}}]}""";
            var empty = $$"""{"schemaVersion":2,"mediaType":"{{Content.IndexType}}","manifests":[]}""";
            foreach (var json in new[] { index, nested, empty }) Expect(await w.Wire.PutManifestAsync(w.Name, "index", json, Content.IndexType), 201);
        });
        yield return new("kinds data field", async w =>
        {
            var config = "{}"u8.ToArray();
            await w.PushBlobAsync(config);
            var json = $$"""{"schemaVersion":2,"mediaType":"{{Content.ManifestType}}","config":{{RegistryWire.Descriptor("application/vnd.oci.empty.v1+json", config)[..^1]}},"data":"e30="},"layers":[]}""";
            Expect(await w.Wire.PutManifestAsync(w.Name, "data", json), 201);
        });
        yield return new("kinds non-distributable layers", async w =>
        {
            await w.PushBlobAsync(Content.Config(0));
            var json = $$"""{"schemaVersion":2,"mediaType":"{{Content.ManifestType}}","config":{{RegistryWire.Descriptor("application/vnd.oci.image.config.v1+json", Content.Config(0))}},"layers":[{{RegistryWire.Descriptor("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", "elsewhere"u8)}}]}""";
            Expect(await w.Wire.PutManifestAsync(w.Name, "foreign", json), 201);
        });
        yield return new("kinds sparse index is refused with MANIFEST_BLOB_UNKNOWN or taken", async w =>
        {
            var json = $$"""{"schemaVersion":2,"mediaType":"{{Content.IndexType}}","manifests":[{{RegistryWire.Descriptor(Content.ManifestType, "absent"u8)}}]}""";
            var answer = Expect(await w.Wire.PutManifestAsync(w.Name, "sparse", json, Content.IndexType), 201, 400, 404);
            if (answer.Status != 201) Assert.Contains("MANIFEST_BLOB_UNKNOWN", answer.Text, StringComparison.Ordinal);
        });
        yield return new("manifest errors missing blob", async w =>
            Assert.Contains("MANIFEST_BLOB_UNKNOWN", Expect(await w.Wire.PutManifestAsync(w.Name, "missing", Content.Manifest(77)), 400, 404).Text, StringComparison.Ordinal));
        yield return new("manifest errors bad digest", async w =>
            Expect(await w.Wire.PutManifestAsync(w.Name, Content.Dummy, await w.Wire.ImageJsonAsync(w.Name)), 400));
        yield return new("ping", async w => Expect(await w.Wire.SendAsync("GET", "/v2/"), 200));
        yield return new("empty referrers", async w => Expect(await w.SendAsync("GET", "referrers/" + Content.Dummy), 200));
    }

    private static async Task<string> ChunksAsync(Workflow w, byte[] content, int until)
    {
        var location = await w.Wire.BeginAsync(w.Name);
        for (var at = 0; at < until; at += 512)
        {
            location = Expect(await w.Wire.PatchAsync(location, content[at..Math.Min(at + 512, until)], $"{at}-{Math.Min(at + 512, until) - 1}"), 202).Location;
        }

        return location;
    }

    private static byte[] Some(int size, string seed)
    {
        var bytes = new byte[size];
        new Random(string.GetHashCode(seed, StringComparison.Ordinal)).NextBytes(bytes);
        return bytes;
    }
}
