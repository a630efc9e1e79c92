using Capstan.Oci.References;
using Capstan.OciClient;
using Capstan.OciClient.Signing;
using Capstan.Promotion.Pipelines;
using Capstan.Promotion.Running;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Urls;

namespace Capstan.Server.Bindings;

/// <summary>Looks into registries, the own one and others, before a promotion names an image.</summary>
internal sealed class ReleaseArtifacts : IReleaseArtifacts, IDisposable
{
    private readonly OwnRegistry _registry;
    private readonly RegistryClient _client;
    private readonly SigningKey _key;
    private readonly TrustedKeys _trusted;

    /// <summary>Makes it.</summary>
    /// <param name="registry">The registries.</param>
    /// <param name="token">A token that may read the own one.</param>
    /// <param name="dataFolder">Where the signing key is.</param>
    public ReleaseArtifacts(OwnRegistry registry, string token, string dataFolder)
    {
        _registry = registry;
        _client = registry.Client(token);
        _key = SigningKey.LoadOrCreate(dataFolder);
        _trusted = new TrustedKeys(_key.PublicPem);
    }

    /// <inheritdoc/>
    public async Task<string?> WhyNotAsync(Release release, bool signed, CancellationToken cancellation)
    {
        foreach (var image in release.Images)
        {
            try
            {
                if (await WhyNotAsync(image.Reference, release, signed, cancellation).ConfigureAwait(false) is { } why) return $"{image.Reference}: {why}";
            }
            catch (RegistryClientException e)
            {
                return e.Message;
            }
        }

        return null;
    }

    public void Dispose()
    {
        _client.Dispose();
        _key.Dispose();
        _trusted.Dispose();
    }

    // What a run built here has to be signed and to say its commit, always; of other images only that nothing says something else.
    private async Task<string?> WhyNotAsync(ImageReference image, Release release, bool signed, CancellationToken cancellation)
    {
        if (await _client.ResolveAsync(image with { Tag = null }, cancellation).ConfigureAwait(false) is null) return "is not in the registry";
        var signatures = new ImageSignatures(_client);
        var builtHere = release.Run is not null && _registry.IsOwn(image.Registry);
        if ((signed || builtHere) && await signatures.VerifyAsync(image, image.Digest!.Value, _trusted, cancellation).ConfigureAwait(false) != SignatureVerdict.Trusted) return "is not signed by this installation's key";
        var provenances = await signatures.ListProvenancesAsync(image, image.Digest!.Value, _trusted, cancellation).ConfigureAwait(false);
        if (provenances.Any(p => p.Commit == release.Commit) || (provenances.Count == 0 && !builtHere)) return null;
        return provenances.Count == 0 ? "does not say from which commit it was built" : $"was built from commit {provenances[^1].Commit}, and the release claims {release.Commit}";
    }
}

/// <summary>Repositories that stages name: of the own Git host by name, others by address.</summary>
internal sealed class StageRepositories(Func<string, string> urlOf) : IStageRepositories
{
    /// <inheritdoc/>
    public GitRemote Find(string repository) => repository.Contains("://", StringComparison.Ordinal) || repository.Contains('@', StringComparison.Ordinal)
        ? new GitRemote(RepositoryUrl.Parse(repository))
        : new GitRemote(RepositoryUrl.Parse(urlOf(repository))) { Registered = true };
}
