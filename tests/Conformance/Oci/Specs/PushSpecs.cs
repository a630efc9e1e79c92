using Capstan.Testing;
using static Capstan.Conformance.Oci.Specs.Content;
using static Capstan.Conformance.Oci.Specs.Workflow;

namespace Capstan.Conformance.Oci.Specs;

internal static class PushSpecs
{
    private const int Cut = 10;

    private static string Range(int from, int to) => $"{from}-{to - 1}";

    public static IEnumerable<Spec> All()
    {
        yield return new("Blob Upload Streamed PATCH request with blob in body should yield 202 response", async w =>
            w.Kept["session"] = Expect(await w.Wire.SendAsync("PATCH", await w.Wire.BeginAsync(w.Name), BlobA, ("Content-Type", "application/octet-stream"), ("Transfer-Encoding", "chunked")), 202).Location);
        yield return new("Blob Upload Streamed PUT request to session URL with digest should yield 201 response", async w =>
            Assert.NotEmpty(Expect(await w.Wire.FinishAsync(w.Kept["session"], RegistryWire.DigestOf(BlobA)), 201).Location));

        yield return new("Blob Upload Monolithic GET nonexistent blob should result in 404 response", async w => Expect(await w.SendAsync("GET", "blobs/" + Dummy), 404));
        yield return new("Blob Upload Monolithic POST request with digest and blob should yield a 201 or 202", async w =>
        {
            var answer = Expect(await w.SendAsync("POST", "blobs/uploads/?digest=" + RegistryWire.DigestOf(Config(1)), Config(1), ("Content-Type", "application/octet-stream")), 201, 202);
            Assert.NotEmpty(answer.Location);
            w.Kept["post"] = answer.Status == 201 ? "taken" : "begun";
        });
        yield return new("Blob Upload Monolithic GET request to blob URL from prior request should yield 200 or 404 based on response code", async w =>
            Expect(await w.SendAsync("GET", "blobs/" + RegistryWire.DigestOf(Config(1))), w.Kept["post"] == "taken" ? 200 : 404));
        yield return new("Blob Upload Monolithic POST request should yield a session ID", async w =>
            w.Kept["session"] = Expect(await w.SendAsync("POST", "blobs/uploads/"), 202).Location);
        yield return new("Blob Upload Monolithic PUT upload of a blob should yield a 201 Response", async w =>
            Assert.NotEmpty(Expect(await w.Wire.FinishAsync(w.Kept["session"], RegistryWire.DigestOf(Config(1)), Config(1)), 201).Location));
        yield return new("Blob Upload Monolithic GET request to existing blob should yield 200 response", async w => Expect(await w.SendAsync("GET", "blobs/" + RegistryWire.DigestOf(Config(1))), 200));
        yield return new("Blob Upload Monolithic PUT upload of a layer blob should yield a 201 Response", async w =>
            Assert.NotEmpty(Expect(await w.Wire.FinishAsync(await w.Wire.BeginAsync(w.Name), RegistryWire.DigestOf(Layer), Layer), 201).Location));
        yield return new("Blob Upload Monolithic GET request to existing layer should yield 200 response", async w => Expect(await w.SendAsync("GET", "blobs/" + RegistryWire.DigestOf(Layer)), 200));

        yield return new("Blob Upload Chunked Out-of-order blob upload should return 416", async w =>
            Expect(await w.Wire.PatchAsync(await w.Wire.BeginAsync(w.Name), BlobB[Cut..], Range(Cut, BlobB.Length)), 416));
        yield return new("Blob Upload Chunked PATCH request with first chunk should return 202", async w =>
        {
            w.Kept["first"] = await w.Wire.BeginAsync(w.Name);
            var answer = Expect(await w.Wire.PatchAsync(w.Kept["first"], BlobB[..Cut], Range(0, Cut)), 202);
            Assert.Equal(Range(0, Cut), answer["Range"]);
            w.Kept["session"] = answer.Location;
        });
        yield return new("Blob Upload Chunked Retry previous blob chunk should return 416", async w => Expect(await w.Wire.PatchAsync(w.Kept["first"], BlobB[..Cut], Range(0, Cut)), 416));
        yield return new("Blob Upload Chunked Get on stale blob upload should return 204 with a range and location", async w =>
        {
            var answer = Expect(await w.Wire.SendAsync("GET", w.Kept["first"]), 204);
            Assert.Equal(Range(0, Cut), answer["Range"]);
            w.Kept["session"] = answer.Location;
        });
        yield return new("Blob Upload Chunked PATCH request with second chunk should return 202", async w =>
            w.Kept["session"] = Expect(await w.Wire.PatchAsync(w.Kept["session"], BlobB[Cut..], Range(Cut, BlobB.Length)), 202).Location);
        yield return new("Blob Upload Chunked PUT request with digest should return 201", async w => Assert.NotEmpty(Expect(await w.Wire.FinishAsync(w.Kept["session"], RegistryWire.DigestOf(BlobB)), 201).Location));

        foreach (var spec in Mounts()) yield return spec;

        yield return new("Manifest Upload GET nonexistent manifest should return 404", async w => Expect(await w.SendAsync("GET", "manifests/.INVALID_MANIFEST_NAME"), 404));
        yield return new("Manifest Upload PUT should accept a manifest upload", async w =>
        {
            for (var i = 0; i < 4; i++) Assert.NotEmpty(Expect(await w.Wire.PutManifestAsync(w.Name, $"test{i}", Manifest(1)), 201).Location);
        });
        yield return new("Manifest Upload Registry should accept a manifest upload with no layers", async w => Expect(await w.Wire.PutManifestAsync(w.Name, "emptylayer", Manifest(1, withLayer: false)), 201));
        yield return new("Manifest Upload GET request to manifest URL (digest) should yield 200 response", async w => Expect(await w.SendAsync("GET", "manifests/" + DigestOf(Manifest(1))), 200));

        yield return new("Teardown Delete manifest created in tests (1)", async w =>
        {
            foreach (var json in new[] { Manifest(1), Manifest(1, withLayer: false) }) Expect(await w.SendAsync("DELETE", "manifests/" + DigestOf(json)), 200, 202, 204, 405);
        });
        yield return new("Teardown Delete config blob created in tests", async w => Expect(await w.SendAsync("DELETE", "blobs/" + RegistryWire.DigestOf(Config(1))), 200, 202, 204, 404, 405));
        yield return new("Teardown Delete layer blob created in setup", async w => Expect(await w.SendAsync("DELETE", "blobs/" + RegistryWire.DigestOf(Layer)), 200, 202, 204, 404, 405));
        yield return new("Teardown Delete manifest created in tests (2)", _ => throw new DoesNotApply("manifests are deleted before blobs here"));
    }

