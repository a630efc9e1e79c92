using Capstan.Oci.Manifests;
using Capstan.Oci.References;

namespace Capstan.Registry.Building;

/// <summary>What is to be built.</summary>
/// <param name="Folder">The build's folder, from which files are copied.</param>
public sealed record BuildRequest(string Folder)
{
    /// <summary>The Dockerfile; <c>Dockerfile</c> or <c>Containerfile</c> of the folder where none is given.</summary>
    public string? Dockerfile { get; init; }

    /// <summary>How messages name the Dockerfile; its path from the working folder of this process where nothing is given.</summary>
    public string? ShownAs { get; init; }

    /// <summary>The stage that is wanted; the last where none is given.</summary>
    public string? Target { get; init; }

    /// <summary>Values of <c>ARG</c>.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();

    /// <summary>Labels that are added.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>For what it is built; one image each, and an index of them where there are several.</summary>
    public IReadOnlyList<Platform> Platforms { get; init; } = [new Platform { System = "linux", Architecture = "amd64" }];

    /// <summary>The time that everything in the image bears, so that the same input gives the same bytes.</summary>
    public DateTimeOffset Time { get; init; } = DateTimeOffset.UnixEpoch;
}

/// <summary>An image that was built: blobs by their files, and manifests.</summary>
/// <param name="Root">The manifest, or the index of several.</param>
/// <param name="Manifests">All manifests with their bytes, the root last.</param>
/// <param name="Blobs">Configurations and layers: descriptor, and how it is opened.</param>
/// <param name="From">Where blobs of base images may be mounted from, by digest.</param>
public sealed record BuiltImage(Descriptor Root, IReadOnlyList<(Descriptor Descriptor, byte[] Content)> Manifests, IReadOnlyList<(Descriptor Descriptor, Func<Stream> Open)> Blobs, IReadOnlyDictionary<string, ImageReference> From);
