using Microsoft.AspNetCore.Http;

namespace Capstan.Registry.Endpoints;

/// <summary><c>DELETE /v2/NAME/blobs/uploads/ID</c></summary>
internal static class CancelUpload
{
    public static async Task ServeAsync(RegistryVisit visit)
    {
        using var upload = await visit.Store.Uploads.TakeAsync(visit.Reference, visit.Name, visit.User, visit.Cancellation).ConfigureAwait(false);
        visit.Store.Uploads.End(visit.Reference, visit.Name, visit.User);
        await visit.AnswerAsync(StatusCodes.Status204NoContent).ConfigureAwait(false);
    }
}
