using System.Text;

namespace Capstan.Trees;

/// <summary>Follows symbolic links inside a tree, one part of a path after the other, and never out of it.</summary>
public static class TreeLinks
{
    /// <summary>Links followed for one path before it counts as a cycle, as in Linux.</summary>
    public const int MaxLinks = 40;

    private const int LongestTarget = 4096;
    private const string PointsOut = "the symbolic link points out of the repository";

    /// <summary>The entry that a path leads to after all links on the way; null when nothing is there.</summary>
    /// <exception cref="TreeLinkException">A link points out of the tree, or links form a cycle. The message names the link, never its target.</exception>
    public static TreeEntry? Follow(SourceTree tree, TreePath path)
    {
        var followed = 0;
        var pending = new Stack<(string Part, TreePath Link)>();
        PushParts(pending, path.Text, path);
        var current = TreePath.Root;
        var entry = tree.Find(TreePath.Root);
        while (pending.TryPop(out var step))
        {
            if (entry is not { Kind: TreeEntryKind.Folder })
            {
                return null;
            }

            if (step.Part == "..")
            {
                // Only a link's target holds "..", and where it leads is known here alone: what precedes it may be a link itself.
                current = current.IsRoot ? throw new TreeLinkException(step.Link, PointsOut) : current.Folder;
                entry = tree.Find(current);
                continue;
            }

            var next = current.Child(step.Part);
            entry = tree.Find(next);
            if (entry is not { Kind: TreeEntryKind.SymbolicLink })
            {
                current = next;
                continue;
            }

            if (++followed > MaxLinks)
            {
                throw new TreeLinkException(next, "too many symbolic links; they form a cycle");
            }

            PushParts(pending, Target(tree, entry), next);
            entry = tree.Find(current);
        }

        return entry;
    }

    private static string Target(SourceTree tree, TreeEntry link)
    {
        if (link.Length > LongestTarget)
        {
            throw new TreeLinkException(link.Path, $"the symbolic link's target is longer than {LongestTarget} bytes");
        }

        var target = Encoding.UTF8.GetString(tree.Read(link, LongestTarget).Span);
        if (target.Contains('\0', StringComparison.Ordinal))
        {
            throw new TreeLinkException(link.Path, "the symbolic link's target holds a NUL character");
        }

        return target.StartsWith('/') ? throw new TreeLinkException(link.Path, PointsOut) : target;
    }

    private static void PushParts(Stack<(string Part, TreePath Link)> pending, string path, TreePath link)
    {
        var parts = path.Split('/');
        for (var i = parts.Length - 1; i >= 0; i--)
        {
            if (parts[i] is not ("" or "."))
            {
                pending.Push((parts[i], link));
            }
        }
    }
}

/// <summary>A symbolic link that cannot be followed.</summary>
/// <param name="link">The link itself.</param>
/// <param name="problem">What is wrong with it.</param>
public sealed class TreeLinkException(TreePath link, string problem) : IOException($"{link}: {problem}")
{
    /// <summary>The link that was refused.</summary>
    public TreePath Link { get; } = link;
}
