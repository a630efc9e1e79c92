using Capstan.Kubernetes;
using Capstan.Resources;

namespace Capstan.Delivery.Settings;

/// <summary>
/// What the operator allows, from the one object of kind <c>Settings</c> (<c>capstan.dev/v1alpha1</c>, named <c>capstan</c>, in the engine's own
/// namespace), which only the platform repository may write. What it does not say is not allowed.
/// </summary>
public sealed record OperatorSettings
{
    /// <summary>The object's kind.</summary>
    public static readonly GroupVersionKind Kind = new("capstan.dev", "v1alpha1", "Settings");

    /// <summary>The object's name.</summary>
    public const string Name = "capstan";

    /// <summary>Where nobody has said anything.</summary>
    public static readonly OperatorSettings Default = new();

    /// <summary><c>spec.kustomize</c>.</summary>
    public KustomizeSettings Kustomize { get; init; } = new();

    /// <summary><c>spec.terminals</c>: whether those who have the right <c>exec</c> may open terminals in containers from the pages.</summary>
    public bool Terminals { get; init; }

    /// <summary><c>spec.workflows</c>.</summary>
    public WorkflowSettings Workflows { get; init; } = new();

    /// <summary>The settings as the cluster has them now; nothing is allowed where there are none, or they cannot be read.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="space">The engine's own namespace.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<OperatorSettings> ReadAsync(ClusterClient cluster, string space, CancellationToken cancellation) =>
        await cluster.FindAsync(new ObjectKey(Kind.GroupKind, space, Name), cancellation).ConfigureAwait(false) is { } found ? SettingsReader.Read(found).Settings : Default;
}

/// <summary>What kustomizations of Applications may take from elsewhere.</summary>
public sealed record KustomizeSettings
{
    /// <summary><c>helmCharts</c>: whether charts are rendered, as <c>--enable-helm</c> has kustomize do.</summary>
    public bool HelmCharts { get; init; }

    /// <summary><c>remoteBases.repositories</c>: the addresses that bases may come from; one that ends in <c>/*</c> means all beneath.</summary>
    public IReadOnlyList<AllowedAddress> RemoteBases { get; init; } = [];

    /// <summary><c>remoteBases.submodules</c>: whether the submodules of such repositories are fetched, from allowed addresses too.</summary>
    public bool Submodules { get; init; }
}
