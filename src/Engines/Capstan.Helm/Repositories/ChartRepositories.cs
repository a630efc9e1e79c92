using System.Collections.Concurrent;
using Capstan.Helm.Charts;
using Capstan.Helm.Provenance;
using Capstan.Trees;

namespace Capstan.Helm.Repositories;

/// <summary>A chart from a repository.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Sha256">The archive's hash, in hexadecimal.</param>
/// <param name="File">The archive.</param>
public sealed record FetchedChart(string Name, string Version, string Sha256, RepositoryFile File)
{
    /// <summary>The name under which a provenance knows the archive.</summary>
    public string FileName => Version.Length > 0 ? $"{Name}-{Version}.tgz" : Name;

    /// <summary>Fetches the archive's provenance.</summary>
    internal Func<CancellationToken, Task<RepositoryFile>>? FindProvenance { get; init; }

    /// <summary>Checks that a key of a keyring vouches for the archive.</summary>
    /// <param name="keyring">The keys that are believed.</param>
    /// <param name="now">The time, at which no key may have expired.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ChartException">It has no provenance, or nobody of them vouches for it.</exception>
    public async Task<ProvenanceVerdict> VerifyAsync(Keyring keyring, DateTimeOffset now, CancellationToken cancellation)
    {
        var find = FindProvenance ?? throw new ChartException($"could not load provenance file {FileName}.prov");
        var provenance = await find(cancellation).ConfigureAwait(false);
        return ChartProvenance.Verify(FileName, Sha256, provenance.ReadAll(ChartProvenance.MaxBytes).Span, keyring, now);
    }

    /// <summary>The archive's bytes.</summary>
    /// <exception cref="ChartException">It is larger than a chart may be.</exception>
    internal ReadOnlyMemory<byte> Archive => File.ReadAll(ChartArchive.MaxBytes);
}

/// <summary>Finds charts in classic repositories and in OCI registries. Safe for several threads.</summary>
/// <param name="files">Reads classic repositories.</param>
/// <param name="registry">Reads registries; without it they are refused.</param>
public sealed class ChartRepositories(IRepositoryFiles files, IChartRegistry? registry = null)
{
    private const int MostKept = 1000;

    // An index is asked for every chart of it, and is large; what it says of one chart is small.
    private readonly ConcurrentDictionary<(string Repository, string Name), (string Index, IReadOnlyList<IndexedVersion> Versions)> _known = new();

    /// <summary>Finds a version of a chart in a classic repository.</summary>
    /// <param name="repository">The repository's URL.</param>
    /// <param name="name">The chart's name.</param>
    /// <param name="version">A version, or a range by Masterminds' rules; empty for the highest release.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ChartException">There is no such chart or version.</exception>
    public async Task<IndexedVersion> FindAsync(string repository, string name, string version, CancellationToken cancellation)
    {
        var index = await files.IndexAsync(repository, cancellation).ConfigureAwait(false);
        if (!_known.TryGetValue((repository, name), out var known) || known.Index != index.Sha256)
        {
            using var stream = index.Open();
            known = (index.Sha256, RepositoryIndex.Versions(stream, name, repository));
            if (_known.Count >= MostKept)
            {
                _known.Clear();
            }

            _known[(repository, name)] = known;
        }

        return ChartVersions.Choose(known.Versions, name, version, repository);
    }

    /// <summary>Fetches a version of a chart.</summary>
    /// <param name="repository">The repository's URL.</param>
    /// <param name="name">The chart's name.</param>
    /// <param name="version">A version or range, or empty.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ChartException">There is no such chart or version, or its content is not what the index says.</exception>
    public async Task<FetchedChart> FetchAsync(string repository, string name, string version, CancellationToken cancellation)
    {
        if (ChartReference.IsRegistry(repository))
        {
            return await FetchAsync(ChartReference.Of(repository, name), version, cancellation).ConfigureAwait(false);
        }

        var found = await FindAsync(repository, name, version, cancellation).ConfigureAwait(false);
        if (found.Urls.Count == 0)
        {
            throw new ChartException($"chart \"{name}\" version \"{found.Version}\" has no downloadable URLs");
        }

        var url = Resolve(repository, found.Urls[0]);
        var file = await files.FileAsync(repository, url, found.Digest, cancellation).ConfigureAwait(false);
        return found.Digest.Length == 0 || found.Digest.Equals(file.Sha256, StringComparison.OrdinalIgnoreCase)
            ? new FetchedChart(name, found.Version, file.Sha256, file) { FindProvenance = stop => ProvenanceAsync(repository, url, stop) }
            : throw new ChartException($"{url}: the archive has the SHA-256 {file.Sha256}, and the index says {found.Digest}; the repository is damaged, or somebody changed it on the way");
    }

