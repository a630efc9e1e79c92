using Capstan.Trees;

namespace Capstan.Kustomize;

/// <summary>
/// Serves kustomizations of other repositories. The caller owns what may be fetched, with which credentials, limits and cache, and fetches
/// before the build: the build itself never waits for a network.
/// </summary>
public interface IRemoteBases
{
    /// <summary>The tree and folder of a remote base.</summary>
    /// <param name="address">What the kustomization wrote, taken apart.</param>
    /// <returns>The base.</returns>
    /// <exception cref="KustomizeException">It may not be used here; the message says who can allow it.</exception>
    RemoteBase Find(RemoteAddress address);
}

/// <summary>A kustomization, or a file of resources, elsewhere.</summary>
/// <param name="Tree">The repository at the wanted revision.</param>
/// <param name="Path">The folder of the kustomization, or the file.</param>
public sealed record RemoteBase(SourceTree Tree, TreePath Path)
{
    /// <summary>Where it was fetched from.</summary>
    public required RemoteAddress Address { get; init; }

    /// <summary>The commit that the address meant; empty for a file.</summary>
    public string Commit { get; init; } = "";
}
