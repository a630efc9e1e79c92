using System.Collections.Concurrent;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Controllers;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Signatures;
using Capstan.Yaml;

namespace Capstan.Delivery.Projects;

/// <summary>
/// Whether commits are signed as a project wants it. Keys of GnuPG are in Argo CD's ConfigMap <c>argocd-gpg-keys-cm</c>, those of SSH under
/// <c>allowed_signers</c> in <c>capstan-ssh-signers-cm</c>; the project names those that it trusts. A checked commit is not checked again.
/// </summary>
internal sealed class SourceSignatures(LiveCache live, GitMirrors mirrors, DeliveryOptions options)
{
    /// <summary>The ConfigMap that holds the public keys of GnuPG, each under its id.</summary>
    public const string GnuPgKeys = "argocd-gpg-keys-cm";

    /// <summary>The ConfigMap whose <c>allowed_signers</c> holds the public keys of SSH.</summary>
    public const string SshKeys = "capstan-ssh-signers-cm";

    private const int MostKnown = 10_000;
    private const int ShortestKeyId = 16;

    private static readonly GroupKind ConfigMap = new("", "ConfigMap");

    // As with projects: elsewhere whoever writes Applications could write the keys for them, too.
    private readonly IReadOnlyList<string> _spaces = [.. options.ApplicationNamespaces.Take(1).Concat(options.OwnNamespaces.Order(StringComparer.Ordinal)).Distinct()];
    private readonly ConcurrentDictionary<(string Repository, string Commit, string Keys), CommitSignature> _known = new();

    /// <summary>Checks all sources of an Application.</summary>
    /// <exception cref="ObservationException">One of them is not signed by a key that the project names.</exception>
    public async Task RequireAsync(IReadOnlyList<string> trusted, string project, IReadOnlyList<(GitRemote? Remote, string Commit)> sources, CancellationToken cancellation)
    {
        if (trusted.Count == 0)
        {
            return;
        }

        var keys = Keys();
        foreach (var (remote, commit) in sources)
        {
            var signature = remote is null
                ? new CommitSignature(null, "only commits of Git repositories are signed, and this is a chart of a repository of charts")
                : await CheckAsync(remote, commit, keys, cancellation).ConfigureAwait(false);
            var problem = signature.Key is { } key ? trusted.Any(t => IsKey(t, key)) ? null : $"it is signed by {key}, which the project does not name" : signature.Problem;
            if (problem is not null)
            {
                throw new ObservationException(new ApplicationCondition(
                    ConditionTypes.Comparison, $"Target revision {commit}: {problem}, but project \"{project}\" requires a signature by one of {string.Join(", ", trusted)} (spec.signatureKeys). Nothing is synced"));
            }
        }
    }

    /// <summary>Whether a project's key id names a key: the end of a GnuPG fingerprint, 16 digits at least, or a whole SSH fingerprint.</summary>
    internal static bool IsKey(string id, string fingerprint) => id.StartsWith("SHA256:", StringComparison.Ordinal)
        ? id == fingerprint
        : id.Length >= ShortestKeyId && !fingerprint.StartsWith("SHA256:", StringComparison.Ordinal) && fingerprint.EndsWith(id, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a text can be a key id.</summary>
    internal static bool IsKeyId(string id) => id.StartsWith("SHA256:", StringComparison.Ordinal) ? id.Length > 40 : id.Length is >= ShortestKeyId and <= 40 && id.All(char.IsAsciiHexDigit);

    private async Task<CommitSignature> CheckAsync(GitRemote remote, string commit, SignerKeys keys, CancellationToken cancellation)
    {
        var key = (remote.Url.Key, commit, keys.Id);
        if (_known.TryGetValue(key, out var known))
        {
            return known;
        }

        var signature = await mirrors.VerifyAsync(remote, commit, keys, cancellation).ConfigureAwait(false);
        if (_known.Count > MostKnown)
        {
            _known.Clear();
        }

        return _known[key] = signature;
    }

    private SignerKeys Keys() => new(
        [.. Data(GnuPgKeys).Select(k => k.Value.AsString() ?? "").Where(k => k.Length > 0)],
        string.Join('\n', Data(SshKeys).Where(k => k.Key == "allowed_signers").Select(k => k.Value.AsString() ?? "")));

    private IEnumerable<YamlEntry> Data(string name) => _spaces
        .SelectMany(space => live.Find(new ObjectKey(ConfigMap, space, name))?.Read().Body["data"] as YamlMap ?? YamlMap.Empty);
}
