using System.Text.Json;
using Capstan.Testing;
using static Capstan.Conformance.Oci.Specs.Content;
using static Capstan.Conformance.Oci.Specs.Workflow;

namespace Capstan.Conformance.Oci.Specs;

internal static class PullSpecs
{
    private static string First => Manifest(0);

    private static string Second => Manifest(1);

    public static IEnumerable<Spec> All()
    {
        foreach (var (number, name) in new[] { (0, "test blob"), (1, "test blob") })
        {
            yield return new($"Setup Populate registry with {name} ({number + 1})", w => w.PushBlobAsync(Config(number)));
        }

        yield return new("Setup Populate registry with test layer", w => w.PushBlobAsync(Layer));
        yield return new("Setup Populate registry with test manifest (1)", w => w.PutAsync("tagtest0", First));
        yield return new("Setup Populate registry with test manifest (2)", w => w.PutAsync(DigestOf(Second), Second));
        yield return new("Setup Get the name of a tag", async w =>
        {
            var tags = Expect(await w.SendAsync("GET", "tags/list"), 200);
            w.Kept["tag"] = JsonDocument.Parse(tags.Body).RootElement.GetProperty("tags")[0].GetString()!;
        });
        yield return new("Setup Get tag name from environment", w => throw new DoesNotApply("the tag is known from the step before"));

        yield return new("Pull blobs HEAD request to nonexistent blob should result in 404 response", async w => Expect(await w.SendAsync("HEAD", "blobs/" + Dummy), 404));
        yield return new("Pull blobs HEAD request to existing blob should yield 200", async w =>
        {
            var answer = Expect(await w.SendAsync("HEAD", "blobs/" + RegistryWire.DigestOf(Config(0))), 200);
            if (answer["Docker-Content-Digest"] is { } digest) Assert.Equal(RegistryWire.DigestOf(Config(0)), digest);
        });
        yield return new("Pull blobs GET nonexistent blob should result in 404 response", async w => Expect(await w.SendAsync("GET", "blobs/" + Dummy), 404));
        yield return new("Pull blobs GET request to existing blob URL should yield 200", async w =>
            Assert.Equal(Config(0), Expect(await w.SendAsync("GET", "blobs/" + RegistryWire.DigestOf(Config(0))), 200).Body));

        yield return new("Pull manifests HEAD request to nonexistent manifest should return 404", async w => Expect(await w.SendAsync("HEAD", "manifests/.INVALID_MANIFEST_NAME"), 404));
        foreach (var (which, json) in new[] { (1, First), (2, Second) })
        {
            yield return new($"Pull manifests HEAD request to manifest path (digest) should yield 200 response ({which})", async w => Agree(Expect(await w.SendAsync("HEAD", "manifests/" + DigestOf(json)), 200), json));
        }

        yield return new("Pull manifests HEAD request to manifest path (tag) should yield 200 response", async w => Agree(Expect(await w.SendAsync("HEAD", "manifests/" + w.Kept["tag"]), 200), First));
        yield return new("Pull manifests GET nonexistent manifest should return 404", async w => Expect(await w.SendAsync("GET", "manifests/.INVALID_MANIFEST_NAME"), 404));
        foreach (var (which, json) in new[] { (1, First), (2, Second) })
        {
            yield return new($"Pull manifests GET request to manifest path (digest) should yield 200 response ({which})", async w => Assert.Equal(json, Expect(await w.SendAsync("GET", "manifests/" + DigestOf(json)), 200).Text));
        }

        yield return new("Pull manifests GET request to manifest path (tag) should yield 200 response", async w => Assert.Equal(First, Expect(await w.SendAsync("GET", "manifests/" + w.Kept["tag"]), 200).Text));
        yield return new("Error codes 400 response body should contain OCI-conforming JSON message", async w =>
        {
            var answer = Expect(await w.SendAsync("GET", "manifests/sha256:totallywrong"), 400, 404);
            if (answer.Status == 400) Assert.Matches("^[A-Z_]+$", JsonDocument.Parse(answer.Body).RootElement.GetProperty("errors")[0].GetProperty("code").GetString()!);
        });

        foreach (var (which, json) in new[] { (1, First), (2, Second) })
        {
            yield return new($"Teardown Delete manifest created in setup ({which})", async w => Expect(await w.SendAsync("DELETE", "manifests/" + DigestOf(json)), 200, 202, 204, 405));
        }

        foreach (var (which, content) in new[] { ("config blob created in setup (1)", Config(0)), ("config blob created in setup (2)", Config(1)), ("layer blob created in setup", Layer) })
        {
            yield return new($"Teardown Delete {which}", async w => Expect(await w.SendAsync("DELETE", "blobs/" + RegistryWire.DigestOf(content)), 200, 202, 204, 404, 405));
        }

        foreach (var which in new[] { 3, 4 })
        {
            yield return new($"Teardown Delete manifest created in setup ({which})", _ => throw new DoesNotApply("manifests are deleted before blobs here"));
        }
    }

    private static void Agree(WireAnswer answer, string json)
    {
        if (answer["Docker-Content-Digest"] is { } digest) Assert.Equal(DigestOf(json), digest);
        Assert.Equal(System.Text.Encoding.UTF8.GetByteCount(json).ToString(System.Globalization.CultureInfo.InvariantCulture), answer["Content-Length"]);
    }
}
