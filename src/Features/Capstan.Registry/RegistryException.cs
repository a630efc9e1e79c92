using Capstan.Oci.Content;
using Capstan.Oci.Errors;
using Capstan.Oci.References;

namespace Capstan.Registry;

/// <summary>The registry refuses something.</summary>
/// <param name="status">The status of the answer.</param>
/// <param name="code">The code on the wire, one of <see cref="RegistryErrorCode"/>.</param>
/// <param name="message">What is wrong and what to do about it.</param>
public sealed class RegistryException(int status, string code, string message) : IOException(message)
{
    /// <summary>The status of the answer.</summary>
    public int Status { get; } = status;

    /// <summary>The code on the wire.</summary>
    public string Code { get; } = code;

    internal static RegistryException BlobUnknown(ImageName name, Digest digest) => new(404, RegistryErrorCode.BlobUnknown, $"{name}: has no blob {digest}");

    internal static RegistryException ManifestUnknown(ImageName name, string reference) => new(404, RegistryErrorCode.ManifestUnknown, $"{name}: has no manifest {reference}");

    internal static RegistryException NameUnknown(ImageName name) => new(404, RegistryErrorCode.NameUnknown, $"{name}: nothing was pushed to this repository yet");

    internal static RegistryException UploadUnknown(ImageName name) => new(404, RegistryErrorCode.BlobUploadUnknown, $"{name}: there is no such upload, or no longer; begin again with POST");

    internal static RegistryException DigestMismatch(Digest stated, Digest found) =>
        new(400, RegistryErrorCode.DigestInvalid, $"the content is {found}, not {stated}: it was damaged on its way, or the digest is of something else");

    internal static RegistryException Unsupported(string message) => new(405, RegistryErrorCode.Unsupported, message);

    internal static RegistryException ManifestInvalid(string message) => new(400, RegistryErrorCode.ManifestInvalid, message);

    internal static RegistryException Full(string message) => new(507, RegistryErrorCode.Denied, message);
}
