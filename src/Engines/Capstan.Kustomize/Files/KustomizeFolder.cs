using Capstan.Trees;

namespace Capstan.Kustomize.Files;

/// <summary>
/// The folder of one kustomization, and how it was reached. Files are read from the folder and below only (unless the caller lifted that);
/// other kustomizations may lie anywhere in the tree but not above one that is being built, since that would be a cycle.
/// </summary>
internal sealed class KustomizeFolder
{
    private static readonly string[] FileNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

    private readonly SourceTree _tree;
    private readonly FileRules _rules;
    private readonly KustomizeFolder? _referrer;

    public KustomizeFolder(SourceTree tree, TreePath path, FileRules rules, KustomizeFolder? referrer = null)
    {
        _tree = tree;
        _rules = rules;
        _referrer = referrer;
        Path = path;
        Depth = referrer is null ? 0 : referrer.Depth + 1;
    }

    public TreePath Path { get; }

    /// <summary>How many folders refer to one another up to here.</summary>
    public int Depth { get; }

    public SourceTree Tree => _tree;

    /// <summary>The folder at the start of a build.</summary>
    public static KustomizeFolder Start(SourceTree tree, TreePath path, FileRules rules)
    {
        var entry = Follow(tree, path, path.ToString());
        return entry is { Kind: TreeEntryKind.Folder }
            ? new KustomizeFolder(tree, entry.Path, rules)
            : throw new KustomizeException($"'{path}' is not a folder of the repository");
    }

    /// <summary>Whether a path names something outside of this repository.</summary>
    public static bool IsRemote(string path)
    {
        if (path.Contains("://", StringComparison.Ordinal) || path.StartsWith("git::", StringComparison.Ordinal))
        {
            return true;
        }

        if (path.StartsWith("github.com/", StringComparison.OrdinalIgnoreCase) || path.StartsWith("github.com:", StringComparison.OrdinalIgnoreCase)
            || path.StartsWith("git@", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        // user@host:path
        var colon = path.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && path.AsSpan(0, colon).IndexOf('@') > 0 && !path.AsSpan(0, colon).Contains('/');
    }

    /// <summary>The kustomization file of the folder.</summary>
    public (TreePath Path, ReadOnlyMemory<byte> Content) KustomizationFile()
    {
        var found = FileNames.Select(name => Follow(_tree, Path.Child(name), name)).Where(e => e is { Kind: TreeEntryKind.File }).ToArray();
        return found switch
        {
            [] => throw new KustomizeException($"unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{Path}'"),
            [{ } only] => (only.Path, Read(only)),
            _ => throw new KustomizeException($"Found multiple kustomization files under: {Path}: {string.Join(", ", found.Select(f => f!.Name))}"),
        };
    }

    /// <summary>What a path leads to: a file, a folder, or null.</summary>
    public TreeEntry? Find(string path) => TryResolve(path, out var resolved, out _) ? Follow(_tree, resolved, path) : null;

    /// <summary>The content of a file of this folder or below.</summary>
    /// <exception cref="KustomizeException">There is no such file, or it may not be read from here.</exception>
    public (TreePath Path, ReadOnlyMemory<byte> Content) Load(string path)
    {
        if (IsRemote(path))
        {
            throw NotAllowed($"'{path}' is remote; only files of the repository can be read");
        }

        if (!TryResolve(path, out var resolved, out var problem))
        {
            throw NotAllowed($"security; file '{path}' is not in or below '{Path}': {problem}");
        }

        var entry = Follow(_tree, resolved, path) ?? throw new KustomizeException($"'{path}' does not exist (looked for {resolved})");
        if (entry.Kind != TreeEntryKind.File)
        {
            throw new KustomizeException($"'{path}' must resolve to a file");
        }

        if (_rules.OwnFolderOnly && !entry.Path.IsWithin(Path))
        {
            throw NotAllowed($"security; file '{path}' is not in or below '{Path}'");
        }

        return (entry.Path, Read(entry));
    }

    /// <summary>The folder of another kustomization.</summary>
    /// <exception cref="KustomizeException">There is no such folder, or the kustomizations form a cycle.</exception>
    public KustomizeFolder Enter(string path)
    {
        if (path.Length == 0)
        {
            throw new KustomizeException("new root cannot be empty");
        }

        if (path.StartsWith('/'))
        {
            throw NotAllowed($"new root '{path}' cannot be absolute");
        }

        if (!TryResolve(path, out var resolved, out var problem))
        {
            throw NotAllowed($"'{path}' cannot be a base: {problem}");
        }

        if (Follow(_tree, resolved, path) is not { Kind: TreeEntryKind.Folder } entry)
        {
            throw new KustomizeException($"'{path}' is neither a file nor a folder of the repository (looked for {resolved})");
        }

        for (var visited = this; visited is not null; visited = visited._referrer)
        {
            if (visited.Path.IsWithin(entry.Path) && ReferenceEquals(visited._tree, _tree))
            {
                throw new KustomizeException(
                    $"cycle detected: candidate root '{entry.Path}' contains visited root '{visited.Path}' (the way there: {Way()} → {entry.Path})");
            }
        }

        return Depth >= _rules.MaxDepth
            ? throw new KustomizeException($"more than {_rules.MaxDepth} kustomizations refer to one another", kind: KustomizeProblem.TooLarge)
            : new KustomizeFolder(_tree, entry.Path, _rules, this);
    }

    /// <summary>The folder of a kustomization in another repository, which the caller fetched.</summary>
    public KustomizeFolder Enter(RemoteBase remote)
    {
        var entry = Follow(remote.Tree, remote.Path, remote.Path.ToString());
        return entry is { Kind: TreeEntryKind.Folder }
            ? new KustomizeFolder(remote.Tree, entry.Path, _rules, this)
            : throw new KustomizeException($"'{remote.Path}' is not a folder of the remote repository");
    }

    private static KustomizeException NotAllowed(string problem) => new(problem, kind: KustomizeProblem.NotAllowed);

    private static TreeEntry? Follow(SourceTree tree, TreePath path, string written)
    {
        try
        {
            return TreeLinks.Follow(tree, path);
        }
        catch (TreeLinkException error)
        {
            throw new KustomizeException($"'{written}': {error.Message}", kind: KustomizeProblem.NotAllowed, inner: error);
        }
    }

    private bool TryResolve(string path, out TreePath resolved, out string? problem)
    {
        if (path.StartsWith('/'))
        {
            (resolved, problem) = (default, "an absolute path lies outside of the repository");
            return false;
        }

        return Path.TryResolve(path, out resolved, out problem);
    }

    private ReadOnlyMemory<byte> Read(TreeEntry entry)
    {
        try
        {
            return _tree.Read(entry, _rules.MaxFileBytes);
        }
        catch (TreeLimitException error)
        {
            throw new KustomizeException(error.Message, kind: KustomizeProblem.TooLarge, inner: error);
        }
    }

    private string Way() => (_referrer is null ? "" : _referrer.Way() + " → ") + Path;
}

/// <summary>What may be read, and how much.</summary>
internal sealed record FileRules(bool OwnFolderOnly, int MaxDepth, int MaxFileBytes);
