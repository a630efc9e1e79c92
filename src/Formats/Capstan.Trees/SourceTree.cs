namespace Capstan.Trees;

/// <summary>What an entry of a tree is.</summary>
public enum TreeEntryKind
{
    /// <summary>A file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link; its content is the target as text.</summary>
    SymbolicLink,

    /// <summary>A submodule: a commit of another repository, which this tree does not hold.</summary>
    Submodule,
}

/// <summary>One entry of a tree.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Kind">What it is.</param>
/// <param name="ContentId">Identity of the content (for Git the object id): equal ids mean equal content, for folders recursively.</param>
/// <param name="Length">Bytes of a file or link; 0 for others.</param>
public sealed record TreeEntry(TreePath Path, TreeEntryKind Kind, string ContentId, long Length)
{
    /// <summary>The last part of the path.</summary>
    public string Name => Path.Name;
}

/// <summary>
/// A read-only, content-addressed view of the files of one commit (or artifact, or folder). Nothing reached through it lies outside:
/// paths are <see cref="TreePath"/>s, and links are followed by <see cref="TreeLinks"/>, inside the tree only. Reads are synchronous:
/// implementations read from memory or from a local object store, never from the network. Implementations are safe for several threads.
/// </summary>
public abstract class SourceTree
{
    /// <summary>The entry at a path, or null when there is none. Links are not followed, also not in folders on the way.</summary>
    public abstract TreeEntry? Find(TreePath path);

    /// <summary>The entries of a folder, ordered by name (ordinal); empty when there is no such folder.</summary>
    public abstract IReadOnlyList<TreeEntry> List(TreePath folder);

    /// <summary>The content of a file, or the target of a link.</summary>
    /// <param name="entry">An entry that this tree gave out.</param>
    /// <param name="maxBytes">The most that may be read.</param>
    /// <exception cref="TreeLimitException">The file is larger than allowed.</exception>
    public abstract ReadOnlyMemory<byte> Read(TreeEntry entry, long maxBytes);
}

/// <summary>A file or tree that is larger than allowed.</summary>
public sealed class TreeLimitException(string message) : IOException(message);
