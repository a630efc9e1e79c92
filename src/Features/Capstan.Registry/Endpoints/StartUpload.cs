using Capstan.Oci.Content;
using Capstan.Oci.Errors;
using Capstan.Oci.References;

namespace Capstan.Registry.Endpoints;

/// <summary><c>POST /v2/NAME/blobs/uploads/</c> (end-4a), with the whole blob (end-4b), or mounting it from another repository (end-11)</summary>
internal static class StartUpload
{
    public static async Task ServeAsync(RegistryVisit visit)
    {
        if (visit.Query("mount") is { } mount && await TryMountAsync(visit, mount).ConfigureAwait(false)) return;
        if (visit.Query("mount") is null && visit.Query("digest") is { } digest)
        {
            await TakeWholeAsync(visit, RegistryVisit.ReadDigest(digest)).ConfigureAwait(false);
            return;
        }

        var algorithm = DigestAlgorithm.Sha256;
        if (visit.Query("digest-algorithm") is { } wanted && !Digest.TryAlgorithm(wanted, out algorithm))
        {
            throw new RegistryException(400, RegistryErrorCode.DigestInvalid, $"\"{RegistryVisit.Short(wanted)}\" is no algorithm that is served: sha256 or sha512");
        }

        var id = visit.Store.Uploads.Begin(visit.Name, visit.User, algorithm);
        await UploadAnswers.AcceptedAsync(visit, id, 0).ConfigureAwait(false);
    }

    // Who may not read the source learns nothing of it: an upload begins, as if the blob were not there. Without a source nothing is looked for
    // elsewhere, since that would tell what others have.
    private static async Task<bool> TryMountAsync(RegistryVisit visit, string mount)
    {
        var digest = RegistryVisit.ReadDigest(mount);
        if (!ImageName.TryParse(visit.Query("from"), out var from) || !visit.May(from, Tokens.RegistryAction.Pull)) return false;
        if (!await visit.Store.Blobs.MountAsync(visit.Name, from, digest, visit.Cancellation).ConfigureAwait(false)) return false;
        await UploadAnswers.CreatedAsync(visit, digest).ConfigureAwait(false);
        return true;
    }

    private static async Task TakeWholeAsync(RegistryVisit visit, Digest digest)
    {
        if (visit.Http.Request.ContentLength is null && visit.Http.Request.Headers.TransferEncoding.Count == 0)
        {
            throw new RegistryException(400, RegistryErrorCode.SizeInvalid, "the body's Content-Length is missing");
        }

        var id = visit.Store.Uploads.Begin(visit.Name, visit.User, digest.Algorithm);
        var whole = visit with { Reference = id };
        try
        {
            using var upload = await visit.Store.Uploads.TakeAsync(id, visit.Name, visit.User, visit.Cancellation).ConfigureAwait(false);
            await UploadAnswers.AppendAsync(whole, upload).ConfigureAwait(false);
            await UploadAnswers.CompleteAsync(whole, upload, id, digest).ConfigureAwait(false);
        }
        finally
        {
            // Nobody knows its name, so nobody could go on.
            visit.Store.Uploads.End(id, visit.Name, visit.User);
        }
    }
}
