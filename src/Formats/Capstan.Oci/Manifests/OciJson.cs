using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Capstan.Oci.Manifests;

/// <summary>JSON of images. Written the same for the same value: members in the order of the specification, nothing that is absent, no white space.</summary>
public static class OciJson
{
    private static readonly OciJsonContext Context = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // Plus signs stand in every media type. What is written here never stands in a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 32,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
    });

    /// <summary>A manifest's.</summary>
    public static JsonTypeInfo<ImageManifest> Manifest => Context.ImageManifest;

    /// <summary>An index's.</summary>
    public static JsonTypeInfo<ImageIndex> Index => Context.ImageIndex;

    /// <summary>A configuration's.</summary>
    public static JsonTypeInfo<ImageConfig> Config => Context.ImageConfig;

    /// <summary>A descriptor's.</summary>
    public static JsonTypeInfo<Descriptor> Descriptor => Context.Descriptor;

    /// <summary>The bytes of a value.</summary>
    public static byte[] Write<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    /// <summary>Reads a value.</summary>
    /// <exception cref="ManifestException">It is not what the type needs.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new ManifestException("the JSON is null");
        }
        catch (JsonException e)
        {
            throw new ManifestException($"{(e.LineNumber ?? 0) + 1}:{(e.BytePositionInLine ?? 0) + 1}: the JSON cannot be read as what it is said to be{(e.Path is { Length: > 1 } path ? $" ({path})" : "")}", e);
        }
    }
}

[JsonSerializable(typeof(ImageManifest))]
[JsonSerializable(typeof(ImageIndex))]
[JsonSerializable(typeof(ImageConfig))]
internal sealed partial class OciJsonContext : JsonSerializerContext;
