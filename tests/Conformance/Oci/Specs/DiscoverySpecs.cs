using System.Text;
using System.Text.Json;
using Capstan.Testing;
using static Capstan.Conformance.Oci.Specs.Content;
using static Capstan.Conformance.Oci.Specs.Workflow;

namespace Capstan.Conformance.Oci.Specs;

internal static class DiscoverySpecs
{
    private const string TypeA = "application/vnd.nhl.peanut.butter.bagel";
    private const string TypeB = "application/vnd.nba.strawberry.jam.croissant";

    private static string Subject => Manifest(4);

    private static string Missing => Manifest(3);

    private static readonly (string Type, string Annotation)[] Referrers = [(TypeA, "config a"), (TypeB, "config b"), (TypeA, "layer a"), (TypeB, "layer b"), ("", "index")];

    private static string Referrer(int i) => Referrers[i].Type.Length > 0
        ? Manifest(4, artifactType: Referrers[i].Type, subject: Subject, annotation: Referrers[i].Annotation)
        : $$"""{"schemaVersion":2,"mediaType":"{{IndexType}}","manifests":[{{Describe(Subject)}}],"subject":{{Describe(Subject)}},"annotations":{"org.opencontainers.conformance.test":"{{Referrers[i].Annotation}}"} }""";

    private static string OfMissing => Manifest(4, artifactType: TypeA, subject: Missing, annotation: "of the missing");

    public static IEnumerable<Spec> All()
    {
        yield return new("Setup Populate registry with test blob", w => w.PushBlobAsync(Config(4)));
        yield return new("Setup Populate registry with test layer", w => w.PushBlobAsync(Layer));
        yield return new("Setup Populate registry with test tags", async w =>
        {
            foreach (var tag in new[] { "test0", "TEST0", "test1", "TEST1", "test2", "TEST2", "test3", "TEST3" }) await w.PutAsync(tag, Subject);
        });
        yield return new("Setup Populate registry with test tags (no push)", _ => throw new DoesNotApply("the tags were pushed"));
        yield return new("Setup References setup", async w =>
        {
            for (var i = 0; i < Referrers.Length; i++)
            {
                var type = Referrers[i].Type.Length > 0 ? ManifestType : IndexType;
                Assert.Equal(DigestOf(Subject), Successful(await w.Wire.PutManifestAsync(w.Name, DigestOf(Referrer(i)), Referrer(i), type))["OCI-Subject"]);
            }

            Assert.Equal(DigestOf(Missing), Successful(await w.Wire.PutManifestAsync(w.Name, DigestOf(OfMissing), OfMissing))["OCI-Subject"]);
        });

        const string tags = "Test content discovery endpoints (listing tags) ";
        yield return new(tags + "GET request to list tags should yield 200 response", async w => Assert.Equal(8, Tags(Expect(await w.SendAsync("GET", "tags/list"), 200)).Length));
        yield return new(tags + "GET number of tags should be limitable by `n` query parameter", async w => Assert.Equal(4, Tags(Expect(await w.SendAsync("GET", "tags/list?n=4"), 200)).Length));
        yield return new(tags + "GET start of tag is set by `last` query parameter", async w =>
        {
            var first = Tags(Expect(await w.SendAsync("GET", "tags/list?n=4"), 200));
            var next = Tags(Expect(await w.SendAsync("GET", "tags/list?n=4&last=" + first[^1]), 200));
            Assert.True(next.Length <= 4);
            Assert.Empty(next.Intersect(first));
        });

        const string references = "Test content discovery endpoints (listing references) ";
        yield return new(references + "GET request to nonexistent blob should result in empty 200 response", async w => Assert.Empty(await ListAsync(w, Dummy)));
        yield return new(references + "GET request to existing blob should yield 200", async w =>
        {
            var found = await ListAsync(w, DigestOf(Subject));
            Assert.Equal(Referrers.Select(r => r.Annotation).Order(), found.Select(f => f.GetProperty("annotations").GetProperty("org.opencontainers.conformance.test").GetString()!).Order());
            Assert.Equal(5, found.Select(f => f.GetProperty("digest").GetString()).Distinct().Count());
        });
        yield return new(references + "GET request to existing blob with filter should yield 200", async w =>
        {
            var answer = Expect(await w.SendAsync("GET", $"referrers/{DigestOf(Subject)}?artifactType={TypeA}"), 200);
            Assert.Equal(answer["OCI-Filters-Applied"] == "artifactType" ? 2 : 5, JsonDocument.Parse(answer.Body).RootElement.GetProperty("manifests").GetArrayLength());
        });
        yield return new(references + "GET request to missing manifest should yield 200", async w =>
            Assert.Equal(DigestOf(OfMissing), Assert.Single(await ListAsync(w, DigestOf(Missing))).GetProperty("digest").GetString()));

        yield return new("Teardown Delete created manifest & associated tags (1)", async w => Expect(await w.SendAsync("DELETE", "manifests/" + DigestOf(Subject)), 200, 202, 204, 405));
        yield return new("Teardown References teardown", async w =>
        {
            foreach (var json in Enumerable.Range(0, Referrers.Length).Select(Referrer).Append(OfMissing)) Expect(await w.SendAsync("DELETE", "manifests/" + DigestOf(json)), 200, 202, 204, 404, 405);
        });
        yield return new("Teardown Delete config blob created in tests", async w => Expect(await w.SendAsync("DELETE", "blobs/" + RegistryWire.DigestOf(Config(4))), 200, 202, 204, 404, 405));
        yield return new("Teardown Delete layer blob created in setup", async w => Expect(await w.SendAsync("DELETE", "blobs/" + RegistryWire.DigestOf(Layer)), 200, 202, 204, 404, 405));
        yield return new("Teardown Delete created manifest & associated tags (2)", _ => throw new DoesNotApply("manifests are deleted before blobs here"));
    }

    private static async Task<JsonElement[]> ListAsync(Workflow w, string digest)
    {
        var answer = Expect(await w.SendAsync("GET", "referrers/" + digest), 200);
        Assert.Equal(IndexType, answer["Content-Type"]);
        return [.. JsonDocument.Parse(answer.Body).RootElement.GetProperty("manifests").EnumerateArray()];
    }

    private static string[] Tags(WireAnswer answer) => [.. JsonDocument.Parse(Encoding.UTF8.GetString(answer.Body)).RootElement.GetProperty("tags").EnumerateArray().Select(t => t.GetString()!)];
}
