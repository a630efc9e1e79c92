using System.Buffers.Text;
using System.Text.Json;
using Capstan.Oci.Content;

namespace Capstan.Oci.Manifests;

/// <summary>What a registry or a client needs to know of a manifest of any kind, checked.</summary>
/// <param name="MediaType">What it is.</param>
/// <param name="Blobs">The configuration and layers that it needs; foreign layers are not among them.</param>
/// <param name="Children">The manifests of an index.</param>
/// <param name="Subject">What it refers to.</param>
/// <param name="ArtifactType">Its own, or the media type of an image's configuration.</param>
/// <param name="Annotations">Its annotations.</param>
public sealed record ManifestFacts(string MediaType, IReadOnlyList<Descriptor> Blobs, IReadOnlyList<Descriptor> Children, Descriptor? Subject,
    string? ArtifactType, IReadOnlyDictionary<string, string>? Annotations)
{
    /// <summary>The largest manifest: 4 MiB, as the specification asks registries to take at least.</summary>
    public const int MaxBytes = 4 << 20;

    private const int MostDescriptors = 20_000;

    /// <summary>Reads a manifest and checks everything that can be checked without a store.</summary>
    /// <param name="json">Its bytes.</param>
    /// <param name="contentType">What it is said to be, if anything is said; it must agree with what it says of itself (CVE-2021-41190).</param>
    /// <exception cref="ManifestException">It cannot be used.</exception>
    public static ManifestFacts Read(ReadOnlySpan<byte> json, string? contentType)
    {
        var (own, hasManifests, hasImage) = Look(json);
        if (hasManifests && hasImage)
        {
            throw new ManifestException("it has both manifests and config or layers: an index and an image at once is neither");
        }

        var declared = contentType?.Split(';')[0].Trim() is { Length: > 0 } said ? said : null;
        if (own is not null && declared is not null && own != declared)
        {
            throw new ManifestException($"its mediaType is {own}, its Content-Type {declared}");
        }

        var mediaType = own ?? declared ?? (hasManifests ? MediaTypes.ImageIndex : MediaTypes.ImageManifest);
        if (MediaTypes.IsIndex(mediaType) && !hasImage) return OfIndex(OciJson.Read(json, OciJson.Index), mediaType);
        if (MediaTypes.IsImage(mediaType) && !hasManifests) return OfImage(OciJson.Read(json, OciJson.Manifest), mediaType);
        throw new ManifestException(MediaTypes.IsIndex(mediaType) || MediaTypes.IsImage(mediaType)
            ? $"its content is not what {mediaType} has"
            : $"the media type {mediaType} is not taken; OCI manifests and indexes and Docker's of schema 2 are");
    }

    // Only the names at the top, before anything is believed; also the check that the text is JSON in UTF-8 of bounded depth.
    private static (string? MediaType, bool HasManifests, bool HasImage) Look(ReadOnlySpan<byte> json)
    {
        string? mediaType = null;
        var (manifests, image) = (false, false);
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 32 });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) throw new ManifestException("it is no JSON object");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isType = reader.ValueTextEquals("mediaType"u8);
                manifests |= reader.ValueTextEquals("manifests"u8);
                image |= reader.ValueTextEquals("layers"u8) || reader.ValueTextEquals("config"u8);
                reader.Read();
                if (isType && reader.TokenType == JsonTokenType.String) mediaType = reader.GetString();
                reader.Skip();
            }

            if (reader.Read()) throw new ManifestException("something follows the JSON object");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ManifestException("it is no JSON, or nested too deeply", e);
        }

        return (string.IsNullOrEmpty(mediaType) ? null : mediaType, manifests, image);
    }

    private static ManifestFacts OfImage(ImageManifest image, string mediaType)
    {
        RequireSchema(image.SchemaVersion);
        Descriptor[] all = [image.Config, .. image.Layers];
        Check(all, image.Subject);
        return new ManifestFacts(mediaType, [.. all.Where(d => !MediaTypes.IsForeign(d.MediaType))], [], image.Subject,
            image.ArtifactType is { Length: > 0 } own ? own : image.Config.MediaType, image.Annotations);
    }

    private static ManifestFacts OfIndex(ImageIndex index, string mediaType)
    {
        RequireSchema(index.SchemaVersion);
        Check(index.Manifests, index.Subject);
        return new ManifestFacts(mediaType, [], index.Manifests, index.Subject, index.ArtifactType, index.Annotations);
    }

    private static void RequireSchema(int version)
    {
        if (version != 2) throw new ManifestException($"schemaVersion is {version}; only 2 is taken");
    }

    private static void Check(IReadOnlyList<Descriptor> descriptors, Descriptor? subject)
    {
        if (descriptors.Count > MostDescriptors) throw new ManifestException($"it has {descriptors.Count} descriptors; at most {MostDescriptors} are taken");
        foreach (var descriptor in subject is null ? descriptors : descriptors.Append(subject)) Check(descriptor ?? throw new ManifestException("one of its descriptors is null"));
    }

    private static void Check(Descriptor descriptor)
    {
        if (!Digest.TryParse(descriptor.Digest, out var digest)) throw new ManifestException($"\"{Short(descriptor.Digest)}\" is no digest");
        if (descriptor.Size < 0) throw new ManifestException($"{digest}: its size is negative");
        if (descriptor.Data is not { } data) return;
        var bytes = Base64.IsValid(data) ? Convert.FromBase64String(data) : throw new ManifestException($"{digest}: its data is not base64");
        if (bytes.Length != descriptor.Size || Digest.Of(bytes, digest.Algorithm) != digest)
        {
            throw new ManifestException($"{digest}: its data is not the content that its digest and size name");
        }
    }

    private static string Short(string? text) => text is null ? "" : text.Length <= 100 ? text : text[..100] + "…";
}
