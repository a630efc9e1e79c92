using Capstan.Trees;

namespace Capstan.Kustomize.Files;

/// <summary>
/// The folder of one kustomization, and how it was reached. Files are read from the folder and below only (unless the caller lifted that);
/// other kustomizations may lie anywhere in the tree but not above one that is being built, since that would be a cycle.
/// </summary>
internal sealed class KustomizeFolder
{
    /// <summary>The names that a kustomization may have.</summary>
    public static readonly IReadOnlyList<string> FileNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

    private readonly SourceTree _tree;
    private readonly FileRules _rules;
    private readonly KustomizeFolder? _referrer;

    // The address of the repository that the folder is in; null in the own one.
    private RemoteAddress? _remote;

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

    /// <summary>What is written before files of this folder in messages and origins: nothing in the own repository.</summary>
    public string Place => _remote is null ? "" : _remote.IsFile ? _remote.Repository : $"{_remote.Repository}//";

    /// <summary>The folder at the start of a build.</summary>
    public static KustomizeFolder Start(SourceTree tree, TreePath path, FileRules rules)
    {
        var entry = Follow(tree, path, path.ToString());
        return entry is { Kind: TreeEntryKind.Folder }
            ? new KustomizeFolder(tree, entry.Path, rules)
            : throw new KustomizeException($"'{path}' is not a folder of the repository");
    }

    /// <summary>The kustomization file of the folder.</summary>
    public (string File, ReadOnlyMemory<byte> Content) KustomizationFile()
    {
        var found = FileNames.Select(name => Follow(_tree, Path.Child(name), name)).Where(e => e is { Kind: TreeEntryKind.File }).ToArray();
        return found switch
        {
            [] => throw new KustomizeException($"unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{Path}'"),
            [{ } only] => (Place + only.Path, Read(only)),
            _ => throw new KustomizeException($"Found multiple kustomization files under: {Path}: {string.Join(", ", found.Select(f => f!.Name))}"),
        };
    }

    /// <summary>What a path leads to: a file, a folder, or null.</summary>
    public TreeEntry? Find(string path) => TryResolve(path, out var resolved, out _) ? Follow(_tree, resolved, path) : null;

    /// <summary>The content of a file of this folder or below.</summary>
    /// <exception cref="KustomizeException">There is no such file, or it may not be read from here.</exception>
    public (string File, ReadOnlyMemory<byte> Content) Load(string path)
    {
        if (RemoteAddress.IsRemote(path))
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

        return (Place + entry.Path, Read(entry));
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
            ? throw TooDeep()
            : new KustomizeFolder(_tree, entry.Path, _rules, this) { _remote = _remote };
    }

    /// <summary>The folder of a kustomization in another repository, which the caller fetched.</summary>
    /// <exception cref="KustomizeException">There is no such folder, or the kustomizations form a cycle.</exception>
    public KustomizeFolder Enter(RemoteBase remote)
    {
        var entry = Follow(remote.Tree, remote.Path, remote.Address.ToString());
        if (entry is not { Kind: TreeEntryKind.Folder })
        {
            throw new KustomizeException($"there is no folder '{remote.Path}' in {remote.Address.Repository}{(remote.Commit.Length > 0 ? $" at {remote.Commit[..Math.Min(7, remote.Commit.Length)]}" : "")}");
        }

        for (var visited = this; visited is not null; visited = visited._referrer)
        {
            if (visited._remote is { } before && before.Repository == remote.Address.Repository && before.Reference == remote.Address.Reference && visited.Path.IsWithin(entry.Path))
            {
                throw new KustomizeException($"cycle detected: '{remote.Address}' is already being built (the way there: {Way()} → {remote.Address})");
            }
        }

        return Depth >= _rules.MaxDepth ? throw TooDeep() : new KustomizeFolder(remote.Tree, entry.Path, _rules, this) { _remote = remote.Address };
    }

    /// <summary>The content of a file elsewhere, which the caller fetched.</summary>
    public ReadOnlyMemory<byte> Load(RemoteBase remote) => Follow(remote.Tree, remote.Path, remote.Address.ToString()) is { Kind: TreeEntryKind.File } file
        ? new KustomizeFolder(remote.Tree, TreePath.Root, _rules).Read(file)
        : throw new KustomizeException($"there is no file '{remote.Path}' at {remote.Address}");

    private KustomizeException TooDeep() => new($"more than {_rules.MaxDepth} kustomizations refer to one another", kind: KustomizeProblem.TooLarge);

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

    private string Way() => (_referrer is null ? "" : _referrer.Way() + " → ") + (_remote is null ? Path.ToString() : (_remote with { Path = Path }).ToString());
}

/// <summary>What may be read, and how much.</summary>
internal sealed record FileRules(bool OwnFolderOnly, int MaxDepth, int MaxFileBytes);
