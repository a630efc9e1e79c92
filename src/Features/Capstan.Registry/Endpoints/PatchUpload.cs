namespace Capstan.Registry.Endpoints;

/// <summary><c>PATCH /v2/NAME/blobs/uploads/ID</c> (end-5): the next chunk, or a stream without a stated range</summary>
internal static class PatchUpload
{
    public static async Task ServeAsync(RegistryVisit visit)
    {
        using var upload = await visit.Store.Uploads.TakeAsync(visit.Reference, visit.Name, visit.User, visit.Cancellation).ConfigureAwait(false);
        await UploadAnswers.AppendAsync(visit, upload).ConfigureAwait(false);
        await UploadAnswers.AcceptedAsync(visit, visit.Reference, upload.Length).ConfigureAwait(false);
    }
}
