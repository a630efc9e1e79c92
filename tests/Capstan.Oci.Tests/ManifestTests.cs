using System.Text;
using Capstan.Oci.Content;
using Capstan.Oci.Errors;
using Capstan.Oci.Manifests;

namespace Capstan.Oci.Tests;

/// <summary>What a manifest says, and what is not believed.</summary>
public class ManifestTests
{
    private static readonly string Layer = $$"""{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{{Digest.Of("layer"u8)}}","size":5}""";

    private static string Image(string extra = "") => $$"""{"schemaVersion":2,"config":{"mediaType":"application/vnd.example.config","digest":"{{Digest.Of("{}"u8)}}","size":2},"layers":[{{Layer}}]{{extra}}}""";

    private static ManifestFacts Read(string json, string? type = null) => ManifestFacts.Read(Encoding.UTF8.GetBytes(json), type);

    [Fact]
    public void A_manifest_without_a_type_is_what_its_members_say()
    {
        Assert.Equal(MediaTypes.ImageManifest, Read(Image()).MediaType);
        Assert.Equal(MediaTypes.ImageIndex, Read("""{"schemaVersion":2,"manifests":[]}""").MediaType);
        Assert.Equal(MediaTypes.DockerManifest, Read(Image(), MediaTypes.DockerManifest + "; charset=utf-8").MediaType);
    }

    [Fact]
    public void An_image_is_of_the_type_of_its_configuration_unless_it_says_another()
    {
        Assert.Equal("application/vnd.example.config", Read(Image()).ArtifactType);
        Assert.Equal("a/b", Read(Image(",\"artifactType\":\"a/b\"")).ArtifactType);
        Assert.Equal(2, Read(Image()).Blobs.Count);
    }

    [Theory]
    [InlineData(",\"manifests\":[]}", "an index and an image at once is neither")]
    [InlineData(",\"mediaType\":\"application/vnd.oci.image.index.v1+json\"}", "its content is not what")]
    [InlineData(",\"subject\":{\"mediaType\":\"a/b\",\"digest\":\"sha256:x\",\"size\":1}}", "\"sha256:x\" is no digest")]
    [InlineData(",\"subject\":{\"mediaType\":\"a/b\",\"size\":1}}", "cannot be read")]
    [InlineData(",\"schemaVersion\":2}", "cannot be read")]
    [InlineData(",\"layers\":null}", "cannot be read")]
    [InlineData("} x", "no JSON")]
    public void What_is_doubtful_is_refused_and_said(string end, string message) =>
        Assert.Contains(message, Assert.Throws<ManifestException>(() => Read(Image()[..^1] + end)).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_written_is_read_again_and_written_the_same()
    {
        var manifest = OciJson.Read(Encoding.UTF8.GetBytes(Image()), OciJson.Manifest);
        var written = OciJson.Write(manifest, OciJson.Manifest);
        Assert.Equal(Image(), Encoding.UTF8.GetString(written));
    }

    [Fact]
    public void Errors_of_other_registries_are_read_as_far_as_they_are_errors()
    {
        var error = Assert.Single(RegistryErrors.Read(RegistryErrors.Write(new RegistryError("DENIED", "no\u001b[31m"))));
        Assert.Equal(("DENIED", "no [31m"), (error.Code, error.Message));
        foreach (var body in new[] { "", "<html>", "[]", "{\"errors\":1}", "{\"errors\":[1]}" }) Assert.Empty(RegistryErrors.Read(Encoding.UTF8.GetBytes(body)));
    }

    [Fact]
    public void No_bytes_make_the_reader_fail_otherwise_than_by_its_own_error()
    {
        var random = new Random(1);
        var good = Encoding.UTF8.GetBytes(Image(",\"annotations\":{\"a\":\"b\"}"));
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = (byte[])good.Clone();
            for (var changes = random.Next(1, 4); changes > 0; changes--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                ManifestFacts.Read(bytes, null);
            }
            catch (ManifestException)
            {
                continue;
            }
        }
    }
}
