using System.Text.Json.Serialization;

namespace Capstan.Oci.Manifests;

/// <summary>Points at some content (OCI image-spec, descriptor.md). The digest is text as it was written; reading checks it.</summary>
public sealed record Descriptor
{
    /// <summary>What the content is.</summary>
    public required string MediaType { get; init; }

    /// <summary>Its digest.</summary>
    public required string Digest { get; init; }

    /// <summary>Its size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>Where else it may be got.</summary>
    public IReadOnlyList<string>? Urls { get; init; }

    /// <summary>What people or tools note about it.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>The content itself, in base64, where it is small.</summary>
    public string? Data { get; init; }

    /// <summary>The kind of artifact that it points at.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>What it runs on, in an index.</summary>
    public Platform? Platform { get; init; }
}

/// <summary>What an image runs on.</summary>
public sealed record Platform
{
    /// <summary>Go's name of the processor: <c>amd64</c>, <c>arm64</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Go's name of the operating system: <c>linux</c>.</summary>
    [JsonPropertyName("os")]
    public required string System { get; init; }

    /// <summary>The version of the operating system; Windows alone needs it.</summary>
    [JsonPropertyName("os.version")]
    public string? SystemVersion { get; init; }

    /// <summary>The processor's variant, such as <c>v8</c>.</summary>
    public string? Variant { get; init; }

    /// <summary>Reads <c>os/architecture</c> or <c>os/architecture/variant</c>.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static Platform Parse(string text) => text.Split('/') switch
    {
        [{ Length: > 0 } system, { Length: > 0 } architecture] => new Platform { System = system, Architecture = architecture },
        [{ Length: > 0 } system, { Length: > 0 } architecture, { Length: > 0 } variant] => new Platform { System = system, Architecture = architecture, Variant = variant },
        _ => throw new FormatException($"\"{text}\" is no platform: OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, such as linux/amd64"),
    };

    /// <inheritdoc/>
    public override string ToString() => $"{System}/{Architecture}{(Variant is null ? "" : "/" + Variant)}";
}
