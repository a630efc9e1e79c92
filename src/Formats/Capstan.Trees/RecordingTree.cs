using System.Collections.Concurrent;

namespace Capstan.Trees;

/// <summary>
/// Passes reads on to another tree and remembers what each answer depended on. A later tree that gives the same answers
/// (<see cref="TreeReads.HoldIn"/>) would render to the same manifests, so the rendering can be taken from memory.
/// </summary>
public sealed class RecordingTree(SourceTree inner) : SourceTree
{
    private readonly ConcurrentDictionary<(TreePath Path, bool Listing), string> _reads = new();

    /// <summary>What was read until now.</summary>
    public TreeReads Reads => new(new Dictionary<(TreePath, bool), string>(_reads));

    /// <inheritdoc/>
    public override TreeEntry? Find(TreePath path)
    {
        var entry = inner.Find(path);
        _reads[(path, false)] = TreeReads.Identity(entry);
        return entry;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TreeEntry> List(TreePath folder)
    {
        var entries = inner.List(folder);
        _reads[(folder, true)] = TreeReads.Identity(entries);
        return entries;
    }

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Read(TreeEntry entry, long maxBytes)
    {
        _reads[(entry.Path, false)] = entry.ContentId;
        return inner.Read(entry, maxBytes);
    }
}

/// <summary>What a rendering read of a tree: for each path the identity of what was there, also of nothing.</summary>
public sealed class TreeReads
{
    private readonly IReadOnlyDictionary<(TreePath Path, bool Listing), string> _reads;

    internal TreeReads(IReadOnlyDictionary<(TreePath, bool), string> reads) => _reads = reads;

    /// <summary>How many answers are remembered.</summary>
    public int Count => _reads.Count;

    /// <summary>Whether another tree gives the same answers to everything that was asked.</summary>
    public bool HoldIn(SourceTree tree)
    {
        foreach (var ((path, listing), identity) in _reads)
        {
            var now = listing ? Identity(tree.List(path)) : Identity(tree.Find(path));
            if (now != identity)
            {
                return false;
            }
        }

        return true;
    }

    // A folder that was only found (not listed) counts by being a folder: what is in it is recorded by the reads below it.
    internal static string Identity(TreeEntry? entry) => entry switch
    {
        null => "",
        { Kind: TreeEntryKind.Folder } => "folder",
        _ => entry.ContentId,
    };

    internal static string Identity(IReadOnlyList<TreeEntry> entries) =>
        string.Join('\n', entries.Select(e => $"{(int)e.Kind}{e.Name}"));
}
