using Capstan.Delivery.Applications;
using Capstan.Trees;

namespace Capstan.Delivery.Rendering;

/// <summary>Renders a folder of plain manifests. All problems are reported at once; with any of them nothing is rendered.</summary>
internal sealed class DirectoryRenderer(SourceTree tree, string repository, string commit, RenderLimits limits)
{
    private static readonly string[] ManifestEndings = [".yaml", ".yml", ".json"];
    private static readonly string[] HelmFiles = ["Chart.yaml"];
    private static readonly string[] KustomizeFiles = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

    private readonly ManifestCollector _manifests = new(repository, commit, limits);
    private long _bytes;
    private int _entries;

    /// <summary>Whether a link was met, so that the rendering may depend on what lies outside the folder.</summary>
    public bool MetLinks { get; private set; }

    public RenderedSource Render(string path, DirectoryOptions options)
    {
        try
        {
            if (FindFolder(path) is { } folder && Detect(folder, options))
            {
                Walk(folder, options);
            }
        }
        catch (TreeLinkException e)
        {
            // One link that leaves the tree condemns the whole source: whoever wrote it did not mean well.
            return RenderedSource.Failed($"{e.Message}; the whole source is refused. Replace the link by a file");
        }
        catch (TreeLimitException e)
        {
            _manifests.Problem(e.Message);
        }

        return _manifests.ToRendering();
    }

    private TreeEntry? FindFolder(string path)
    {
        if (!TreePath.TryParse(path, out var parsed, out var problem))
        {
            _manifests.Problem($"spec.source.path: {problem}");
            return null;
        }

        switch (TreeLinks.Follow(tree, parsed))
        {
            case { Kind: TreeEntryKind.Folder } folder:
                return folder;
            case null:
                _manifests.Problem($"spec.source.path: there is no \"{parsed}\" in {repository} at {ShortCommit}");
                return null;
            case var other:
                _manifests.Problem($"spec.source.path: \"{parsed}\" is no folder but {(other.Kind == TreeEntryKind.File ? "a file" : "a submodule")}");
                return null;
        }
    }

    private string ShortCommit => commit.Length > 7 ? commit[..7] : commit.Length == 0 ? "this state" : commit;

    // Argo CD detects by these files unless the source says which kind it is.
    private bool Detect(TreeEntry folder, DirectoryOptions options)
    {
        var filter = options.IsExplicit ? new FileFilter(options) : null;
        foreach (var entry in tree.List(folder.Path))
        {
            var kind = HelmFiles.Contains(entry.Name) ? "Helm charts are" : KustomizeFiles.Contains(entry.Name) ? "kustomizations are" : null;
            if (kind is not null && filter?.Takes(entry.Name) != false)
            {
                _manifests.Problem($"{entry.Path}: {kind} not supported yet, so nothing of this folder is applied");
                return false;
            }
        }

        return true;
    }

    private void Walk(TreeEntry root, DirectoryOptions options)
    {
        var filter = new FileFilter(options);
        var folders = new Stack<TreePath>([root.Path]);
        while (folders.TryPop(out var folder))
        {
            var inner = new List<TreePath>();
            foreach (var entry in tree.List(folder))
            {
                if (++_entries > limits.MaxEntries)
                {
                    throw new TreeLimitException($"{root.Path}: more than {limits.MaxEntries:N0} files and folders; point path at a smaller folder");
                }

                if (entry.Kind == TreeEntryKind.Folder)
                {
                    inner.Add(entry.Path);
                }
                else if (Target(entry) is { } file && IsManifest(entry) && filter.Takes(Relative(root.Path, entry.Path)))
                {
                    Read(entry, file);
                }
            }

            // The stack turns the order round, and files are to come in the order of their paths.
            inner.Reverse();
            (options.Recurse ? inner : []).ForEach(folders.Push);
        }
    }

    private TreeEntry? Target(TreeEntry entry)
    {
        if (entry.Kind != TreeEntryKind.SymbolicLink)
        {
            return entry.Kind == TreeEntryKind.File ? entry : null;
        }

        // Every link is followed, also one whose name is no manifest's: a link out of the tree is refused wherever it lies.
        MetLinks = true;
        return TreeLinks.Follow(tree, entry.Path) is { Kind: TreeEntryKind.File } file ? file : null;
    }

    private static bool IsManifest(TreeEntry entry) => ManifestEndings.Any(e => entry.Name.EndsWith(e, StringComparison.Ordinal)) || IsJsonnet(entry);

    private static bool IsJsonnet(TreeEntry entry) => entry.Name.EndsWith(".jsonnet", StringComparison.Ordinal);

    private static string Relative(TreePath root, TreePath path) => root.IsRoot ? path.Text : path.Text[(root.Text.Length + 1)..];

    private void Read(TreeEntry entry, TreeEntry file)
    {
        if (IsJsonnet(entry))
        {
            _manifests.Problem($"{entry.Path}: jsonnet is not supported yet; exclude the file by spec.source.directory.exclude");
            return;
        }

        try
        {
            var content = tree.Read(file, limits.File.MaxBytes);
            if ((_bytes += content.Length) > limits.MaxTotalBytes)
            {
                throw new TreeLimitException($"{entry.Path}: the manifests of this source have more than {limits.MaxTotalBytes:N0} bytes");
            }

            _manifests.AddFile(entry.Path.Text, content, isJson: entry.Name.EndsWith(".json", StringComparison.Ordinal));
        }
        catch (TreeLimitException e) when (_bytes <= limits.MaxTotalBytes)
        {
            _manifests.Problem(e.Message);
        }
    }

    private sealed class FileFilter(DirectoryOptions options)
    {
        private readonly Glob? _include = Parse(options.Include);
        private readonly Glob? _exclude = Parse(options.Exclude);

        public bool Takes(string path) => _exclude?.Matches(path) != true && _include?.Matches(path) != false;

        // Globs that are none were refused when the Application was read.
        private static Glob? Parse(string pattern) => pattern.Length > 0 && Glob.TryParse(pattern, out var glob, out _) ? glob : null;
    }
}
