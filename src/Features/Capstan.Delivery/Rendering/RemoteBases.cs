using Capstan.Kustomize;
using Capstan.Trees;

namespace Capstan.Delivery.Rendering;

/// <summary>A remote base has to be fetched before the kustomization can be built.</summary>
/// <param name="address">Which one.</param>
public sealed class BaseNotFetchedException(RemoteAddress address) : Exception($"{address}: is not fetched yet")
{
    /// <summary>The base.</summary>
    public RemoteAddress Address { get; } = address;
}

/// <summary>A repository or file that kustomizations take bases from, fetched, or the reason why it may not be.</summary>
/// <param name="Tree">The files; null when it may not be used.</param>
/// <param name="Commit">The commit that was found, or the hash of a file's content.</param>
/// <param name="Refusal">Why it may not be used; null when it may.</param>
public sealed record FetchedBase(SourceTree? Tree, string Commit, string? Refusal = null);

/// <summary>Gives fetched bases to a build.</summary>
/// <param name="fetched">Bases by <see cref="RemoteAddress.Key"/>; one that is missing ends the build with <see cref="BaseNotFetchedException"/>.</param>
internal sealed class RemoteBases(IReadOnlyDictionary<string, FetchedBase> fetched) : IRemoteBases
{
    public RemoteBase Find(RemoteAddress address)
    {
        if (!fetched.TryGetValue(address.Key, out var found))
        {
            throw new BaseNotFetchedException(address);
        }

        return found.Tree is { } tree
            ? new RemoteBase(tree, address.IsFile ? FilePath : address.Path) { Address = address, Commit = address.IsFile ? "" : found.Commit }
            : throw new KustomizeException(found.Refusal ?? "the base may not be used", kind: KustomizeProblem.NotAllowed);
    }

    /// <summary>Where the content of a single file stands in its tree.</summary>
    public static TreePath FilePath { get; } = TreePath.Parse("file.yaml");
}
