using Capstan.Oci.References;
using Microsoft.AspNetCore.Http;

namespace Capstan.Registry.Endpoints;

/// <summary><c>DELETE /v2/NAME/manifests/REFERENCE</c> (end-9): of a tag, the tag alone; of a digest, the manifest with its tags</summary>
internal static class DeleteManifest
{
    public static async Task ServeAsync(RegistryVisit visit)
    {
        if (!visit.Store.Options.AllowDelete) throw RegistryException.Unsupported("this registry deletes nothing");
        if (!visit.Store.Manifests.HasRepository(visit.Name)) throw RegistryException.NameUnknown(visit.Name);
        var deleted = Tag.TryParse(visit.Reference, out var tag)
            ? await visit.Store.DeleteTagAsync(visit.Name, tag, visit.Cancellation).ConfigureAwait(false)
            : await visit.Store.DeleteManifestAsync(visit.Name, visit.DigestOfPath(), visit.Cancellation).ConfigureAwait(false);
        if (!deleted) throw RegistryException.ManifestUnknown(visit.Name, visit.Reference);
        await visit.AnswerAsync(StatusCodes.Status202Accepted).ConfigureAwait(false);
    }
}
