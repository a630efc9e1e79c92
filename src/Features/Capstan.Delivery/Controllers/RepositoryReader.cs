using System.Collections.Concurrent;
using System.Text;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Sources;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Reading;
using Capstan.Sources.Git.Urls;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.Controllers;

/// <summary>One commit of a repository, ready to be rendered.</summary>
/// <param name="Remote">The repository.</param>
/// <param name="Commit">The whole commit id.</param>
/// <param name="Tree">Its files.</param>
internal sealed record ResolvedSource(GitRemote Remote, string Commit, SourceTree Tree);

/// <summary>
/// Reads the repositories that Applications name, with the credentials of labelled Secrets. What many Applications ask at the same
/// moment is asked once.
/// </summary>
internal sealed class RepositoryReader(GitMirrors mirrors, LiveCache secrets, DeliveryOptions options, TimeProvider time)
{
    private static readonly TimeSpan SameMoment = TimeSpan.FromMilliseconds(500);
    private static readonly GroupKind Secret = new("", "Secret");
    private static readonly GroupKind ConfigMap = new("", "ConfigMap");
    private const string KnownHosts = "argocd-ssh-known-hosts-cm";
    private const string Certificates = "argocd-tls-certs-cm";

    private readonly ConcurrentDictionary<(string Repository, string Revision), (long At, Task<ResolvedSource> Source)> _recent = new();

    /// <summary>Whether the repository's pushes are events of this process, so that it needs no polling.</summary>
    public bool IsLocal(string repoUrl) => RepositoryUrl.TryParse(repoUrl, out var url, out _) && mirrors.IsLocal(url);

    /// <summary>Finds a revision and opens its files.</summary>
    /// <param name="repoUrl">The repository as written.</param>
    /// <param name="revision">Branch, tag, commit or range.</param>
    /// <param name="maxAge">How old the knowledge of branches may be.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SourceException">It could not be read.</exception>
    public async Task<ResolvedSource> ResolveAsync(string repoUrl, string revision, TimeSpan maxAge, CancellationToken cancellation)
    {
        var url = RepositoryUrl.Parse(repoUrl);
        var key = (url.Key, revision);
        if (_recent.TryGetValue(key, out var known) && time.GetElapsedTime(known.At) < SameMoment && !known.Source.IsFaulted && !known.Source.IsCanceled)
        {
            return await known.Source.WaitAsync(cancellation).ConfigureAwait(false);
        }

        // Shared by all who ask meanwhile, so one of them giving up must not end it for the others.
        var source = OpenAsync(Remote(url), revision, maxAge);
        _recent[key] = (time.GetTimestamp(), source);
        if (_recent.Count > 10_000)
        {
            _recent.Clear();
        }

        return await source.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>What is told of a commit; null when it cannot be read any more.</summary>
    public async Task<CommitInfo?> DescribeAsync(string repoUrl, string commit, CancellationToken cancellation)
    {
        try
        {
            return await mirrors.DescribeAsync(Remote(RepositoryUrl.Parse(repoUrl)), commit, cancellation).ConfigureAwait(false);
        }
        catch (SourceException)
        {
            return null;
        }
    }

    /// <summary>Asks the remote at the next use.</summary>
    public void Forget(string repoUrl)
    {
        if (!RepositoryUrl.TryParse(repoUrl, out var url, out _))
        {
            return;
        }

        mirrors.Forget(url);
        foreach (var key in _recent.Keys.Where(k => k.Repository == url.Key))
        {
            _recent.TryRemove(key, out _);
        }
    }

    /// <summary>The repository with its credentials.</summary>
    public GitRemote Remote(RepositoryUrl url)
    {
        var registered = options.RegisteredRepositories.Any(r => Names(r, url)) || mirrors.IsLocal(url);
        var template = default(Dictionary<string, string>);
        foreach (var secret in options.ApplicationNamespaces.SelectMany(space => secrets.List(Secret, space)))
        {
            var type = secret.Mark(Cluster.SecretTypeLabel);
            if (type is not ("repository" or "repo-creds"))
            {
                continue;
            }

            var data = Data(secret.Read());
            if (!data.TryGetValue("url", out var named))
            {
                continue;
            }

            if (type == "repository" && Names(named, url))
            {
                return With(url, registered: true, data);
            }

            // Credentials by prefix; the longest one counts.
            if (type == "repo-creds" && url.Text.StartsWith(named, StringComparison.OrdinalIgnoreCase) && named.Length > (template?["url"].Length ?? 0))
            {
                template = data;
            }
        }

        return With(url, registered || template is not null, template);
    }

    private GitRemote With(RepositoryUrl url, bool registered, Dictionary<string, string>? data) => new(url)
    {
        Registered = registered,
        Credentials = data is null ? RepositoryCredentials.None : RepositoryCredentials.FromSecretData(data, Setting(KnownHosts, "ssh_known_hosts")),
        CertificateAuthorities = url.Scheme == RepositoryScheme.Https ? Setting(Certificates, url.Host) : null,
    };

    // Argo CD's ConfigMaps beside its Applications.
    private string? Setting(string map, string key) => options.ApplicationNamespaces
        .Select(space => secrets.Find(new ObjectKey(ConfigMap, space, map))?.Read().Body.At("data", key)?.AsString())
        .FirstOrDefault(text => !string.IsNullOrWhiteSpace(text));

    private async Task<ResolvedSource> OpenAsync(GitRemote remote, string revision, TimeSpan maxAge)
    {
        var found = await mirrors.ResolveAsync(remote, revision, maxAge, CancellationToken.None).ConfigureAwait(false);
        return new ResolvedSource(remote, found.Commit, await mirrors.OpenTreeAsync(remote, found.Commit, CancellationToken.None).ConfigureAwait(false));
    }

    private static bool Names(string text, RepositoryUrl url) => RepositoryUrl.TryParse(text, out var other, out _) && other.Equals(url);

    private static Dictionary<string, string> Data(KubernetesObject secret)
    {
        var data = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in secret.Body["data"] as YamlMap ?? YamlMap.Empty)
        {
            var encoded = value.AsString() ?? "";
            var bytes = new byte[encoded.Length];
            if (Convert.TryFromBase64String(encoded, bytes, out var length))
            {
                data[key] = Encoding.UTF8.GetString(bytes, 0, length);
            }
        }

        return data;
    }
}
