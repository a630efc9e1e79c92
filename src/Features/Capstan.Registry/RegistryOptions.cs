using Capstan.Oci.Manifests;
using Capstan.Oci.References;

namespace Capstan.Registry;

/// <summary>Settings of the registry.</summary>
public sealed record RegistryOptions
{
    /// <summary>The largest blob in bytes.</summary>
    public long MaxBlobBytes { get; init; } = 64L << 30;

    /// <summary>The largest manifest in bytes.</summary>
    public int MaxManifestBytes { get; init; } = ManifestFacts.MaxBytes;

    /// <summary>The most bytes that all blobs and open uploads may have together; null for as much as the disk takes.</summary>
    public long? MaxTotalBytes { get; init; }

    /// <summary>The most bytes that the blobs of one repository may have together; null for no limit.</summary>
    public long? MaxRepositoryBytes { get; init; }

    /// <summary>How many uploads may be open at once.</summary>
    public int MaxOpenUploads { get; init; } = 4096;

    /// <summary>How long an upload may lie idle before it is swept away.</summary>
    public TimeSpan UploadIdleTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long what nothing refers to is kept: a client that was just told that a blob is there must still find it when its manifest comes.</summary>
    public TimeSpan GraceTime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How many names, tags or referrers one answer has at most.</summary>
    public int PageSize { get; init; } = 1000;

    /// <summary>Whether tags, manifests and blobs can be deleted through the API.</summary>
    public bool AllowDelete { get; init; } = true;

    /// <summary>Whether an index may name manifests that are not in the repository.</summary>
    public bool AllowSparseIndexes { get; init; }

    /// <summary>Which tags, once pushed, stay what they are; null for none.</summary>
    public Func<ImageName, Tag, bool>? IsImmutable { get; init; }

    /// <summary>How long a token of the token flow holds.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The address that people use, where it is another than the one a request came to.</summary>
    public Uri? ExternalUrl { get; init; }
}
