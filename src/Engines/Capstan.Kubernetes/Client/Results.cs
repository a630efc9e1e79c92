using Capstan.Resources;

namespace Capstan.Kubernetes;

/// <summary>An object as a write left it.</summary>
/// <param name="Object">The object as the server has it now (or would have it, after a dry run).</param>
/// <param name="Created">Whether the write created it.</param>
/// <param name="Warnings">What the server warned of.</param>
public sealed record WriteResult(KubernetesObject Object, bool Created, IReadOnlyList<string> Warnings);

/// <summary>All objects of a kind at one version of the cluster.</summary>
/// <param name="Items">The objects; apiVersion and kind are filled in.</param>
/// <param name="ResourceVersion">The version at which a watch can go on.</param>
public sealed record ListResult(IReadOnlyList<KubernetesObject> Items, string ResourceVersion);

/// <summary>What happened to an object.</summary>
public enum WatchEventKind
{
    /// <summary>It is there now.</summary>
    Added,

    /// <summary>It changed.</summary>
    Modified,

    /// <summary>It is gone; the object is its last state.</summary>
    Deleted,

    /// <summary>Nothing happened up to this version; the object holds nothing but its metadata.resourceVersion.</summary>
    Bookmark,
}

/// <summary>One event of a watch.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Object">The object.</param>
public sealed record WatchEvent(WatchEventKind Kind, KubernetesObject Object);
