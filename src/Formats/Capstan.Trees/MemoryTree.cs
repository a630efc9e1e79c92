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
            }
        }

        // Deepest first, so that a folder's identity can be made of its children's.
        foreach (var folder in _folders.Keys.OrderByDescending(f => f.Text.Count(c => c == '/')).ThenByDescending(f => f.Text.Length).ToArray())
        {
            var children = _folders[folder];
            children.AddRange(_entries.Values.Select(e => e.Entry).Where(e => !e.Path.IsRoot && e.Path.Folder == folder));
            children.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
            var listing = string.Join('\n', children.Select(c => $"{c.Kind} {c.ContentId} {c.Name}"));
            var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(listing)));
            _entries[folder] = (new TreeEntry(folder, TreeEntryKind.Folder, id, 0), default);
        }
    }
}
