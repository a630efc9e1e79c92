using Capstan.Helm.Repositories;
using Capstan.Kubernetes;

namespace Capstan.Delivery.Rendering;

/// <summary>For whom a source is rendered, as far as charts and kustomizations may ask.</summary>
/// <param name="Application">The Application's name: the name of a chart's release.</param>
/// <param name="Namespace">The destination's namespace; may be empty.</param>
/// <param name="Project">The Application's project.</param>
/// <param name="Cluster">What the destination serves.</param>
public sealed record RenderTarget(string Application, string Namespace, string Project, ClusterVersions Cluster)
{
    private static readonly Dictionary<string, LentSource> Nobody = [];

    /// <summary>Nothing is known.</summary>
    public static readonly RenderTarget None = new("release-name", "default", "default", ClusterVersions.Unknown);

    /// <summary>The charts that the source's chart needs and does not hold, fetched; null when there are none.</summary>
    public IReadOnlyDictionary<NeededChart, FetchedChart>? Charts { get; init; }

    /// <summary>The files that other sources of the Application lend, by the name of their ref.</summary>
    public IReadOnlyDictionary<string, LentSource> Lent { get; init; } = Nobody;

    /// <summary>Which refs there are.</summary>
    internal string LentKey => Lent.Count == 0 ? "" : string.Join(' ', Lent.Keys.Order(StringComparer.Ordinal));

    /// <summary>What kustomizations may take from elsewhere, and what of it is here; null where nobody fetches anything.</summary>
    public KustomizeInputs? Kustomize { get; init; }

    /// <summary>What was fetched, by its content.</summary>
    internal string FetchedKey => (Charts is null ? "" : string.Join(' ', Charts.Select(c => $"{c.Key.Name}={c.Value.Sha256}").Order(StringComparer.Ordinal))) + Kustomize?.Key;
}

/// <summary>What kustomizations may take from elsewhere.</summary>
/// <param name="HelmCharts">Whether charts are rendered.</param>
/// <param name="Bases">The bases that were fetched, by <see cref="Capstan.Kustomize.RemoteAddress.Key"/>.</param>
public sealed record KustomizeInputs(bool HelmCharts, IReadOnlyDictionary<string, FetchedBase> Bases)
{
    internal string Key => $" {HelmCharts} {string.Join(' ', Bases.Select(b => $"{b.Key}={b.Value.Commit}{b.Value.Refusal}").Order(StringComparer.Ordinal))}";
}

/// <summary>What a cluster serves, as charts see it.</summary>
/// <param name="Kubernetes">Its version as <c>v1.33.1</c>; null when it is not known.</param>
/// <param name="Apis">Its APIs as <c>group/version</c> and <c>group/version/Kind</c>, sorted.</param>
public sealed record ClusterVersions(string? Kubernetes, IReadOnlyList<string> Apis)
{
    /// <summary>Nothing is known of the cluster.</summary>
    public static readonly ClusterVersions Unknown = new(null, []);

    /// <summary>What follows from a cluster's discovery.</summary>
    /// <param name="kubernetes">Its version as it tells it (<c>v1.33.1+k3s1</c>); null when it is not known.</param>
    /// <param name="discovery">What it serves.</param>
    public static ClusterVersions Of(string? kubernetes, ApiDiscovery discovery)
    {
        var apis = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var resource in discovery.All)
        {
            apis.Add(resource.Kind.ApiVersion);
            apis.Add($"{resource.Kind.ApiVersion}/{resource.Kind.Kind}");
        }

        return new ClusterVersions(kubernetes, [.. apis]);
    }

    /// <summary>Whether both are the same for every chart.</summary>
    public bool IsSame(ClusterVersions other) =>
        ReferenceEquals(this, other) || (Kubernetes == other.Kubernetes && (ReferenceEquals(Apis, other.Apis) || Apis.SequenceEqual(other.Apis)));
}
