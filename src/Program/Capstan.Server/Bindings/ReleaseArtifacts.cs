using Capstan.Oci.References;
using Capstan.OciClient;
using Capstan.OciClient.Signing;
using Capstan.Promotion.Pipelines;
using Capstan.Promotion.Running;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Urls;
using Capstan.Sources.Ssrf;

namespace Capstan.Server.Bindings;

/// <summary>Looks into registries, the own one and others, before a promotion names an image.</summary>
internal sealed class ReleaseArtifacts : IReleaseArtifacts, IDisposable
{
    private readonly SocketsHttpHandler _own = new() { AllowAutoRedirect = false, UseCookies = false, UseProxy = false };
    private readonly SocketsHttpHandler _others;
    private readonly HashSet<string> _ownHosts;
    private readonly RegistryClient _ownClient;
    private readonly RegistryClient _otherClient;
    private readonly SigningKey _key;
    private readonly TrustedKeys _trusted;

    /// <summary>Makes it.</summary>
    /// <param name="addresses">Where this server is reached.</param>
    /// <param name="token">A token that may read its registry.</param>
    /// <param name="dataFolder">Where the signing key is.</param>
    /// <param name="time">The clock.</param>
    public ReleaseArtifacts(IReadOnlyList<Uri> addresses, string token, string dataFolder, TimeProvider time)
    {
        _ownHosts = addresses.Select(a => a.Authority).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _others = AddressGuard.Strict.CreateHandler();
        _others.AllowAutoRedirect = false;
        var entries = OwnRegistry.Entries(addresses, token);
        _ownClient = new RegistryClient(_own, new RegistryBook(entries), time);
        _otherClient = new RegistryClient(_others, new RegistryBook(), time);
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
        _ownClient.Dispose();
        _otherClient.Dispose();
        _own.Dispose();
        _others.Dispose();
        _key.Dispose();
        _trusted.Dispose();
    }

    private async Task<string?> WhyNotAsync(ImageReference image, Release release, bool signed, CancellationToken cancellation)
    {
        var client = _ownHosts.Contains(image.Registry) ? _ownClient : _otherClient;
        if (await client.ResolveAsync(image with { Tag = null }, cancellation).ConfigureAwait(false) is null) return "is not in the registry";
        var signatures = new ImageSignatures(client);
        if (signed && await signatures.VerifyAsync(image, image.Digest!.Value, _trusted, cancellation).ConfigureAwait(false) != SignatureVerdict.Trusted) return "is not signed by this installation's key";
        // What says where it comes from must not say something else than the release.
        var provenance = await signatures.FindProvenanceAsync(image, image.Digest!.Value, _trusted, cancellation).ConfigureAwait(false);
        return provenance is null || provenance.Commit == release.Commit ? null : $"was built from commit {provenance.Commit}, and the release claims {release.Commit}";
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
