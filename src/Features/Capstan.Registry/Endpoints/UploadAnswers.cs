using System.Globalization;
using Capstan.Oci.Content;
using Capstan.Oci.Errors;
using Capstan.Registry.Uploads;
using Microsoft.AspNetCore.Http;

namespace Capstan.Registry.Endpoints;

/// <summary>What the requests of an upload have in common.</summary>
internal static class UploadAnswers
{
    public static Task AcceptedAsync(RegistryVisit visit, string id, long length, int status = StatusCodes.Status202Accepted)
    {
        visit.Http.Response.Headers["Docker-Upload-UUID"] = id;
        TellRange(visit, length);
        return visit.AnswerAsync(status, $"/v2/{visit.Name}/blobs/uploads/{id}");
    }

    public static Task CreatedAsync(RegistryVisit visit, Digest digest)
    {
        visit.TellDigest(digest);
        return visit.AnswerAsync(StatusCodes.Status201Created, $"/v2/{visit.Name}/blobs/{digest}");
    }

    /// <summary>Takes the body of a request in at the end of an upload, where it says it belongs.</summary>
    public static async Task AppendAsync(RegistryVisit visit, Upload upload)
    {
        var request = visit.Http.Request;
        if (request.Headers.ContentRange.FirstOrDefault() is { } text) RequireNext(visit, upload, text);
        if (upload.Length + (request.ContentLength ?? 0) is var expected) Admit(visit, expected);
        await upload.AppendAsync(request.Body, length => Admit(visit, length), visit.Cancellation).ConfigureAwait(false);
    }

    /// <summary>Checks the digest of an upload that is complete and makes a blob of it. The upload is gone afterwards, whatever came of it.</summary>
    public static async Task CompleteAsync(RegistryVisit visit, Upload upload, string id, Digest stated)
    {
        var uploads = visit.Store.Uploads;
        var found = upload.DigestOf(stated.Algorithm);
        if (found != stated)
        {
            uploads.End(id, visit.Name, visit.User);
            throw RegistryException.DigestMismatch(stated, found);
        }

        RequireQuota(visit, upload.Length, stated);
        upload.Flush();
        // From here on the client's going away changes nothing: half a step is what must not be.
        await visit.Store.Blobs.TakeInAsync(uploads.PathOf(id, visit.Name, visit.User), visit.Name, stated, CancellationToken.None).ConfigureAwait(false);
        uploads.End(id, visit.Name, visit.User);
        await CreatedAsync(visit, stated).ConfigureAwait(false);
    }

    public static void TellRange(RegistryVisit visit, long length) => visit.Http.Response.Headers["Range"] = string.Create(CultureInfo.InvariantCulture, $"0-{Math.Max(0, length - 1)}");

    private static void RequireNext(RegistryVisit visit, Upload upload, string text)
    {
        var numbers = text.StartsWith("bytes ", StringComparison.OrdinalIgnoreCase) ? text[6..].Split('/')[0] : text;
        if (numbers.Split('-') is not [var from, var to] || !TryNumber(from, out var start) || !TryNumber(to, out var end) || end < start
            || (visit.Http.Request.ContentLength is { } length && length != end - start + 1))
        {
            throw OutOfPlace(visit, upload, $"the Content-Range \"{RegistryVisit.Short(text)}\" is not that of the body: it is START-END, both included");
        }

        if (start != upload.Length) throw OutOfPlace(visit, upload, $"the chunk begins at {start}, and {upload.Length} bytes are here: chunks come in order");
    }

    private static RegistryException OutOfPlace(RegistryVisit visit, Upload upload, string message)
    {
        TellRange(visit, upload.Length);
        visit.Http.Response.Headers.Location = $"/v2/{visit.Name}/blobs/uploads/{visit.Reference}";
        return new RegistryException(416, RegistryErrorCode.BlobUploadInvalid, $"{visit.Name}: {message}; ask with GET where to go on");
    }

    private static void Admit(RegistryVisit visit, long length)
    {
        var options = visit.Store.Options;
        if (length > options.MaxBlobBytes) throw new RegistryException(413, RegistryErrorCode.SizeInvalid, $"a blob has at most {options.MaxBlobBytes:N0} bytes here");
        if (visit.Store.TotalBytes + length > options.MaxTotalBytes)
        {
            throw RegistryException.Full($"the registry is full: it keeps at most {options.MaxTotalBytes:N0} bytes; delete what is not needed, or let an operator raise the limit");
        }
    }

    private static void RequireQuota(RegistryVisit visit, long length, Digest digest)
    {
        if (visit.Store.Options.MaxRepositoryBytes is not { } most || visit.Store.Blobs.IsLinked(visit.Name, digest)) return;
        var there = visit.Store.BytesOf(visit.Name);
        if (there + length > most)
        {
            visit.Store.Uploads.End(visit.Reference, visit.Name, visit.User);
            throw RegistryException.Full($"{visit.Name}: has {there:N0} of {most:N0} bytes, and this blob has {length:N0}; delete what is not needed");
        }
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