    private static IEnumerable<Spec> Mounts()
    {
        yield return new("Cross-Repository Blob Mount Cross-mounting of a blob without the from argument should yield session id", async w =>
            Assert.NotEmpty(Expect(await w.Wire.SendAsync("POST", $"/v2/{w.Other}/blobs/uploads/?mount={Dummy}"), 202).Location));
        yield return new("Cross-Repository Blob Mount POST request to mount another repository's blob should return 201 or 202", async w =>
        {
            var answer = Expect(await w.Wire.SendAsync("POST", $"/v2/{w.Other}/blobs/uploads/?mount={RegistryWire.DigestOf(BlobA)}&from={w.Name}"), 201, 202);
            w.Kept["mount"] = answer.Status == 201 ? "mounted" : "begun";
            w.Kept["location"] = answer.Location;
        });
        yield return new("Cross-Repository Blob Mount GET request to test digest within cross-mount namespace should return 200", async w =>
        {
            if (w.Kept["mount"] != "mounted") throw new DoesNotApply("the blob was not mounted");
            Assert.EndsWith($"/v2/{w.Other}/blobs/{RegistryWire.DigestOf(BlobA)}", w.Kept["location"], StringComparison.Ordinal);
            Expect(await w.Wire.SendAsync("GET", w.Kept["location"]), 200);
        });
        yield return new("Cross-Repository Blob Mount Cross-mounting of nonexistent blob should yield session id", w =>
        {
            if (w.Kept["mount"] != "begun") throw new DoesNotApply("the blob was mounted");
            Assert.Contains($"/v2/{w.Other}/blobs/uploads/", w.Kept["location"], StringComparison.Ordinal);
            return Task.CompletedTask;
        });
        yield return new("Cross-Repository Blob Mount Cross-mounting without from, and automatic content discovery enabled should return a 201", _ => throw new DoesNotApply("what other repositories hold is not looked for"));
        yield return new("Cross-Repository Blob Mount Cross-mounting without from, and automatic content discovery disabled should return a 202", async w =>
            Expect(await w.Wire.SendAsync("POST", $"/v2/{w.Other}/blobs/uploads/?mount={RegistryWire.DigestOf(BlobB)}"), 202));
    }
}
