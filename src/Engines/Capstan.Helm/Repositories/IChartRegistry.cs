namespace Capstan.Helm.Repositories;

/// <summary>
/// Reads charts of OCI registries. Whoever binds it owns the network: which hosts may be asked, with which credentials, limits and cache.
/// Its failures are its own exceptions.
/// </summary>
public interface IChartRegistry
{
    /// <summary>The tags of a repository.</summary>
    /// <param name="repository">Registry and repository, without a scheme: <c>ghcr.io/team/charts/shop</c>.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<IReadOnlyList<string>> TagsAsync(string repository, CancellationToken cancellation);

    /// <summary>A chart's artifact.</summary>
    /// <param name="repository">Registry and repository.</param>
    /// <param name="version">A tag or a digest.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<ChartArtifact> FetchAsync(string repository, string version, CancellationToken cancellation);
}

/// <summary>A chart as it lies in a registry.</summary>
/// <param name="ConfigType">The media type of its configuration.</param>
/// <param name="Archive">The chart; null when the artifact holds none.</param>
/// <param name="Provenance">Its provenance; null when it was pushed without one.</param>
public sealed record ChartArtifact(string ConfigType, RepositoryFile? Archive, RepositoryFile? Provenance)
{
    /// <summary>The media type of a chart's configuration.</summary>
    public const string HelmConfig = "application/vnd.cncf.helm.config.v1+json";

    /// <summary>The media type of a chart's archive.</summary>
    public const string ChartLayer = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

    /// <summary>The media type of the archive that charts pushed by Helm before 3.8 have.</summary>
    public const string OldChartLayer = "application/tar+gzip";

    /// <summary>The media type of its provenance.</summary>
    public const string ProvenanceLayer = "application/vnd.cncf.helm.chart.provenance.v1.prov";
}
