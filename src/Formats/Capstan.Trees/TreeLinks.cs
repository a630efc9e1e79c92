using System.Text;

namespace Capstan.Trees;

/// <summary>Follows symbolic links inside a tree, one part of a path after the other, and never out of it.</summary>
public static class TreeLinks
{
    /// <summary>Links followed for one path before it counts as a cycle, as in Linux.</summary>
    public const int MaxLinks = 40;

    private const int LongestTarget = 4096;

    /// <summary>The entry that a path leads to after all links on the way; null when nothing is there.</summary>
    /// <exception cref="TreeLinkException">A link points out of the tree, or links form a cycle. The message names the link, never its target.</exception>
    public static TreeEntry? Follow(SourceTree tree, TreePath path)
    {
        var followed = 0;
        var pending = new Stack<string>();
        PushParts(pending, path.Text);
        var current = TreePath.Root;
        TreeEntry? entry = tree.Find(TreePath.Root);
        while (pending.TryPop(out var part))
        {
            if (part == "..")
            {
                current = current.Folder;
                entry = tree.Find(current);
                continue;
            }

            var next = current.Child(part);
            entry = tree.Find(next);
            if (entry is null)
            {
                return null;
            }

            if (entry.Kind != TreeEntryKind.SymbolicLink)
            {
                current = next;
                continue;
            }

            if (++followed > MaxLinks)
            {
                throw new TreeLinkException(next, "too many symbolic links; they form a cycle");
            }

            var target = Encoding.UTF8.GetString(tree.Read(entry, LongestTarget).Span);

            // The check resolves the link's text alone; what it meets on the way is resolved again, link by link, by this loop.
            if (!current.TryResolve(target, out _, out _))
            {
                throw new TreeLinkException(next, "the symbolic link points out of the repository");
            }

            PushParts(pending, target);
        }

        return entry;
    }

    private static void PushParts(Stack<string> pending, string path)
    {
        var parts = path.Split('/');
        for (var i = parts.Length - 1; i >= 0; i--)
        {
            if (parts[i] is not ("" or "."))
            {
                pending.Push(parts[i]);
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
