using Capstan.Resources;

namespace Capstan.LocalCluster.ApiServer.Catalog;

/// <summary>A resource that the server stores and serves. The same shape for built-in kinds and for custom ones.</summary>
internal sealed record ServedResource
{
    public required string Group { get; init; }

    /// <summary>The versions that are served, the preferred one first.</summary>
    public required IReadOnlyList<string> Versions { get; init; }

    public required string Plural { get; init; }

    public required string Kind { get; init; }

    public required bool Namespaced { get; init; }

    public string Singular { get; init; } = "";

    public string ListKind { get; init; } = "";

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Whether <c>status</c> is written through its own subresource.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Where the scale subresource finds its numbers; null for resources that cannot be scaled.</summary>
    public ScalePaths? Scale { get; init; }

    /// <summary>Whether a change of the wanted state counts up <c>metadata.generation</c>.</summary>
    public bool CountsGenerations { get; init; }

    /// <summary>Asked and answered, never stored (reviews).</summary>
    public bool CreateOnly { get; init; }

    /// <summary>The name under which objects are stored; two resources may be two views of the same objects (events).</summary>
    public string StoredAs { get; init; } = "";

    /// <summary>The version in which objects are stored.</summary>
    public string StorageVersion { get; init; } = "";

    /// <summary>The definition of a custom resource; null for built-in ones.</summary>
    public CustomResources.CustomResource? Custom { get; init; }

    /// <summary><c>pods</c>, <c>deployments.apps</c>: the name in messages, in CRDs and in the store.</summary>
    public string Qualified => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary><c>Pod</c>, <c>Deployment.apps</c>.</summary>
    public string QualifiedKind => new GroupKind(Group, Kind).ToString();

    public string StoreName => StoredAs.Length == 0 ? Qualified : StoredAs;

    public string ApiVersion(string version) => Group.Length == 0 ? version : $"{Group}/{version}";

    public GroupVersionKind KindIn(string version) => new(Group, version, Kind);

    public Storage.StoreKey Key(string space, string name) => new(StoreName, Namespaced ? space : "", name);
}

/// <summary>The paths of a scale subresource.</summary>
/// <param name="Replicas">Path of the wanted number, as in <c>spec.replicas</c>.</param>
/// <param name="StatusReplicas">Path of the actual number.</param>
/// <param name="Selector">Path of the label selector, a map or a string; empty for none.</param>
internal sealed record ScalePaths(string[] Replicas, string[] StatusReplicas, string[] Selector)
{
    public static readonly ScalePaths Usual = new(["spec", "replicas"], ["status", "replicas"], ["spec", "selector"]);
}
