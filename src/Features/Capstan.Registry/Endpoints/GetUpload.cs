using Microsoft.AspNetCore.Http;

namespace Capstan.Registry.Endpoints;

/// <summary><c>GET /v2/NAME/blobs/uploads/ID</c> (end-13)</summary>
internal static class GetUpload
{
    public static Task ServeAsync(RegistryVisit visit) =>
        UploadAnswers.AcceptedAsync(visit, visit.Reference, visit.Store.Uploads.LengthOf(visit.Reference, visit.Name, visit.User), StatusCodes.Status204NoContent);
}
