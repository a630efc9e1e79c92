namespace Capstan.Oci.Manifests;

// Generated readers give what is absent the default of its type instead of its initial value; the setters bring that back.

/// <summary>An image or artifact (OCI image-spec, manifest.md), also in Docker's media types.</summary>
public sealed record ImageManifest
{
    /// <summary>Always 2.</summary>
    public int SchemaVersion { get; init; } = 2;

    /// <summary>What it is.</summary>
    public string? MediaType { get; init; }

    /// <summary>The kind of artifact, where it is no image.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>Its configuration.</summary>
    public required Descriptor Config { get; init; }

    /// <summary>Its content, in order.</summary>
    public IReadOnlyList<Descriptor> Layers { get; init => field = value ?? []; } = [];

    /// <summary>What it is about: another manifest to which it refers.</summary>
    public Descriptor? Subject { get; init; }

    /// <summary>What people or tools note about it.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}

/// <summary>A list of manifests (OCI image-spec, image-index.md), also in Docker's media types.</summary>
public sealed record ImageIndex
{
    /// <summary>Always 2.</summary>
    public int SchemaVersion { get; init; } = 2;

    /// <summary>What it is.</summary>
    public string? MediaType { get; init; }

    /// <summary>The kind of artifact, where it holds no images.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>What is in it.</summary>
    public IReadOnlyList<Descriptor> Manifests { get; init => field = value ?? []; } = [];

    /// <summary>What it is about.</summary>
    public Descriptor? Subject { get; init; }

    /// <summary>What people or tools note about it.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}
