using Capstan.Oci.Content;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;

namespace Capstan.OciClient.Signing;

/// <summary>What is known of an image's signature.</summary>
public enum SignatureVerdict
{
    /// <summary>A trusted key signed this image.</summary>
    Trusted,

    /// <summary>Nobody signed it.</summary>
    Absent,

    /// <summary>There are signatures, and none is of a trusted key about this image.</summary>
    NotTrusted,
}

/// <summary>
/// Signatures and provenance of images in cosign's form: under the tags <c>sha256-HEX.sig</c> and <c>.att</c>, where cosign looks, and as referrers of
/// the image, so that they live as long as it does.
/// </summary>
/// <param name="client">The registry's client.</param>
public sealed class ImageSignatures(RegistryClient client)
{
    private const string PayloadType = "application/vnd.dev.cosign.simplesigning.v1+json";
    private const string EnvelopeType = "application/vnd.dsse.envelope.v1+json";
    private const string SignatureAnnotation = "dev.cosignproject.cosign/signature";
    private const int LargestPayload = 1 << 20;
    private const int MostSignatures = 50;

    /// <summary>Signs an image.</summary>
    /// <param name="repository">Where it is.</param>
    /// <param name="image">The image, by digest.</param>
    /// <param name="key">The key.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task SignAsync(ImageReference repository, Descriptor image, SigningKey key, CancellationToken cancellation)
    {
        var payload = SignedDocuments.Signature(repository, Digest.Parse(image.Digest));
        var layer = await client.PushBlobAsync(repository, PayloadType, payload, cancellation).ConfigureAwait(false);
        var signed = layer with { Annotations = new Dictionary<string, string> { [SignatureAnnotation] = Convert.ToBase64String(key.Sign(payload)) } };
        await AttachAsync(repository, image, "sig", signed, null, cancellation).ConfigureAwait(false);
    }

    /// <summary>Attaches a signed statement of where an image comes from.</summary>
    public async Task AttestAsync(ImageReference repository, Descriptor image, Provenance provenance, SigningKey key, CancellationToken cancellation)
    {
        var statement = SignedDocuments.Statement(repository, Digest.Parse(image.Digest), provenance);
        var envelope = SignedDocuments.Envelope(statement, Convert.ToBase64String(key.Sign(SignedDocuments.ToSign(statement))));
        var layer = await client.PushBlobAsync(repository, EnvelopeType, envelope, cancellation).ConfigureAwait(false);
        var signed = layer with { Annotations = new Dictionary<string, string> { [SignatureAnnotation] = "", ["predicateType"] = Provenance.PredicateType } };
        await AttachAsync(repository, image, "att", signed, SignedDocuments.InTotoType, cancellation).ConfigureAwait(false);
    }

    /// <summary>Whether a trusted key signed an image.</summary>
    public async Task<SignatureVerdict> VerifyAsync(ImageReference repository, Digest image, TrustedKeys keys, CancellationToken cancellation)
    {
        var layers = await AttachedAsync(repository, image, "sig", cancellation).ConfigureAwait(false);
        foreach (var layer in layers.Where(l => l.MediaType == PayloadType))
        {
            if (layer.Annotations?.GetValueOrDefault(SignatureAnnotation) is not { Length: > 0 } signature) continue;
            var payload = await client.ReadBlobAsync(repository, layer, LargestPayload, cancellation).ConfigureAwait(false);
            if (keys.Verify(payload, signature) && SignedDocuments.IsAbout(payload, image)) return SignatureVerdict.Trusted;
        }

        return layers.Count == 0 ? SignatureVerdict.Absent : SignatureVerdict.NotTrusted;
    }

    /// <summary>All statements of a trusted key about where an image comes from: the same bytes may be built from several commits.</summary>
    public async Task<IReadOnlyList<Provenance>> ListProvenancesAsync(ImageReference repository, Digest image, TrustedKeys keys, CancellationToken cancellation)
    {
        var found = new List<Provenance>();
        foreach (var layer in (await AttachedAsync(repository, image, "att", cancellation).ConfigureAwait(false)).Where(l => l.MediaType == EnvelopeType))
        {
            var envelope = SignedDocuments.ReadEnvelope(await client.ReadBlobAsync(repository, layer, LargestPayload, cancellation).ConfigureAwait(false));
            if (envelope is not var (payload, signatures) || !signatures.Any(s => keys.Verify(SignedDocuments.ToSign(payload), s))) continue;
            if (SignedDocuments.ReadStatement(payload, image) is { } provenance) found.Add(provenance);
        }

        return found;
    }

    private async Task<IReadOnlyList<Descriptor>> AttachedAsync(ImageReference repository, Digest image, string kind, CancellationToken cancellation)
    {
        try
        {
            var manifest = await client.GetManifestAsync(At(repository, image, kind), cancellation).ConfigureAwait(false);
            return [.. OciJson.Read(manifest.Content.Span, OciJson.Manifest).Layers.Take(MostSignatures)];
        }
        catch (RegistryClientException e) when (e.Problem == RegistryProblem.NotFound)
        {
            return [];
        }
    }

    // What others attached stays; of very many, the last.
    private async Task AttachAsync(ImageReference repository, Descriptor image, string kind, Descriptor layer, string? artifactType, CancellationToken cancellation)
    {
        var digest = Digest.Parse(image.Digest);
        var there = await AttachedAsync(repository, digest, kind, cancellation).ConfigureAwait(false);
        IReadOnlyList<Descriptor> layers = [.. there.TakeLast(MostSignatures - 1).Where(l => l.Digest != layer.Digest || kind == "sig").Where(l => l.Annotations?.GetValueOrDefault(SignatureAnnotation) != layer.Annotations![SignatureAnnotation] || kind == "att"), layer];
        var config = OciJson.Write(new ImageConfig { Architecture = "", System = "", Config = new RunConfig(), RootFs = new RootFileSystem { DiffIds = [.. layers.Select(l => l.Digest)] } }, OciJson.Config);
        var manifest = OciJson.Write(new ImageManifest
        {
            MediaType = MediaTypes.ImageManifest,
            ArtifactType = artifactType,
            Config = await client.PushBlobAsync(repository, MediaTypes.ImageConfig, config, cancellation).ConfigureAwait(false),
            Layers = layers,
            Subject = new Descriptor { MediaType = image.MediaType, Digest = image.Digest, Size = image.Size },
        }, OciJson.Manifest);
        await client.PushManifestAsync(At(repository, digest, kind), MediaTypes.ImageManifest, manifest, cancellation).ConfigureAwait(false);
    }

    private static ImageReference At(ImageReference repository, Digest image, string kind) =>
        repository with { Digest = null, Tag = Tag.Parse($"{image.AlgorithmName}-{image.Hex[..64]}.{kind}") };
}
