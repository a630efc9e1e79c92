namespace Capstan.Registry.Building.Files;

/// <summary>The file system of a stage: paths without a leading slash. Knows links, so that what is copied beneath one lands where it leads.</summary>
internal sealed class RootTree
{
    private const int MostLinks = 40;
    private const int MostEntries = 1_000_000;
    private readonly SortedDictionary<string, FileNode> _nodes;

    public RootTree() => _nodes = new SortedDictionary<string, FileNode>(StringComparer.Ordinal);

    private RootTree(RootTree other) => _nodes = new SortedDictionary<string, FileNode>(other._nodes, StringComparer.Ordinal);

    public RootTree Copy() => new(this);

    public FileNode? Find(string path) => path.Length == 0 ? FileNode.DefaultFolder : _nodes.GetValueOrDefault(path);

    public void Put(string path, FileNode node)
    {
        if (_nodes.Count >= MostEntries) throw new BuildException($"the image has more than {MostEntries:N0} files");
        if (Find(path) is { Kind: FileNodeKind.Folder } && node.Kind != FileNodeKind.Folder) Remove(path);
        _nodes[path] = node;
    }

    public void Remove(string path)
    {
        _nodes.Remove(path);
        RemoveBeneath(path);
    }

    public void RemoveBeneath(string path)
    {
        foreach (var inner in Beneath(path).Select(n => n.Path).ToList()) _nodes.Remove(inner);
    }

    /// <summary>Everything beneath a folder, ordered by path.</summary>
    public IEnumerable<(string Path, FileNode Node)> Beneath(string folder)
    {
        var prefix = folder.Length == 0 ? "" : folder + "/";
        return _nodes.Where(n => n.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(n => (n.Key, n.Value));
    }

    /// <summary>Where a path leads when links are followed, the last part only where it is asked for. Never out of the tree: <c>..</c> at the root stays there.</summary>
    public string Resolve(string path, bool lastToo)
    {
        var waiting = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var at = new List<string>();
        for (var links = 0; waiting.TryPop(out var part);)
        {
            if (part == ".") continue;
            if (part == "..")
            {
                if (at.Count > 0) at.RemoveAt(at.Count - 1);
                continue;
            }

            var next = string.Join('/', at.Append(part));
            if (Find(next) is { Kind: FileNodeKind.Link } link && (waiting.Count > 0 || lastToo))
            {
                if (++links > MostLinks) throw new BuildException($"/{path}: too many links in the image");
                if (link.Target.StartsWith('/')) at.Clear();
                foreach (var step in link.Target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse()) waiting.Push(step);
                continue;
            }

            at.Add(part);
        }

        return string.Join('/', at);
    }
}
