namespace Capstan.Registry.Endpoints;

/// <summary><c>PUT /v2/NAME/blobs/uploads/ID?digest=DIGEST</c> (end-6): the last chunk, or the whole, or nothing more; then the digest is checked</summary>
internal static class FinishUpload
{
    public static async Task ServeAsync(RegistryVisit visit)
    {
        var digest = RegistryVisit.ReadDigest(visit.Query("digest"));
        using var upload = await visit.Store.Uploads.TakeAsync(visit.Reference, visit.Name, visit.User, visit.Cancellation).ConfigureAwait(false);
        await UploadAnswers.AppendAsync(visit, upload).ConfigureAwait(false);
        await UploadAnswers.CompleteAsync(visit, upload, visit.Reference, digest).ConfigureAwait(false);
    }
}
