namespace Capstan.Oci.Manifests;

/// <summary>The media types of images and artifacts: OCI's own, and Docker's which mean the same.</summary>
public static class MediaTypes
{
    /// <summary>An image or artifact.</summary>
    public const string ImageManifest = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>A list of manifests, one a platform.</summary>
    public const string ImageIndex = "application/vnd.oci.image.index.v1+json";

    /// <summary>The configuration of an image.</summary>
    public const string ImageConfig = "application/vnd.oci.image.config.v1+json";

    /// <summary>A layer, compressed by gzip.</summary>
    public const string LayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";

    /// <summary>A layer, not compressed.</summary>
    public const string Layer = "application/vnd.oci.image.layer.v1.tar";

    /// <summary>The two bytes <c>{}</c>, where a descriptor is needed and nothing is to be said.</summary>
    public const string Empty = "application/vnd.oci.empty.v1+json";

    /// <summary>Docker's image manifest.</summary>
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    /// <summary>Docker's list of manifests.</summary>
    public const string DockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";

    /// <summary>Docker's image configuration.</summary>
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";

    /// <summary>Docker's layer.</summary>
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar.gzip";

    /// <summary>The content of a Helm chart.</summary>
    public const string HelmChart = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

    /// <summary>All kinds of manifest, in the order of preference: what a client asks for that takes anything.</summary>
    public static readonly IReadOnlyList<string> Manifests = [ImageIndex, DockerManifestList, ImageManifest, DockerManifest];

    /// <summary>Whether it is a list of manifests.</summary>
    public static bool IsIndex(string mediaType) => mediaType is ImageIndex or DockerManifestList;

    /// <summary>Whether it is a single image or artifact.</summary>
    public static bool IsImage(string mediaType) => mediaType is ImageManifest or DockerManifest;

    /// <summary>Whether a layer of this type is never pushed: it is got from elsewhere.</summary>
    public static bool IsForeign(string mediaType) =>
        mediaType.Contains(".nondistributable.", StringComparison.Ordinal) || mediaType == "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
}
