using Capstan.Oci.Content;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;

namespace Capstan.Registry.Endpoints;

/// <summary><c>GET /v2/NAME/referrers/DIGEST</c> (end-12): what refers to a manifest, whether that is there or not</summary>
internal static class ListReferrers
{
    public static Task ServeAsync(RegistryVisit visit)
    {
        var subject = visit.DigestOfPath();
        var all = visit.Store.Manifests.ReferrersOf(visit.Name, subject).Concat(OfFallbackTag(visit, subject))
            .DistinctBy(d => d.Digest).OrderBy(d => d.Digest, StringComparer.Ordinal);
        var type = visit.Query("artifactType");
        if (!string.IsNullOrEmpty(type)) visit.Http.Response.Headers["OCI-Filters-Applied"] = "artifactType";
        var wanted = all.Where(d => string.IsNullOrEmpty(type) || d.ArtifactType == type).ToList();
        var index = new ImageIndex { MediaType = MediaTypes.ImageIndex, Manifests = Paging.Page(visit.Http, wanted, d => d.Digest, visit.Store.Options.PageSize) };
        return RegistryJson.WriteAsync(visit.Http, MediaTypes.ImageIndex, OciJson.Write(index, OciJson.Index));
    }

    // Clients of registries without this list keep it themselves, under a tag made of the digest. What it names and is here counts too.
    private static IEnumerable<Descriptor> OfFallbackTag(RegistryVisit visit, Digest subject)
    {
        if (!Tag.TryParse($"{subject.AlgorithmName}-{subject.Hex[..64]}", out var tag) || visit.Store.Tags.Find(visit.Name, tag) is not { } digest
            || visit.Store.Manifests.Find(visit.Name, digest) is not { } stored || !MediaTypes.IsIndex(stored.MediaType))
        {
            yield break;
        }

        foreach (var child in OciJson.Read(stored.Content, OciJson.Index).Manifests)
        {
            if (visit.Store.Manifests.FactsOf(visit.Name, Digest.Parse(child.Digest))?.Subject?.Digest == subject.ToString()) yield return child;
        }
    }
}
