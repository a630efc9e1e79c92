using System.Security.Cryptography;
using System.Text;

namespace Capstan.Trees;

/// <summary>A tree of files in memory: an unpacked archive, a generated source, a test.</summary>
public sealed class MemoryTree : SourceTree
{
    private readonly Dictionary<TreePath, (TreeEntry Entry, ReadOnlyMemory<byte> Content)> _entries = [];
    private readonly Dictionary<TreePath, List<TreeEntry>> _folders = [];

    /// <summary>Makes a tree of these files; folders follow from their paths.</summary>
    /// <param name="files">Path and content; a path given twice keeps the last.</param>
    /// <param name="links">Path and target of symbolic links.</param>
    /// <exception cref="TreePathException">A path is the root, or is both a file and a folder.</exception>
    public MemoryTree(IEnumerable<(TreePath Path, ReadOnlyMemory<byte> Content)> files, IEnumerable<(TreePath Path, string Target)>? links = null)
    {
        foreach (var (path, content) in files)
        {
            var id = Convert.ToHexStringLower(SHA256.HashData(content.Span));
            _entries[path] = (new TreeEntry(path, TreeEntryKind.File, id, content.Length), content);
        }

        foreach (var (path, target) in links ?? [])
        {
            var content = Encoding.UTF8.GetBytes(target);
            var id = "link:" + Convert.ToHexStringLower(SHA256.HashData(content));
            _entries[path] = (new TreeEntry(path, TreeEntryKind.SymbolicLink, id, content.Length), content);
        }

        if (_entries.ContainsKey(TreePath.Root))
        {
            throw new TreePathException("the root of a tree is a folder; a file needs a name");
        }

        BuildFolders();
    }

    /// <summary>Makes a tree of text files.</summary>
    public static MemoryTree Of(params ReadOnlySpan<(string Path, string Text)> files)
    {
        var contents = new List<(TreePath, ReadOnlyMemory<byte>)>(files.Length);
        foreach (var (path, text) in files)
        {
            contents.Add((TreePath.Parse(path), Encoding.UTF8.GetBytes(text)));
        }

        return new MemoryTree(contents);
    }

    /// <inheritdoc/>
    public override TreeEntry? Find(TreePath path) => _entries.TryGetValue(path, out var found) ? found.Entry : null;

    /// <inheritdoc/>
    public override IReadOnlyList<TreeEntry> List(TreePath folder) => _folders.TryGetValue(folder, out var entries) ? entries : [];

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Read(TreeEntry entry, long maxBytes) => entry.Length > maxBytes
        ? throw new TreeLimitException($"{entry.Path}: the file has {entry.Length:N0} bytes, more than the {maxBytes:N0} allowed")
        : _entries[entry.Path].Content;

    private void BuildFolders()
    {
        _folders[TreePath.Root] = [];
        foreach (var path in _entries.Keys.ToArray())
        {
            for (var folder = path.Folder; !folder.IsRoot && _folders.TryAdd(folder, []); folder = folder.Folder)
            {
                if (_entries.ContainsKey(folder))
                {
                    throw new TreePathException($"\"{folder}\" is both a file and a folder");
                }
            }
        }

        foreach (var (path, (entry, _)) in _entries)
        {
            _folders[path.Folder].Add(entry);
        }

        // Deepest first, so that a folder's identity can be made of its children's.
        foreach (var folder in _folders.Keys.OrderByDescending(f => f.Text.Count(c => c == '/')).ThenByDescending(f => f.Text.Length).ToArray())
        {
            var children = _folders[folder];
            children.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
            var entry = new TreeEntry(folder, TreeEntryKind.Folder, Identity(children), 0);
            _entries[folder] = (entry, default);
            if (!folder.IsRoot)
            {
                _folders[folder.Folder].Add(entry);
            }
        }
    }

    // Names hold no NUL, so no two listings have the same text.
    private static string Identity(List<TreeEntry> children)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var child in children)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{(int)child.Kind} {child.ContentId} {child.Name}\0"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
