namespace Capstan.Trees;

/// <summary>A tree with other trees put into places of it: a repository with its submodules. A link may lead from one into the other, never out.</summary>
/// <param name="inner">The tree itself.</param>
/// <param name="mounts">The trees inside, by the path of the folder that each becomes; none lies within another.</param>
public sealed class MountedTree(SourceTree inner, IReadOnlyDictionary<TreePath, SourceTree> mounts) : SourceTree
{
    /// <inheritdoc/>
    public override TreeEntry? Find(TreePath path)
    {
        if (MountOf(path) is not { } mount)
        {
            return inner.Find(path);
        }

        return mount.Tree.Find(Below(mount.At, path)) is { } entry ? Moved(mount.At, entry) : null;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<TreeEntry> List(TreePath folder)
    {
        if (MountOf(folder) is { } mount)
        {
            return [.. mount.Tree.List(Below(mount.At, folder)).Select(e => Moved(mount.At, e))];
        }

        return [.. inner.List(folder).Select(e => mounts.TryGetValue(e.Path, out var tree) && tree.Find(TreePath.Root) is { } root ? Moved(e.Path, root) : e)];
    }

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Read(TreeEntry entry, long maxBytes) =>
        MountOf(entry.Path) is { } mount ? mount.Tree.Read(entry with { Path = Below(mount.At, entry.Path) }, maxBytes) : inner.Read(entry, maxBytes);

    private (TreePath At, SourceTree Tree)? MountOf(TreePath path)
    {
        for (var at = path; !at.IsRoot; at = at.Folder)
        {
            if (mounts.TryGetValue(at, out var tree))
            {
                return (at, tree);
            }
        }

        return null;
    }

    private static TreePath Below(TreePath mount, TreePath path) => path == mount ? TreePath.Root : TreePath.Parse(path.Text[(mount.Text.Length + 1)..]);

    private static TreeEntry Moved(TreePath mount, TreeEntry entry) => entry with { Path = entry.Path.IsRoot ? mount : mount.Resolve(entry.Path.Text) };
}
