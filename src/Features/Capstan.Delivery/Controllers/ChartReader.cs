using System.Collections.Concurrent;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Rendering;
using Capstan.Helm.Charts;
using Capstan.Helm.Repositories;
using Capstan.Sources;
using Capstan.Sources.Git;
using Capstan.Sources.Http;
using Capstan.Sources.Registries;
using Capstan.Trees;

namespace Capstan.Delivery.Controllers;

/// <summary>Reads charts that Applications name in repositories of charts, and those that charts in Git need, with the credentials of labelled Secrets.</summary>
internal sealed class ChartReader : IRepositoryFiles, IChartRegistry
{
    private const int MostTrees = 64;
    private const int MostAnswers = 10_000;

    private readonly RepositoryFiles? _files;
    private readonly ArtifactFiles? _artifacts;
    private readonly RepositorySecrets _secrets;
    private readonly DeliveryOptions _options;
    private readonly ChartRepositories _charts;
    private readonly ConcurrentDictionary<string, SourceTree> _trees = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IReadOnlyList<NeededChart>> _missing = new(StringComparer.Ordinal);

    public ChartReader(RepositoryFiles? files, ArtifactFiles? artifacts, RepositorySecrets secrets, DeliveryOptions options)
    {
        (_files, _artifacts, _secrets, _options) = (files, artifacts, secrets, options);
        _charts = new ChartRepositories(this, this);
    }

    /// <summary>A version of a chart, opened.</summary>
    /// <exception cref="SourceException">There is no such chart or version, or it cannot be read.</exception>
    public async Task<(string Version, SourceTree Tree)> OpenAsync(string repository, string chart, string version, CancellationToken cancellation)
    {
        try
        {
            var fetched = await _charts.FetchAsync(repository, chart, version is "HEAD" ? "" : version, cancellation).ConfigureAwait(false);
            if (!_trees.TryGetValue(fetched.Sha256, out var tree))
            {
                if (_trees.Count >= MostTrees)
                {
                    _trees.Clear();
                }

                _trees[fetched.Sha256] = tree = ChartRepositories.Open(fetched);
            }

            return (fetched.Version, tree);
        }
        catch (ChartException error)
        {
            throw new SourceException(SourceProblem.RevisionNotFound, error.Message, error);
        }
        catch (SourceException error) when (error.Problem == SourceProblem.AuthenticationFailed && ChartReference.IsRegistry(repository))
        {
            throw new SourceException(error.Problem, $"{error.Message}; credentials belong into a Secret with the label argocd.argoproj.io/secret-type: repository, with url {repository} and enableOCI: \"true\"", error);
        }
    }

    /// <summary>A chart that a kustomization names.</summary>
    /// <exception cref="SourceException">There is no such chart or version, or it cannot be read.</exception>
    public async Task<FetchedChart> FetchAsync(NeededChart chart, CancellationToken cancellation)
    {
        try
        {
            return await _charts.FetchAsync(chart.Repository, chart.Name, chart.Version, cancellation).ConfigureAwait(false);
        }
        catch (ChartException error)
        {
            throw new SourceException(SourceProblem.RevisionNotFound, error.Message, error);
        }
    }

    /// <summary>One file behind HTTP: where it is now on this disk, and its hash.</summary>
    /// <exception cref="SourceException">It cannot be fetched.</exception>
    public async Task<(string Path, string Sha256)> FileAsync(string url, CancellationToken cancellation)
    {
        var file = await Files.GetAsync(Find(url), url, _options.PollInterval, cancellation).ConfigureAwait(false);
        return (file.Path, file.Sha256);
    }

    /// <summary>What a chart in a folder needs and does not hold, fetched; null when it needs nothing.</summary>
    /// <exception cref="SourceException">Something of it is not there or cannot be read.</exception>
    public async Task<IReadOnlyDictionary<NeededChart, FetchedChart>?> DependenciesAsync(SourceTree tree, ApplicationSource source, CancellationToken cancellation)
    {
        try
        {
            return Missing(tree, source) is { Count: > 0 } missing ? await ChartDependencies.FetchAsync(missing, _charts, cancellation).ConfigureAwait(false) : null;
        }
        catch (Exception error) when (error is ChartException or TreeLinkException or TreeLimitException)
        {
            throw new SourceException(SourceProblem.Invalid, error.Message, error);
        }
    }