    /// <summary>Fetches a version of a chart from a registry.</summary>
    /// <param name="reference">The chart.</param>
    /// <param name="version">A version or range, or empty for what the reference says, else the highest release.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ChartException">There is no such version, or it is no chart.</exception>
    public async Task<FetchedChart> FetchAsync(ChartReference reference, string version, CancellationToken cancellation)
    {
        var from = registry ?? throw new ChartException($"{ChartReference.Scheme}{reference.Repository}: charts of registries are not served here");
        var chosen = await reference.ResolveAsync(version, () => from.TagsAsync(reference.Repository, cancellation)).ConfigureAwait(false);
        var artifact = await from.FetchAsync(reference.Repository, chosen, cancellation).ConfigureAwait(false);
        return artifact is { ConfigType: ChartArtifact.HelmConfig, Archive: { } archive }
            ? new FetchedChart(reference.Name, chosen.Contains(':', StringComparison.Ordinal) ? chosen : chosen.Replace('_', '+'), archive.Sha256, archive)
            {
                FindProvenance = _ => artifact.Provenance is { } provenance ? Task.FromResult(provenance) : throw new ChartException($"failed to fetch provenance \"{ChartReference.Scheme}{reference.Repository}:{chosen}.prov\""),
            }
            : throw new ChartException($"{ChartReference.Scheme}{reference.Repository}:{chosen}: is no chart: its configuration is {artifact.ConfigType}, and a chart's is {ChartArtifact.HelmConfig}");
    }

    /// <summary>Fetches an archive by its own address.</summary>
    /// <param name="url">Where it is; without a query, its last part names it.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<FetchedChart> FetchArchiveAsync(string url, CancellationToken cancellation)
    {
        var file = await files.FileAsync(url, url, "", cancellation).ConfigureAwait(false);
        return new FetchedChart(new Uri(url).Segments[^1], "", file.Sha256, file) { FindProvenance = stop => ProvenanceAsync(url, url, stop) };
    }

    /// <summary>A chart's archive as a tree, so that files of values are found in it. Links and paths that leave it are refused.</summary>
    /// <exception cref="ChartException">The archive is damaged or too large.</exception>
    public static MemoryTree Open(FetchedChart chart) =>
        new(ChartArchive.Read(chart.Archive, $"{chart.Name}-{chart.Version}.tgz").Select(f => (TreePath.Parse(f.Name), f.Content)));

    // As Helm: what is relative is below the repository, whose query goes along.
    internal static string Resolve(string repository, string url)
    {
        if (Uri.TryCreate(url, UriKind.Absolute, out var absolute) && absolute.Scheme is "http" or "https")
        {
            return url;
        }

        if (!Uri.TryCreate(repository, UriKind.Absolute, out var root))
        {
            throw new ChartException($"{repository}: is no URL of a repository");
        }

        var below = new UriBuilder(root) { Path = root.AbsolutePath.TrimEnd('/') + "/", Query = "" };
        var resolved = new Uri(below.Uri, url);
        return resolved.Query.Length > 0 || root.Query.Length <= 1 ? resolved.AbsoluteUri : resolved.AbsoluteUri + root.Query;
    }

    // It lies beside the archive; a query stays at the end.
    private Task<RepositoryFile> ProvenanceAsync(string repository, string url, CancellationToken cancellation)
    {
        var query = url.IndexOf('?', StringComparison.Ordinal);
        return files.FileAsync(repository, query < 0 ? url + ".prov" : $"{url[..query]}.prov{url[query..]}", "", cancellation);
    }
}
