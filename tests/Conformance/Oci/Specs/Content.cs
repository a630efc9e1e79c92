using System.Text;
using Capstan.Testing;

namespace Capstan.Conformance.Oci.Specs;

/// <summary>What the specifications push.</summary>
internal static class Content
{
    public const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    public const string IndexType = "application/vnd.oci.image.index.v1+json";

    public static readonly byte[] Layer = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 50).Select(i => $"line {i} of a layer\n")));
    public static readonly byte[] BlobA = Encoding.UTF8.GetBytes("A: a blob of a few bytes");
    public static readonly byte[] BlobB = Encoding.UTF8.GetBytes("B: a blob that comes in two chunks");
    public static readonly string Dummy = RegistryWire.DigestOf("never pushed"u8);

    public static byte[] Config(int number) => Encoding.UTF8.GetBytes($$"""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"author":"{{number}}"}""");

    public static string Manifest(int number, bool withLayer = true, string? artifactType = null, string? subject = null, string? annotation = null, byte[]? layer = null) =>
        $$"""{"schemaVersion":2,"mediaType":"{{ManifestType}}",{{(artifactType is null ? "" : $"\"artifactType\":\"{artifactType}\",")}}"config":{{RegistryWire.Descriptor("application/vnd.oci.image.config.v1+json", Config(number))}},"layers":[{{(withLayer ? RegistryWire.Descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer ?? Layer) : "")}}]{{(subject is null ? "" : $",\"subject\":{Describe(subject)}")}}{{(annotation is null ? "" : $",\"annotations\":{{\"org.opencontainers.conformance.test\":\"{annotation}\"}}")}}}""";

    public static string Describe(string json) => RegistryWire.Descriptor(ManifestType, Encoding.UTF8.GetBytes(json));

    public static string DigestOf(string json) => RegistryWire.DigestOf(Encoding.UTF8.GetBytes(json));
}
