using Capstan.Oci.Content;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.Registry.Storage;
using Microsoft.AspNetCore.Http;

namespace Capstan.Registry.Endpoints;

/// <summary><c>GET</c> and <c>HEAD /v2/NAME/manifests/REFERENCE</c> (end-3)</summary>
internal static class GetManifest
{
    public static async Task ServeAsync(RegistryVisit visit)
    {
        var manifest = Find(visit) ?? throw RegistryException.ManifestUnknown(visit.Name, RegistryVisit.Short(visit.Reference));
        var response = visit.Http.Response;
        visit.TellDigest(manifest.Digest);
        if (visit.IsKnown(manifest.Digest)) return;
        response.ContentType = manifest.MediaType;
        response.ContentLength = manifest.Content.Length;
        if (HttpMethods.IsGet(visit.Http.Request.Method)) await response.Body.WriteAsync(manifest.Content, visit.Cancellation).ConfigureAwait(false);
    }

    private static StoredManifest? Find(RegistryVisit visit)
    {
        if (Digest.TryParse(visit.Reference, out var digest)) return visit.Store.Manifests.Find(visit.Name, digest);
        if (!Tag.TryParse(visit.Reference, out var tag))
        {
            throw visit.Reference.Contains(':', StringComparison.Ordinal)
                ? new RegistryException(400, Oci.Errors.RegistryErrorCode.DigestInvalid, $"\"{RegistryVisit.Short(visit.Reference)}\" is no digest")
                : RegistryException.ManifestUnknown(visit.Name, RegistryVisit.Short(visit.Reference));
        }

        return visit.Store.Tags.Find(visit.Name, tag) is { } tagged ? Negotiate(visit, visit.Store.Manifests.Find(visit.Name, tagged)) : null;
    }

    // Clients from before there were indexes ask for an image only, and get the one that they always got: that of linux/amd64. Every other
    // client gets what the tag points at; its type is in the answer.
    private static StoredManifest? Negotiate(RegistryVisit visit, StoredManifest? manifest)
    {
        if (manifest is null || !MediaTypes.IsIndex(manifest.MediaType)) return manifest;
        var accepted = visit.Http.Request.Headers.Accept.SelectMany(a => a!.Split(',')).Select(a => a.Split(';')[0].Trim()).ToHashSet();
        if (!accepted.Any(MediaTypes.IsImage) || accepted.Any(a => MediaTypes.IsIndex(a) || a is "*/*" or "application/*")) return manifest;
        var children = OciJson.Read(manifest.Content, OciJson.Index).Manifests;
        var child = children.FirstOrDefault(c => c.Platform is { System: "linux", Architecture: "amd64" });
        return child is null ? manifest : visit.Store.Manifests.Find(visit.Name, Digest.Parse(child.Digest)) ?? manifest;
    }
}
