using System.Collections.Concurrent;

namespace Capstan.Trees;

/// <summary>
/// Passes reads on to another tree and remembers what each answer depended on. A later tree that gives the same answers
/// (<see cref="TreeReads.HoldIn"/>) would render to the same manifests, so the rendering can be taken from memory.
/// </summary>
public sealed class RecordingTree(SourceTree inner) : SourceTree
{
    private readonly ConcurrentDictionary<(TreePath Path, TreeQuestion Question), string> _reads = new();

    /// <summary>What was read until now.</summary>
    public TreeReads Reads => new(new Dictionary<(TreePath, TreeQuestion), string>(_reads));

    /// <summary>The tree itself, for who says by <see cref="DependOn"/> what of it counts.</summary>
    public SourceTree Unrecorded => inner;

    /// <summary>Remembers that a file, or everything in a folder, counts, for whoever takes what it holds from a memory of its own.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="contentId">What is there, as an entry of this tree says it.</param>
    public void DependOn(TreePath path, string contentId) => _reads[(path, TreeQuestion.Whole)] = contentId;

    /// <inheritdoc/>
    public override TreeEntry? Find(TreePath path)
    {
        var entry = inner.Find(path);
        _reads[(path, TreeQuestion.Entry)] = TreeReads.Identity(entry);
        return entry;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TreeEntry> List(TreePath folder)
    {
        var entries = inner.List(folder);
        _reads[(folder, TreeQuestion.Listing)] = TreeReads.Identity(entries);
        return entries;
    }

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Read(TreeEntry entry, long maxBytes)
    {
        _reads[(entry.Path, TreeQuestion.Entry)] = entry.ContentId;
        return inner.Read(entry, maxBytes);
    }
}

/// <summary>What a rendering read of a tree: for each path the identity of what was there, also of nothing.</summary>
public sealed class TreeReads
{
    private readonly IReadOnlyDictionary<(TreePath Path, TreeQuestion Question), string> _reads;

    internal TreeReads(IReadOnlyDictionary<(TreePath, TreeQuestion), string> reads) => _reads = reads;

    /// <summary>How many answers are remembered.</summary>
    public int Count => _reads.Count;

    /// <summary>Whether another tree gives the same answers to everything that was asked.</summary>
    public bool HoldIn(SourceTree tree)
    {
        foreach (var ((path, question), identity) in _reads)
        {
            var now = question switch
            {
                TreeQuestion.Listing => Identity(tree.List(path)),
                TreeQuestion.Whole => tree.Find(path)?.ContentId ?? "",
                _ => Identity(tree.Find(path)),
            };
            if (now != identity)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the answers follow from the content of one folder alone: nothing was asked but of it and of the way to it.</summary>
    public bool StayWithin(TreePath folder) =>
        _reads.All(r => r.Key.Path.IsWithin(folder) || (r.Key.Question == TreeQuestion.Entry && r.Value == "folder" && folder.IsWithin(r.Key.Path)));

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

/// <summary>What was asked of a path.</summary>
internal enum TreeQuestion
{
    /// <summary>What is there.</summary>
    Entry,

    /// <summary>Which names a folder holds.</summary>
    Listing,

    /// <summary>A file, or a folder with all that it holds.</summary>
    Whole,
}
