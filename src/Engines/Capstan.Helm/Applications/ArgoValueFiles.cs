using Capstan.Helm.Charts;
using Capstan.Trees;

namespace Capstan.Helm.Applications;

/// <summary>Finds the files of values that an Application names, within its repository (or one that a <c>$ref</c> names) only.</summary>
internal sealed class ArgoValueFiles(ArgoHelmTarget target, bool ignoreMissing)
{
    private const long MaxBytes = 10 * 1024 * 1024;
    private const int MostListed = 100_000;

    /// <summary>The files of a path or glob, ordered by their paths.</summary>
    /// <exception cref="ChartException">The path is not allowed, or nothing is there.</exception>
    public IEnumerable<HelmValuesFile> Find(string name)
    {
        var (tree, path) = Locate(name);
        if (path.Text.AsSpan().IndexOfAny('*', '?', '[') < 0)
        {
            return File(tree, path, name) is { } content
                ? [new HelmValuesFile(name, content)]
                : ignoreMissing ? [] : throw new ChartException($"open {name}: no such file");
        }

        var found = Matching(tree, path.Text).ToArray();
        return found.Length > 0 || ignoreMissing
            ? found.Select(p => new HelmValuesFile(p.Text, File(tree, p, p.Text)!.Value))
            : throw new ChartException($"open {name}: no file matches");
    }

    /// <summary>The content of one file.</summary>
    /// <exception cref="ChartException">The path is not allowed, or nothing is there.</exception>
    public ReadOnlyMemory<byte> Read(string name)
    {
        var (tree, path) = Locate(name);
        return File(tree, path, name) ?? throw new ChartException($"open {name}: no such file");
    }

    private (SourceTree Tree, TreePath Path) Locate(string name)
    {
        if (name.Contains("://", StringComparison.Ordinal))
        {
            throw new ChartException($"value file {name}: URLs are not allowed; keep the file in the repository");
        }

        var (tree, folder, rest) = (target.Tree, target.ChartPath, name);
        if (name.StartsWith('$'))
        {
            var slash = name.IndexOf('/', StringComparison.Ordinal);
            var reference = slash < 0 ? name[1..] : name[1..slash];
            tree = target.Reference(reference) ?? throw new ChartException($"value file {name}: no source has the ref {reference}");
            (folder, rest) = (TreePath.Root, slash < 0 ? "" : name[slash..]);
        }

        if (rest.StartsWith('/'))
        {
            (folder, rest) = (TreePath.Root, rest.TrimStart('/'));
        }

        return folder.TryResolve(rest, out var path, out var problem) ? (tree, path) : throw new ChartException($"value file {name}: {problem}");
    }

    private static ReadOnlyMemory<byte>? File(SourceTree tree, TreePath path, string name)
    {
        try
        {
            // Not "? … : null": a null would become an empty file here.
            if (TreeLinks.Follow(tree, path) is { Kind: TreeEntryKind.File } entry)
            {
                return tree.Read(entry, MaxBytes);
            }

            return default(ReadOnlyMemory<byte>?);
        }
        catch (TreeLinkException error)
        {
            throw new ChartException($"value file {name}: {error.Message}", error);
        }
    }

    private static IEnumerable<TreePath> Matching(SourceTree tree, string pattern)
    {
        var fixedPart = pattern[..(pattern.AsSpan(0, pattern.AsSpan().IndexOfAny('*', '?', '[')).LastIndexOf('/') + 1)];
        var glob = Rendering.GobwasGlob.Parse(pattern);
        var folders = new Stack<TreePath>([TreePath.Parse(fixedPart)]);
        var files = new List<TreePath>();
        var listed = 0;
        while (folders.TryPop(out var folder))
        {
            foreach (var entry in tree.List(folder))
            {
                if (++listed > MostListed)
                {
                    throw new ChartException($"{pattern}: more than {MostListed:N0} files lie there");
                }

                if (entry.Kind == TreeEntryKind.Folder)
                {
                    folders.Push(entry.Path);
                }
                else if (entry.Kind == TreeEntryKind.File && glob.IsMatch(entry.Path.Text))
                {
                    files.Add(entry.Path);
                }
            }
        }

        return files.Order();
    }
}