    async Task<RepositoryFile> IRepositoryFiles.IndexAsync(string repository, CancellationToken cancellation)
    {
        var (bare, query) = repository.Split('?', 2) is [var head, var tail] ? (head, "?" + tail) : (repository, "");
        return Open(await Files.GetAsync(Find(repository), $"{bare.TrimEnd('/')}/index.yaml{query}", _options.PollInterval, cancellation).ConfigureAwait(false));
    }

    async Task<RepositoryFile> IRepositoryFiles.FileAsync(string repository, string url, string sha256, CancellationToken cancellation) =>
        Open(await Files.GetImmutableAsync(Find(repository), url, sha256, cancellation).ConfigureAwait(false));

    Task<IReadOnlyList<string>> IChartRegistry.TagsAsync(string repository, CancellationToken cancellation) =>
        Artifacts.TagsAsync(FindArtifact(repository), _options.PollInterval, cancellation);

    async Task<ChartArtifact> IChartRegistry.FetchAsync(string repository, string version, CancellationToken cancellation) =>
        ChartArtifacts.Of(await Artifacts.FetchAsync(FindArtifact(repository), version, ChartArtifacts.IsWanted, _options.PollInterval, cancellation).ConfigureAwait(false));

    private ArtifactFiles Artifacts => _artifacts ?? throw new SourceException(SourceProblem.Refused, "charts of registries are not served here");

    private RepositoryFiles Files => _files ?? throw new SourceException(SourceProblem.Refused, "repositories of charts are not served here");

    private static RepositoryFile Open(StoredFile file) => new(file.Sha256, () => File.OpenRead(file.Path));

    private IReadOnlyList<NeededChart> Missing(SourceTree tree, ApplicationSource source)
    {
        if (!TreePath.TryParse(source.Path, out var path, out _) || TreeLinks.Follow(tree, path) is not { Kind: TreeEntryKind.Folder } folder
            || tree.Find(folder.Path.Child("Chart.yaml")) is null)
        {
            return [];
        }

        if (_missing.TryGetValue(folder.ContentId, out var known))
        {
            return known;
        }

        if (_missing.Count >= MostAnswers)
        {
            _missing.Clear();
        }

        return _missing[folder.ContentId] = ChartDependencies.Missing(tree, folder.Path);
    }

    private HttpRepository Find(string repository)
    {
        var found = new HttpRepository(repository) { Registered = _options.RegisteredRepositories.Any(r => IsSame(r, repository)) };
        return Data(named => IsSame(named, repository), named => repository.StartsWith(named, StringComparison.OrdinalIgnoreCase)) is { } data
            ? found with
            {
                Registered = true,
                Credentials = RepositoryCredentials.FromSecretData(data, null),
                PassCredentials = data.GetValueOrDefault("passCredentials") == "true",
            }
            : found;
    }

    // The Secret names the folder of charts, and a chart is a repository in it. "ghcr.io/team" is no prefix of "ghcr.io/team-of-others".
    private ArtifactRepository FindArtifact(string repository)
    {
        var folder = repository[..Math.Max(0, repository.LastIndexOf('/'))];
        bool Names(string named) => IsSame(Bare(named), repository) || IsSame(Bare(named), folder);
        var found = new ArtifactRepository(repository) { Registered = _options.RegisteredRepositories.Any(Names) };
        return Data(Names, named => (repository + "/").StartsWith(Bare(named).TrimEnd('/') + "/", StringComparison.OrdinalIgnoreCase)) is { } data
            ? found with
            {
                Registered = true,
                Credentials = RepositoryCredentials.FromSecretData(data, null),
                PlainHttp = data.GetValueOrDefault("insecureOCIForceHttp") == "true",
            }
            : found;
    }

    // A Secret for the repository itself, else the credentials with the longest prefix.
    private IReadOnlyDictionary<string, string>? Data(Func<string, bool> names, Func<string, bool> isPrefix)
    {
        var found = default(IReadOnlyDictionary<string, string>);
        var longest = 0;
        foreach (var (type, data) in _secrets.All())
        {
            if (!data.TryGetValue("url", out var named))
            {
                continue;
            }

            if (type == "repository" && names(named))
            {
                return data;
            }

            if (type == "repo-creds" && named.Length > longest && isPrefix(named))
            {
                (found, longest) = (data, named.Length);
            }
        }

        return found;
    }

    private static string Bare(string url) => url.StartsWith(ChartReference.Scheme, StringComparison.OrdinalIgnoreCase) ? url[ChartReference.Scheme.Length..] : url;

    private static bool IsSame(string one, string other) => one.TrimEnd('/').Equals(other.TrimEnd('/'), StringComparison.OrdinalIgnoreCase);
}
