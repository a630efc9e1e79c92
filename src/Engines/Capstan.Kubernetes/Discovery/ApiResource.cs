using Capstan.Resources;

namespace Capstan.Kubernetes;

/// <summary>What may be done with a kind.</summary>
[Flags]
public enum ResourceVerbs
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Read one.</summary>
    Get = 1,

    /// <summary>Read all.</summary>
    List = 2,

    /// <summary>Follow changes.</summary>
    Watch = 4,

    /// <summary>Create.</summary>
    Create = 8,

    /// <summary>Replace.</summary>
    Update = 16,

    /// <summary>Patch and apply.</summary>
    Patch = 32,

    /// <summary>Delete.</summary>
    Delete = 64,

    /// <summary>Delete many.</summary>
    DeleteCollection = 128,
}

/// <summary>One kind in one version as a cluster serves it.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Plural">The name in paths, as in <c>deployments</c>.</param>
/// <param name="Namespaced">Whether its objects live in namespaces.</param>
/// <param name="Verbs">What may be done with it.</param>
public sealed record ApiResource(GroupVersionKind Kind, string Plural, bool Namespaced, ResourceVerbs Verbs)
{
    /// <summary>The name of one, as in <c>deployment</c>.</summary>
    public string Singular { get; init; } = "";

    /// <summary>Short names, as in <c>deploy</c>.</summary>
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>Subresources, as in <c>status</c>, <c>scale</c>.</summary>
    public IReadOnlyList<string> Subresources { get; init; } = [];

    /// <summary>Whether a list+watch cache can hold it.</summary>
    public bool IsWatchable => (Verbs & (ResourceVerbs.List | ResourceVerbs.Watch)) == (ResourceVerbs.List | ResourceVerbs.Watch);

    /// <summary>Whether objects of it can be deleted one by one: what cannot is never pruned.</summary>
    public bool IsDeletable => Verbs.HasFlag(ResourceVerbs.Delete);

    /// <summary>The path of all its objects, or of those in one namespace; relative to the server's address.</summary>
    /// <param name="space">The namespace; empty for all namespaces and for cluster-scoped kinds.</param>
    public string CollectionPath(string space)
    {
        var root = Kind.Group.Length == 0 ? $"api/{Kind.Version}" : $"apis/{Segment(Kind.Group)}/{Segment(Kind.Version)}";
        return Namespaced && space.Length > 0 ? $"{root}/namespaces/{Segment(space)}/{Segment(Plural)}" : $"{root}/{Segment(Plural)}";
    }

    /// <summary>The path of one object; relative to the server's address.</summary>
    /// <param name="space">The namespace; ignored for cluster-scoped kinds.</param>
    /// <param name="name">The name.</param>
    /// <param name="subresource">A subresource, or empty.</param>
    /// <exception cref="ArgumentException">The name is empty, or a namespaced object has no namespace.</exception>
    public string ObjectPath(string space, string name, string subresource = "")
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Namespaced)
        {
            ArgumentException.ThrowIfNullOrEmpty(space);
        }

        var path = $"{CollectionPath(space)}/{Segment(name)}";
        return subresource.Length == 0 ? path : $"{path}/{subresource}";
    }

    /// <inheritdoc/>
    public override string ToString() => Kind.Group.Length == 0 ? Plural : $"{Plural}.{Kind.Group}";

    // A name such as ".." would be folded away by the URI and reach another object.
    private static string Segment(string text) =>
        text is "." or ".." ? throw new ArgumentException($"\"{text}\" is no name of a Kubernetes object.") : Uri.EscapeDataString(text);
}
