using Capstan.Delivery.Pausing;
using Capstan.Delivery.Projects.Windows;
using Capstan.Resources;

namespace Capstan.Delivery.Projects;

/// <summary>A destination that a project allows, or refuses.</summary>
/// <param name="Server">The API server; null where the entry names the cluster.</param>
/// <param name="Name">The cluster's name; null where the entry names the server.</param>
/// <param name="Namespace">The namespace.</param>
internal sealed record ProjectDestination(ProjectPattern? Server, ProjectPattern? Name, ProjectPattern Namespace);

/// <summary>A kind that a project allows or refuses.</summary>
/// <param name="Group">The API group.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Name">The name of the object; null for any.</param>
internal sealed record ProjectKind(ProjectPattern Group, ProjectPattern Kind, ProjectPattern? Name)
{
    public bool Matches(ObjectKey key) => Group.Matches(key.GroupKind.Group) && Kind.Matches(key.GroupKind.Kind) && Name?.Matches(key.Name) != false;
}

/// <summary>An AppProject as its author wrote it: what its Applications may use and write. Whatever cannot be served is in <see cref="Problems"/>.</summary>
/// <param name="Name">Its name.</param>
internal sealed record AppProject(string Name)
{
    /// <summary>Group and kind of projects.</summary>
    public static readonly GroupVersionKind Kind = new("argoproj.io", "v1alpha1", "AppProject");

    /// <summary>Repositories that sources may name.</summary>
    public IReadOnlyList<ProjectPattern> SourceRepositories { get; init; } = [];

    /// <summary>Where objects may go; those with a refusing pattern refuse.</summary>
    public IReadOnlyList<ProjectDestination> Destinations { get; init; } = [];

    /// <summary>Cluster-scoped kinds that may be written; none when empty.</summary>
    public IReadOnlyList<ProjectKind> ClusterAllowed { get; init; } = [];

    /// <summary>Cluster-scoped kinds that may not.</summary>
    public IReadOnlyList<ProjectKind> ClusterRefused { get; init; } = [];

    /// <summary>Namespaced kinds that may be written; null for all, none when empty.</summary>
    public IReadOnlyList<ProjectKind>? NamespacedAllowed { get; init; }

    /// <summary>Namespaced kinds that may not.</summary>
    public IReadOnlyList<ProjectKind> NamespacedRefused { get; init; } = [];

    /// <summary>Namespaces, beside the project's own, whose Applications may belong to it.</summary>
    public IReadOnlyList<ProjectPattern> SourceNamespaces { get; init; } = [];

    /// <summary>The keys, by one of which each commit must be signed; none when signatures are not asked for.</summary>
    public IReadOnlyList<string> SignatureKeys { get; init; } = [];

    /// <summary>Whether only clusters that are the project's own may be gone to.</summary>
    public bool OnlyOwnClusters { get; init; }

    /// <summary>What is said of objects that nobody delivers; null when they are not looked for.</summary>
    public OrphanRules? Orphans { get; init; }

    /// <summary>When its Applications may be synced.</summary>
    public IReadOnlyList<SyncWindow> Windows { get; init; } = [];

    /// <summary>The rest that a person gave the automation of its Applications; null when there is none.</summary>
    public Pause? Pause { get; init; }

    /// <summary>What is wrong or not served yet. While there is something, none of its Applications is synced.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}
