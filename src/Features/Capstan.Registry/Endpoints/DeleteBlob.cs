using Microsoft.AspNetCore.Http;

namespace Capstan.Registry.Endpoints;

/// <summary><c>DELETE /v2/NAME/blobs/DIGEST</c> (end-10)</summary>
internal static class DeleteBlob
{
    public static async Task ServeAsync(RegistryVisit visit)
    {
        if (!visit.Store.Options.AllowDelete) throw RegistryException.Unsupported("this registry deletes nothing");
        var digest = visit.DigestOfPath();
        if (!await visit.Store.DeleteBlobAsync(visit.Name, digest, visit.Cancellation).ConfigureAwait(false)) throw RegistryException.BlobUnknown(visit.Name, digest);
        await visit.AnswerAsync(StatusCodes.Status202Accepted).ConfigureAwait(false);
    }
}
