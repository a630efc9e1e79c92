using Capstan.Sources.Git;

namespace Capstan.Sources.Registries;

/// <summary>A repository of artifacts in an OCI registry, and how we may ask it.</summary>
/// <param name="Name">Registry and repository, without a scheme: <c>ghcr.io/team/charts/shop</c>.</param>
public sealed record ArtifactRepository(string Name)
{
    /// <summary>Whether an operator registered it, so that its registry may lie inside the network.</summary>
    public bool Registered { get; init; }

    /// <summary>Whether the registry is spoken to without TLS. On this machine it is in any case, unless certificates are given for it.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>How we show who we are.</summary>
    public RepositoryCredentials Credentials { get; init; } = RepositoryCredentials.None;

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>An artifact that is on this disk.</summary>
/// <param name="Digest">The digest of its manifest.</param>
/// <param name="ConfigType">The media type of its configuration: what kind of artifact it is.</param>
/// <param name="Layers">Its layers, in order.</param>
public sealed record StoredArtifact(string Digest, string ConfigType, IReadOnlyList<StoredLayer> Layers);

/// <summary>A layer of an artifact.</summary>
/// <param name="MediaType">What it holds.</param>
/// <param name="File">Its content.</param>
public sealed record StoredLayer(string MediaType, Http.StoredFile File);
