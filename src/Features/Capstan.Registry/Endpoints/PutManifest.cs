using Capstan.Oci.Content;
using Capstan.Oci.Errors;
using Capstan.Oci.References;
using Capstan.Registry.Storage;
using Microsoft.AspNetCore.Http;

namespace Capstan.Registry.Endpoints;

/// <summary><c>PUT /v2/NAME/manifests/REFERENCE</c> (end-7), by tag, or by digest with any number of <c>?tag=</c></summary>
internal static class PutManifest
{
    private const int MostTags = 100;

    public static async Task ServeAsync(RegistryVisit visit)
    {
        var (stated, tags) = ReadTargets(visit);
        var content = await ReadBodyAsync(visit).ConfigureAwait(false);
        var digest = Digest.Of(content, stated?.Algorithm ?? DigestAlgorithm.Sha256);
        if (stated is { } expected && expected != digest) throw RegistryException.DigestMismatch(expected, digest);

        await visit.Store.PutManifestAsync(visit.Name, new StoredManifest(digest, visit.Http.Request.ContentType ?? "", content), tags, visit.Cancellation).ConfigureAwait(false);
        visit.TellDigest(digest);
        if (visit.Store.Manifests.FactsOf(visit.Name, digest)?.Subject is { } subject) visit.Http.Response.Headers["OCI-Subject"] = subject.Digest;
        foreach (var tag in visit.Http.Request.Query["tag"]) visit.Http.Response.Headers.Append("OCI-Tag", tag);
        await visit.AnswerAsync(StatusCodes.Status201Created, $"/v2/{visit.Name}/manifests/{digest}").ConfigureAwait(false);
    }

    private static (Digest? Digest, IReadOnlyList<Tag> Tags) ReadTargets(RegistryVisit visit)
    {
        var further = visit.Http.Request.Query["tag"];
        if (further.Count > MostTags) throw RegistryException.ManifestInvalid($"at most {MostTags} tags can be given at once");
        var tags = further.Select(t => ReadTag(t ?? "")).ToList();
        if (visit.Reference.Contains(':', StringComparison.Ordinal)) return (visit.DigestOfPath(), tags);
        if (tags.Count > 0) throw RegistryException.ManifestInvalid("?tag= goes with a digest in the path");
        return (null, [ReadTag(visit.Reference)]);
    }

    private static Tag ReadTag(string text) => Tag.TryParse(text, out var tag) ? tag
        : throw RegistryException.ManifestInvalid($"\"{RegistryVisit.Short(text)}\" is no tag: up to 128 letters, digits, dots, dashes and underscores");

    private static async Task<byte[]> ReadBodyAsync(RegistryVisit visit)
    {
        var limit = visit.Store.Options.MaxManifestBytes;
        if (visit.Http.Request.ContentLength > limit) throw TooLarge(limit);
        var buffer = new MemoryStream();
        var piece = new byte[32 * 1024];
        int read;
        while ((read = await visit.Http.Request.Body.ReadAsync(piece, visit.Cancellation).ConfigureAwait(false)) > 0)
        {
            if (buffer.Length + read > limit) throw TooLarge(limit);
            buffer.Write(piece, 0, read);
        }

        return buffer.ToArray();
    }

    private static RegistryException TooLarge(int limit) => new(413, RegistryErrorCode.ManifestInvalid, $"a manifest has at most {limit:N0} bytes here");
}
