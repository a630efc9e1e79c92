using System.Collections.Concurrent;
using Capstan.Delivery.Applications;
using Capstan.Sources;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Reading;
using Capstan.Sources.Git.Urls;
using Capstan.Trees;

namespace Capstan.Delivery.Controllers;

/// <summary>One commit of a repository, ready to be rendered.</summary>
/// <param name="Remote">The Git repository; null for a chart of a repository of charts.</param>
/// <param name="Commit">The whole commit id, or the version of a chart.</param>
/// <param name="Tree">Its files.</param>
internal sealed record ResolvedSource(GitRemote? Remote, string Commit, SourceTree Tree);

/// <summary>
/// Reads the repositories that Applications name, with the credentials of labelled Secrets. What many Applications ask at the same
/// moment is asked once.
/// </summary>
internal sealed class RepositoryReader(GitMirrors mirrors, RepositorySecrets secrets, ChartReader charts, DeliveryOptions options, TimeProvider time)
{
    private static readonly TimeSpan SameMoment = TimeSpan.FromMilliseconds(500);
    private readonly ConcurrentDictionary<(string Repository, string Revision), (long At, Task<ResolvedSource> Source)> _recent = new();

    /// <summary>Whether the repository's pushes are events of this process, so that it needs no polling.</summary>
    public bool IsLocal(string repoUrl) => RepositoryUrl.TryParse(repoUrl, out var url, out _) && mirrors.IsLocal(url);

    /// <summary>What charts in a folder need and do not hold.</summary>
    public ChartReader Charts => charts;

    /// <summary>Finds a revision of each source of an Application and opens their files, side by side.</summary>
    /// <param name="application">The Application.</param>
    /// <param name="revisions">One revision a source.</param>
    /// <param name="maxAge">How old the knowledge of branches may be.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SourceException">One of them could not be read.</exception>
    public async Task<ResolvedSources> ResolveAsync(Application application, IReadOnlyList<string> revisions, TimeSpan maxAge, CancellationToken cancellation)
    {
        var found = await Task.WhenAll(application.Sources.Select((source, i) => ResolveAsync(source, revisions[i], maxAge, cancellation))).ConfigureAwait(false);
        return new ResolvedSources([.. application.Sources.Zip(found)]);
    }

    /// <summary>Finds a revision of an Application's source and opens its files: a commit of a repository, or a version of a chart.</summary>
    /// <param name="source">The source.</param>
    /// <param name="revision">Branch, tag, commit or range; of a chart a version or range.</param>
    /// <param name="maxAge">How old the knowledge of branches may be.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SourceException">It could not be read.</exception>
    public async Task<ResolvedSource> ResolveAsync(ApplicationSource source, string revision, TimeSpan maxAge, CancellationToken cancellation)
    {
        if (source.Chart.Length == 0)
        {
            return await ResolveAsync(source.RepoUrl, revision, maxAge, cancellation).ConfigureAwait(false);
        }

        var (version, tree) = await charts.OpenAsync(source, revision, cancellation).ConfigureAwait(false);
        return new ResolvedSource(null, version, tree);
    }

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

    /// <summary>Asks the remotes of all sources at the next use.</summary>
    public void Forget(Application application)
    {
        foreach (var source in application.Sources)
        {
            Forget(source.RepoUrl);
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
        var template = default(IReadOnlyDictionary<string, string>);
        foreach (var (type, data) in secrets.All())
        {
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

    private GitRemote With(RepositoryUrl url, bool registered, IReadOnlyDictionary<string, string>? data) => new(url)
    {
        Registered = registered,
        Credentials = data is null ? RepositoryCredentials.None : RepositoryCredentials.FromSecretData(data, secrets.Setting(RepositorySecrets.KnownHosts, "ssh_known_hosts")),
        CertificateAuthorities = url.Scheme == RepositoryScheme.Https ? secrets.Setting(RepositorySecrets.Certificates, url.Host) : null,
    };

    private async Task<ResolvedSource> OpenAsync(GitRemote remote, string revision, TimeSpan maxAge)
    {
        var found = await mirrors.ResolveAsync(remote, revision, maxAge, CancellationToken.None).ConfigureAwait(false);
        return new ResolvedSource(remote, found.Commit, await mirrors.OpenTreeAsync(remote, found.Commit, CancellationToken.None).ConfigureAwait(false));
    }

    private static bool Names(string text, RepositoryUrl url) => RepositoryUrl.TryParse(text, out var other, out _) && other.Equals(url);
}
