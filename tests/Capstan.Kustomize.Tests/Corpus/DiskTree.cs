using Capstan.Trees;

namespace Capstan.Kustomize.Tests.Corpus;

/// <summary>Folders of the disk as trees.</summary>
internal static class DiskTree
{
    public static MemoryTree Read(string root)
    {
        var files = new List<(TreePath, ReadOnlyMemory<byte>)>();
        var links = new List<(TreePath, string)>();
        foreach (var path in Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories))
        {
            var relative = TreePath.Parse(Path.GetRelativePath(root, path));
            if (new FileInfo(path).LinkTarget is { } target)
            {
                links.Add((relative, target));
            }
            else if (File.Exists(path))
            {
                files.Add((relative, File.ReadAllBytes(path)));
            }
        }

        return new MemoryTree(files, links);
    }
}
