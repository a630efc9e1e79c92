using System.Collections.Concurrent;
using Capstan.Trees;
using LibGit2Sharp;
using SourceEntry = Capstan.Trees.TreeEntry;

namespace Capstan.Sources.Git.Reading;

/// <summary>The files of one commit, read from Git's object store: nothing is checked out, so nothing can change between two reads.</summary>
public sealed class GitTree : SourceTree
{
    /// <summary>The most entries that one folder may have.</summary>
    public const int MostEntries = 300_000;

    private readonly ObjectReader _reader;
    private readonly SourceEntry _root;
    private readonly ConcurrentDictionary<TreePath, IReadOnlyList<SourceEntry>> _folders = new();

    internal GitTree(ObjectReader reader, string commit)
    {
        _reader = reader;
        Commit = commit;
        _root = reader.Use(repository => repository.Lookup<Commit>(new ObjectId(commit)) is { } found
            ? new SourceEntry(TreePath.Root, TreeEntryKind.Folder, found.Tree.Sha, 0)
            : throw new NotFoundException($"the commit {commit} is missing"));
    }

    /// <summary>The commit whose files these are.</summary>
    public string Commit { get; }

    /// <inheritdoc/>
    public override SourceEntry? Find(TreePath path)
    {
        if (path.IsRoot)
        {
            return _root;
        }

        var entries = List(path.Folder);
        var at = IndexOf(entries, path.Name);
        return at < 0 ? null : entries[at];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<SourceEntry> List(TreePath folder) => _folders.TryGetValue(folder, out var known)
        ? known
        : _folders.GetOrAdd(folder, Find(folder) is { Kind: TreeEntryKind.Folder } entry ? Load(entry) : []);

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Read(SourceEntry entry, long maxBytes)
    {
        if (entry.Length > maxBytes)
        {
            throw new TreeLimitException($"{entry.Path}: the file has {entry.Length:N0} bytes, more than the {maxBytes:N0} allowed");
        }

        return entry.Kind is TreeEntryKind.File or TreeEntryKind.SymbolicLink
            ? _reader.Blob(GitIdOf(entry), entry.Length)
            : throw new IOException($"{entry.Path}: is a {entry.Kind.ToString().ToLowerInvariant()}, not a file");
    }

    internal static string GitIdOf(SourceEntry entry) => entry.ContentId[(entry.ContentId.IndexOf(':', StringComparison.Ordinal) + 1)..];

    private SourceEntry[] Load(SourceEntry folder) => _reader.Use(repository =>
    {
        var tree = repository.Lookup<Tree>(new ObjectId(folder.ContentId)) ?? throw new NotFoundException($"the tree {folder.ContentId} is missing");
        if (tree.Count > MostEntries)
        {
            throw new TreeLimitException($"{folder.Path}: the folder has {tree.Count:N0} entries, more than the {MostEntries:N0} allowed");
        }

        var entries = new List<SourceEntry>(tree.Count);
        foreach (var entry in tree)
        {
            // A name that no path may hold cannot be asked for, so it is not shown either.
            if (entry.Name.Length > 0 && entry.Name is not ("." or "..") && !entry.Name.Contains('/', StringComparison.Ordinal))
            {
                entries.Add(Entry(repository, folder.Path.Child(entry.Name), entry));
            }
        }

        entries.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return entries.ToArray();
    });

    // An executable file and a link with the same bytes as a plain file have the same blob; the kind belongs to the identity.
    private static SourceEntry Entry(Repository repository, TreePath path, LibGit2Sharp.TreeEntry entry)
    {
        var id = entry.Target.Id;
        return entry.Mode switch
        {
            Mode.Directory => new SourceEntry(path, TreeEntryKind.Folder, id.Sha, 0),
            Mode.GitLink => new SourceEntry(path, TreeEntryKind.Submodule, "commit:" + id.Sha, 0),
            Mode.SymbolicLink => new SourceEntry(path, TreeEntryKind.SymbolicLink, "link:" + id.Sha, SizeOf(repository, id)),
            _ => new SourceEntry(path, TreeEntryKind.File, id.Sha, SizeOf(repository, id)),
        };
    }

    private static long SizeOf(Repository repository, ObjectId id) => repository.ObjectDatabase.RetrieveObjectMetadata(id).Size;

    private static int IndexOf(IReadOnlyList<SourceEntry> entries, string name)
    {
        var (low, high) = (0, entries.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(entries[middle].Name, name);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }
}
