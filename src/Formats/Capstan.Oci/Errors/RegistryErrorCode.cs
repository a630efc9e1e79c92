namespace Capstan.Oci.Errors;

/// <summary>The codes of errors on the wire (distribution-spec, "Error Codes").</summary>
public static class RegistryErrorCode
{
    /// <summary>There is no such blob in the repository.</summary>
    public const string BlobUnknown = "BLOB_UNKNOWN";

    /// <summary>The upload cannot go on like this.</summary>
    public const string BlobUploadInvalid = "BLOB_UPLOAD_INVALID";

    /// <summary>There is no such upload.</summary>
    public const string BlobUploadUnknown = "BLOB_UPLOAD_UNKNOWN";

    /// <summary>The content is not what its digest says, or the digest is none.</summary>
    public const string DigestInvalid = "DIGEST_INVALID";

    /// <summary>A manifest refers to a blob or manifest that is not in the repository.</summary>
    public const string ManifestBlobUnknown = "MANIFEST_BLOB_UNKNOWN";

    /// <summary>The manifest cannot be taken.</summary>
    public const string ManifestInvalid = "MANIFEST_INVALID";

    /// <summary>There is no such manifest or tag in the repository.</summary>
    public const string ManifestUnknown = "MANIFEST_UNKNOWN";

    /// <summary>The repository's name is none.</summary>
    public const string NameInvalid = "NAME_INVALID";

    /// <summary>There is no such repository.</summary>
    public const string NameUnknown = "NAME_UNKNOWN";

    /// <summary>The length is not what was said, or more than is taken.</summary>
    public const string SizeInvalid = "SIZE_INVALID";

    /// <summary>A credential is needed.</summary>
    public const string Unauthorized = "UNAUTHORIZED";

    /// <summary>It may not be done with this credential, or by a rule of the registry.</summary>
    public const string Denied = "DENIED";

    /// <summary>It is not served.</summary>
    public const string Unsupported = "UNSUPPORTED";

    /// <summary>Too much is going on; try again later.</summary>
    public const string TooManyRequests = "TOOMANYREQUESTS";
}
