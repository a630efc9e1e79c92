using System.Text.Json;
using Capstan.Testing;
using static Capstan.Conformance.Oci.Specs.Content;
using static Capstan.Conformance.Oci.Specs.Workflow;

namespace Capstan.Conformance.Oci.Specs;

internal static class ManagementSpecs
{
    private static string Json => Manifest(3);

    public static IEnumerable<Spec> All()
    {
        yield return new("Setup Populate registry with test config blob", w => w.PushBlobAsync(Config(3)));
        yield return new("Setup Populate registry with test layer", w => w.PushBlobAsync(Layer));
        yield return new("Setup Populate registry with test tag", w => w.PutAsync("tagtest0", Json));
        yield return new("Setup Check how many tags there are before anything gets deleted", async w => w.Kept["tags"] = $"{Count(Expect(await w.SendAsync("GET", "tags/list"), 200))}");
        yield return new("Manifest delete DELETE request to manifest tag should return 202, unless tag deletion is disallowed (400/405)", async w =>
        {
            var answer = Expect(await w.SendAsync("DELETE", "manifests/tagtest0"), 202, 400, 405);
            if (answer.Status == 400) Assert.Contains("UNSUPPORTED", answer.Text, StringComparison.Ordinal);
        });
        yield return new("Manifest delete DELETE request to manifest (digest) should yield 202 response unless already deleted", async w => Expect(await w.SendAsync("DELETE", "manifests/" + DigestOf(Json)), 202, 404));
        yield return new("Manifest delete GET request to deleted manifest URL should yield 404 response, unless delete is disallowed", async w => Expect(await w.SendAsync("GET", "manifests/" + DigestOf(Json)), 404));
        yield return new("Manifest delete GET request to tags list should reflect manifest deletion", async w =>
            Assert.True(Count(Expect(await w.SendAsync("GET", "tags/list"), 200)) < int.Parse(w.Kept["tags"], System.Globalization.CultureInfo.InvariantCulture)));
        yield return new("Blob delete DELETE request to blob URL should yield 202 response", async w =>
        {
            foreach (var content in new[] { Config(3), Layer }) Expect(await w.SendAsync("DELETE", "blobs/" + RegistryWire.DigestOf(content)), 202, 404, 405);
        });
        yield return new("Blob delete GET request to deleted blob URL should yield 404 response", async w => Expect(await w.SendAsync("GET", "blobs/" + RegistryWire.DigestOf(Config(3))), 404));
    }

    private static int Count(WireAnswer answer) =>
        JsonDocument.Parse(answer.Body).RootElement.GetProperty("tags") is { ValueKind: JsonValueKind.Array } tags ? tags.GetArrayLength() : 0;
}
