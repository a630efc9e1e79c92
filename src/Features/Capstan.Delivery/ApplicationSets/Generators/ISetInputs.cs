using Capstan.Delivery.ApplicationSets.Hosting;
using Capstan.Resources;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Generators;

/// <summary>A cluster that Applications may go to, as generators see it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Server">Its address.</param>
/// <param name="Project">The project that it belongs to; empty for none.</param>
/// <param name="Secret">The labels and annotations of its Secret; null for the engine's own cluster where it has none.</param>
internal sealed record RegisteredCluster(string Name, string Server, string Project, ClusterMarks? Secret);

/// <summary>Labels and annotations of a cluster's Secret.</summary>
internal sealed record ClusterMarks(YamlMap Labels, YamlMap Annotations);

/// <summary>Everything outside a set that its generators read. What they make follows from it and the set alone.</summary>
internal interface ISetInputs
{
    /// <summary>All registered clusters, the engine's own among them.</summary>
    IReadOnlyList<RegisteredCluster> Clusters();

    /// <summary>The files of a repository at a revision.</summary>
    /// <exception cref="Sources.SourceException">They cannot be read.</exception>
    Task<SourceTree> OpenAsync(string repoUrl, string revision, CancellationToken cancellation);

    /// <summary>A ConfigMap; null when there is none.</summary>
    Task<KubernetesObject?> ConfigMapAsync(string space, string name, CancellationToken cancellation);

    /// <summary>The objects of a resource in a namespace, by its plural name: one of a name, or all that a label selector meets.</summary>
    /// <exception cref="SetException">The cluster does not serve it.</exception>
    Task<IReadOnlyList<KubernetesObject>> ObjectsAsync(string apiVersion, string plural, string space, string name, string labelSelector, CancellationToken cancellation);

    /// <summary>Opens the API of a Git hosting service.</summary>
    /// <param name="service">Which, and as whom.</param>
    /// <param name="space">The namespace of the set, where the Secret of the token lies.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SetException">The token is not there, or the service is not to be had.</exception>
    Task<IHostingApi> HostingAsync(HostingService service, string space, CancellationToken cancellation);
}
