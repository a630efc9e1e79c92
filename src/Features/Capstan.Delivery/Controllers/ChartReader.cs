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
using Capstan.Yaml;

namespace Capstan.Delivery.Controllers;

/// <summary>Reads charts that Applications name in repositories of charts, and those that charts in Git need, with the credentials of labelled Secrets.</summary>
internal sealed class ChartReader
{
    private const int MostTrees = 64;
    private const int MostAnswers = 10_000;

    private readonly RepositoryFiles? _files;
    private readonly ArtifactFiles? _artifacts;
    private readonly RepositorySecrets _secrets;
    private readonly DeliveryOptions _options;
    private readonly ChartRepositories _charts;
    private readonly ChartRepositories _passing;
    private readonly ConcurrentDictionary<string, SourceTree> _trees = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IReadOnlyList<NeededChart>> _missing = new(StringComparer.Ordinal);

    public ChartReader(RepositoryFiles? files, ArtifactFiles? artifacts, RepositorySecrets secrets, DeliveryOptions options)
    {
        (_files, _artifacts, _secrets, _options) = (files, artifacts, secrets, options);
        _charts = Repositories(passCredentials: false);
        _passing = Repositories(passCredentials: true);
    }

    private ChartRepositories Repositories(bool passCredentials)
    {
        var door = new Door(this, passCredentials);
        return new ChartRepositories(door, door);
    }

    // The Application says whether the credentials go to the other hosts too that the repository's index names.
    private ChartRepositories For(ApplicationSource source) => source.Helm?["passCredentials"] is YamlScalar { Kind: ScalarKind.Boolean, Text: "true" } ? _passing : _charts;

    /// <summary>A version of a chart, opened.</summary>
    /// <exception cref="SourceException">There is no such chart or version, or it cannot be read.</exception>
    public async Task<(string Version, SourceTree Tree)> OpenAsync(ApplicationSource source, string version, CancellationToken cancellation)
    {
        var repository = source.RepoUrl;
        try
        {
            var fetched = await For(source).FetchAsync(repository, source.Chart, version is "HEAD" ? "" : version, cancellation).ConfigureAwait(false);
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
            return Missing(tree, source) is { Count: > 0 } missing ? await ChartDependencies.FetchAsync(missing, For(source), cancellation).ConfigureAwait(false) : null;
        }
        catch (Exception error) when (error is ChartException or TreeLinkException or TreeLimitException)
        {
            throw new SourceException(SourceProblem.Invalid, error.Message, error);
        }
    }

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
                Credentials = RepositoryCredentials.OfCharts(data),
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
                Credentials = RepositoryCredentials.OfCharts(data),
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

    private sealed class Door(ChartReader reader, bool passCredentials) : IRepositoryFiles, IChartRegistry
    {
        public async Task<RepositoryFile> IndexAsync(string repository, CancellationToken cancellation)
        {
            var (bare, query) = repository.Split('?', 2) is [var head, var tail] ? (head, "?" + tail) : (repository, "");
            return Open(await reader.Files.GetAsync(Find(repository), $"{bare.TrimEnd('/')}/index.yaml{query}", reader._options.PollInterval, cancellation).ConfigureAwait(false));
        }

        public async Task<RepositoryFile> FileAsync(string repository, string url, string sha256, CancellationToken cancellation) =>
            Open(await reader.Files.GetImmutableAsync(Find(repository), url, sha256, cancellation).ConfigureAwait(false));

        public Task<IReadOnlyList<string>> TagsAsync(string repository, CancellationToken cancellation) =>
            reader.Artifacts.TagsAsync(reader.FindArtifact(repository), reader._options.PollInterval, cancellation);

        public async Task<ChartArtifact> FetchAsync(string repository, string version, CancellationToken cancellation) => ChartArtifacts.Of(
            await reader.Artifacts.FetchAsync(reader.FindArtifact(repository), version, ChartArtifacts.IsWanted, reader._options.PollInterval, cancellation).ConfigureAwait(false));

        private HttpRepository Find(string repository) =>
            reader.Find(repository) is var found && passCredentials ? found with { PassCredentials = true } : found;
    }
}
