using Capstan.Delivery.Applications;
using Capstan.Trees;

namespace Capstan.Delivery.Rendering;

/// <summary>Reads a folder of plain manifests.</summary>
internal sealed class DirectoryRenderer(SourceTree tree, ManifestCollector manifests, RenderLimits limits)
{
    private static readonly string[] ManifestEndings = [".yaml", ".yml", ".json"];

    private long _bytes;
    private int _entries;

    public void Render(TreePath folder, DirectoryOptions options) => Walk(folder, options);

    private void Walk(TreePath root, DirectoryOptions options)
    {
        var filter = new FileFilter(options);
        var folders = new Stack<TreePath>([root]);
        while (folders.TryPop(out var folder))
        {
            var inner = new List<TreePath>();
            foreach (var entry in tree.List(folder))
            {
                if (++_entries > limits.MaxEntries)
                {
                    throw new TreeLimitException($"{root}: more than {limits.MaxEntries:N0} files and folders; point path at a smaller folder");
                }

                if (entry.Kind == TreeEntryKind.Folder)
                {
                    inner.Add(entry.Path);
                }
                else if (Target(entry) is { } file && IsManifest(entry) && filter.Takes(Relative(root, entry.Path)))
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
        return TreeLinks.Follow(tree, entry.Path) is { Kind: TreeEntryKind.File } file ? file : null;
    }

    private static bool IsManifest(TreeEntry entry) => ManifestEndings.Any(e => entry.Name.EndsWith(e, StringComparison.Ordinal)) || IsJsonnet(entry);

    private static bool IsJsonnet(TreeEntry entry) => entry.Name.EndsWith(".jsonnet", StringComparison.Ordinal);

    private static string Relative(TreePath root, TreePath path) => root.IsRoot ? path.Text : path.Text[(root.Text.Length + 1)..];

    private void Read(TreeEntry entry, TreeEntry file)
    {
        if (IsJsonnet(entry))
        {
            manifests.Problem($"{entry.Path}: jsonnet is not supported yet; exclude the file by spec.source.directory.exclude");
            return;
        }

        try
        {
            var content = tree.Read(file, limits.File.MaxBytes);
            if ((_bytes += content.Length) > limits.MaxTotalBytes)
            {
                throw new TreeLimitException($"{entry.Path}: the manifests of this source have more than {limits.MaxTotalBytes:N0} bytes");
            }

            manifests.AddFile(entry.Path.Text, content, isJson: entry.Name.EndsWith(".json", StringComparison.Ordinal));
        }
        catch (TreeLimitException e) when (_bytes <= limits.MaxTotalBytes)
        {
            manifests.Problem(e.Message);
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
