using Capstan.Trees;

namespace Capstan.Kustomize;

/// <summary>
/// Serves kustomizations of other repositories. The caller owns what may be fetched, with which credentials, limits and cache, and fetches
/// before the build: the build itself never waits for a network.
/// </summary>
public interface IRemoteBases
{
    /// <summary>The tree and folder of a remote base.</summary>
    /// <param name="url">What the kustomization wrote: <c>https://host/repository//folder?ref=v1</c>.</param>
    /// <returns>The base, or null when it may not be used here.</returns>
    RemoteBase? Find(string url);
}

/// <summary>A kustomization in another repository.</summary>
/// <param name="Tree">The repository at the wanted revision.</param>
/// <param name="Path">The folder of the kustomization.</param>
public sealed record RemoteBase(SourceTree Tree, TreePath Path)
{
    /// <summary>The address of the repository, as git is asked for it.</summary>
    public string Repository { get; init; } = "";

    /// <summary>The revision that was asked for; empty for the default branch.</summary>
    public string Reference { get; init; } = "";
}
