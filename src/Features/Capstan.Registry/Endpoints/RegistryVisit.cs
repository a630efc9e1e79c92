using Capstan.Access.Rights;
using Capstan.Oci.Content;
using Capstan.Oci.References;
using Capstan.Registry.Storage;
using Capstan.Registry.Tokens;
using Microsoft.AspNetCore.Http;

namespace Capstan.Registry.Endpoints;

/// <summary>One request that may do what it asks for.</summary>
/// <param name="Http">The request.</param>
/// <param name="Store">All that the registry keeps.</param>
/// <param name="Name">The repository.</param>
/// <param name="Reference">Tag, digest or upload.</param>
/// <param name="Principal">Who asks.</param>
/// <param name="May">Whether the same one may do something with another repository.</param>
internal sealed record RegistryVisit(HttpContext Http, ImageStore Store, ImageName Name, string Reference, Principal Principal, Func<ImageName, RegistryAction, bool> May)
{
    public CancellationToken Cancellation => Http.RequestAborted;

    /// <summary>An upload belongs to a repository and a user.</summary>
    public string User => $"{Principal.Kind}:{Principal.Name}";

    public string? Query(string name) => Http.Request.Query[name].FirstOrDefault();

    /// <summary>The digest that the path names.</summary>
    /// <exception cref="RegistryException">It is none.</exception>
    public Digest DigestOfPath() => ReadDigest(Reference);

    public static Digest ReadDigest(string? text) => Digest.TryParse(text, out var digest) ? digest
        : throw new RegistryException(400, Oci.Errors.RegistryErrorCode.DigestInvalid, $"\"{Short(text)}\" is no digest: sha256: and 64 digits in lower case, or sha512: and 128");

    /// <summary>The answer has no body.</summary>
    public Task AnswerAsync(int status, string? location = null)
    {
        Http.Response.StatusCode = status;
        if (location is not null) Http.Response.Headers.Location = location;
        if (status != StatusCodes.Status204NoContent) Http.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    public void TellDigest(Digest digest)
    {
        Http.Response.Headers["Docker-Content-Digest"] = digest.ToString();
        Http.Response.Headers.ETag = $"\"{digest}\"";
    }

    /// <summary>Whether the client has the content already; then that is the answer.</summary>
    public bool IsKnown(Digest digest)
    {
        if (!Http.Request.Headers.IfNoneMatch.Any(tag => tag == $"\"{digest}\"")) return false;
        Http.Response.StatusCode = StatusCodes.Status304NotModified;
        return true;
    }

    public static string Short(string? text) => text is null ? "" : text.Length <= 200 ? text : text[..200] + "…";
}
