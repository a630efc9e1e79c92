using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Capstan.Trees;

namespace Capstan.Sources.Folders;

/// <summary>
/// The files of a folder on this machine's disk, for commands that are given a PATH. Links are shown as links and followed by
/// <see cref="TreeLinks"/> alone; a file is opened and then asked where it really lies, so a link that is put in its place meanwhile
/// leads nowhere. A folder <c>.git</c> is not part of it, as it is not part of a commit; neither are pipes,
/// sockets and devices.
/// </summary>
public sealed class FolderTree : SourceTree
{
    private const long LargestHashed = 32L << 20;
    private const int MostEntries = 300_000;
    private readonly string _root;
    private readonly string _instance = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<TreePath, TreeEntry> _entries = new();
    private readonly ConcurrentDictionary<TreePath, IReadOnlyList<TreeEntry>> _folders = new();

    /// <summary>Opens a folder.</summary>
    /// <exception cref="SourceException">It is not there.</exception>
    public FolderTree(string folder)
    {
        _root = RealPath.Of(Path.GetFullPath(folder));
        if (!Directory.Exists(_root))
        {
            throw new SourceException(SourceProblem.Invalid, $"{folder}: there is no such folder");
        }
    }

    /// <inheritdoc/>
    public override TreeEntry? Find(TreePath path)
    {
        if (path.IsRoot)
        {
            return Folder(path);
        }

        // The folder on the way must be a folder itself, not a link to one.
        return Find(path.Folder) is { Kind: TreeEntryKind.Folder } ? Known(path) : null;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TreeEntry> List(TreePath folder) => _folders.TryGetValue(folder, out var known)
        ? known
        : _folders.GetOrAdd(folder, Find(folder) is { Kind: TreeEntryKind.Folder } ? Load(folder) : []);

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Read(TreeEntry entry, long maxBytes)
    {
        if (entry.Length > maxBytes)
        {
            throw new TreeLimitException($"{entry.Path}: the file has {entry.Length:N0} bytes, more than the {maxBytes:N0} allowed");
        }

        if (entry.Kind == TreeEntryKind.SymbolicLink)
        {
            return Encoding.UTF8.GetBytes(new FileInfo(PathOf(entry.Path)).LinkTarget ?? throw Changed(entry.Path));
        }

        var content = entry.Kind == TreeEntryKind.File ? ReadFile(entry.Path, entry.Length) : throw new IOException($"{entry.Path}: is a folder, not a file");
        return entry.Length > LargestHashed || Identity(content) == entry.ContentId ? content : throw Changed(entry.Path);
    }

    private TreeEntry? Known(TreePath path)
    {
        if (_entries.TryGetValue(path, out var known))
        {
            return known;
        }

        return Look(path) is { } seen ? _entries.GetOrAdd(path, seen) : null;
    }

    private TreeEntry? Look(TreePath path)
    {
        if (path.Text.Split('/').Contains(".git"))
        {
            return null;
        }

        var info = new FileInfo(PathOf(path));
        if (info.LinkTarget is { } target)
        {
            var bytes = Encoding.UTF8.GetBytes(target);
            return new TreeEntry(path, TreeEntryKind.SymbolicLink, "link:" + Identity(bytes), bytes.Length);
        }

        if (Directory.Exists(info.FullName))
        {
            return Folder(path);
        }

        return !info.Exists || SpecialFiles.IsSpecial(info.FullName) ? null
            : info.Length > LargestHashed ? new TreeEntry(path, TreeEntryKind.File, $"large:{_instance}:{path.Text}", info.Length)
            : Hashed(path, info.Length);
    }

    private TreeEntry Hashed(TreePath path, long length)
    {
        var content = ReadFile(path, length);
        return new TreeEntry(path, TreeEntryKind.File, Identity(content), content.Length);
    }

    // Identity of a folder would cost reading everything beneath it. One that equals no other is true as well, and costs nothing.
    private TreeEntry Folder(TreePath path) => new(path, TreeEntryKind.Folder, $"folder:{_instance}:{path.Text}", 0);

    private TreeEntry[] Load(TreePath folder)
    {
        var entries = new List<TreeEntry>();
        foreach (var path in Directory.EnumerateFileSystemEntries(PathOf(folder)))
        {
            if (entries.Count == MostEntries)
            {
                throw new TreeLimitException($"{folder}: the folder has more than the {MostEntries:N0} entries allowed");
            }

            if (Known(folder.Child(Path.GetFileName(path))) is { } entry)
            {
                entries.Add(entry);
            }
        }

        entries.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return [.. entries];
    }

    private byte[] ReadFile(TreePath path, long length)
    {
        var expected = PathOf(path);
        using var file = Open(path, expected);
        if (!RealPath.IsAt(file.SafeFileHandle, expected))
        {
            throw new TreeLinkException(path, "a symbolic link stands where a file or folder was");
        }

        var content = new byte[length];
        return file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) == content.Length && file.ReadByte() < 0 ? content : throw Changed(path);
    }

    private static FileStream Open(TreePath path, string expected)
    {
        try
        {
            return new FileStream(expected, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(expected))
        {
            // A folder stands where the file was.
            throw Changed(path);
        }
    }

    private string PathOf(TreePath path) => path.IsRoot ? _root : Path.Combine(_root, path.Text);

    private static string Identity(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static IOException Changed(TreePath path) => new($"{path}: the file changed while it was read; run the command again");
}
