using System.Globalization;
using Capstan.Api.Images;
using Capstan.Oci.Content;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.OciClient.Signing;
using Capstan.Registry.Reading;
using Capstan.Server.Hosting;
using Capstan.Yaml;

namespace Capstan.Server.Images;

/// <summary>The registry's content in the words of the API.</summary>
/// <param name="parts">The server.</param>
/// <param name="maySee">Whether who asks may see an application, by its full name.</param>
internal sealed class ImageReports(ServerParts parts, Func<string, bool> maySee)
{
    private const int MostUsers = 50;
    private const string Wants = "vnd.";
    private readonly ImageReader _reader = new(parts.Images);

    /// <summary>The tags of a repository, those pushed last first.</summary>
    public IReadOnlyList<ImageTag> Tags(ImageName name)
    {
        var tags = new List<ImageTag>();
        foreach (var tag in parts.Images.ListTags(name))
        {
            if (parts.Images.FindTag(name, tag) is not { } digest) continue;
            tags.Add(new ImageTag(tag.Text, digest.ToString(), _reader.Find(name, digest)?.Bytes, Time(_reader.TouchedAt(name, digest)), UsedBy(name, tag, digest)));
        }
        return [.. tags.OrderByDescending(t => t.PushedAt, StringComparer.Ordinal).ThenBy(t => t.Tag, StringComparer.Ordinal)];
    }

    /// <summary>A manifest by a tag or its digest; null when there is none.</summary>
    public async Task<ImageDetails?> FindAsync(ImageName name, string reference, CancellationToken cancellation)
    {
        var digest = Digest.TryParse(reference, out var given) ? given : Tag.TryParse(reference, out var tag) ? parts.Images.FindTag(name, tag) : null;
        if (digest is not { } there || _reader.Find(name, there) is not { } found) return null;
        var (signature, provenance) = await parts.Artifacts.ProofAsync(new ImageReference(parts.Url().Authority, name, null, there), cancellation).ConfigureAwait(false);
        var config = found.Config;
        var annotations = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in config?.Config?.Labels ?? new Dictionary<string, string>()) annotations[key] = value;
        foreach (var (key, value) in found.Facts.Annotations ?? new Dictionary<string, string>()) annotations[key] = value;
        return new ImageDetails(
            name.Text, there.ToString(), found.MediaType, found.Facts.ArtifactType is { } type && !type.Contains(Wants, StringComparison.Ordinal) ? type : null, found.Bytes,
            [.. parts.Images.ListTags(name).Where(t => parts.Images.FindTag(name, t) == there).Select(t => t.Text)],
            config?.Created, config is null ? null : $"{config.System}/{config.Architecture}{(config.Variant is null ? "" : "/" + config.Variant)}",
            Parts(found), [.. _reader.ReferrersOf(name, there).Select(d => new ImagePart(d.Digest, d.MediaType, d.Size, d.ArtifactType))], annotations,
            Word(signature), Of(provenance), UsedBy(name, null, there), Releases(there));
    }

    /// <summary>A verdict in the word of the API.</summary>
    public static string Word(SignatureVerdict verdict) => verdict switch
    {
        SignatureVerdict.Trusted => "trusted",
        SignatureVerdict.NotTrusted => "untrusted",
        _ => "none",
    };

    public static ImageProvenance? Of(Provenance? provenance) => provenance is null ? null
        : new ImageProvenance(provenance.Repository, provenance.Commit, provenance.Workflow, provenance.Run, provenance.Builder);

    private static IReadOnlyList<ImagePart> Parts(StoredImage image)
    {
        if (MediaTypes.IsIndex(image.MediaType)) return [.. image.Facts.Children.Select(c => new ImagePart(c.Digest, c.MediaType, c.Size, c.Platform?.ToString()))];
        var steps = (image.Config?.History ?? []).Where(h => h.EmptyLayer != true).Select(h => h.CreatedBy ?? "").ToArray();
        var layers = image.Facts.Blobs.Where(b => b.MediaType is not (MediaTypes.ImageConfig or MediaTypes.DockerConfig)).ToArray();
        return
        [
            .. image.Facts.Blobs.Except(layers).Select(b => new ImagePart(b.Digest, b.MediaType, b.Size, "configuration")),
            .. layers.Select((b, i) => new ImagePart(b.Digest, b.MediaType, b.Size, steps.Length == layers.Length && steps[i].Length > 0 ? steps[i] : null)),
        ];
    }

    // An image of the own registry is named by any of the server's addresses; what follows the first slash tells it.
    private IReadOnlyList<string> UsedBy(ImageName name, Tag? tag, Digest digest) =>
    [
        .. parts.Index.All.Where(a => a.Images.Any(i => Is(i, name, tag, digest)) && maySee(a.FullName)).Select(a => a.Name).Take(MostUsers),
    ];

    private static bool Is(string image, ImageName name, Tag? tag, Digest digest) => ImageReference.TryParse(image, out var reference) && reference.Name == name
        && (reference.Digest is { } pinned ? pinned == digest : tag is not null && (reference.Tag ?? Tag.Latest) == tag);

    private IReadOnlyList<string> Releases(Digest digest)
    {
        var text = "@" + digest;
        return [.. parts.PipelineIndex.Releases.Where(r => (r.Spec["images"]?.AsList() ?? YamlList.Empty).Any(i => i.AsMap()?["image"]?.AsString()?.EndsWith(text, StringComparison.Ordinal) == true)).Select(r => r.Name).Order(StringComparer.Ordinal)];
    }

    private static string? Time(DateTimeOffset? time) => time?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
