using Capstan.Kustomize.Files;
using Capstan.Kustomize.Resources;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Kustomize.Flux;

/// <summary>The kustomization that Flux makes for a folder that has none: all manifests below it, and folders that are kustomizations as bases.</summary>
internal static class GeneratedKustomization
{
    private const int MostEntries = 100_000;

    /// <summary>Its text; null where the folder has a kustomization.</summary>
    public static string? Of(SourceTree tree, TreePath folder, int maxFileBytes)
    {
        if (HasKustomization(tree, folder))
        {
            return null;
        }

        var resources = new List<YamlNode>();
        var pending = new Stack<TreeEntry>();
        Push(tree, folder, pending);
        for (var seen = 0; pending.TryPop(out var entry); seen++)
        {
            if (seen == MostEntries)
            {
                throw new KustomizeException($"there are more than {MostEntries:N0} files below '{folder}'", kind: KustomizeProblem.TooLarge);
            }

            if (entry.Kind == TreeEntryKind.Folder)
            {
                if (HasKustomization(tree, entry.Path))
                {
                    resources.Add(Relative(entry.Path, folder));
                }
                else
                {
                    Push(tree, entry.Path, pending);
                }
            }
            else if (entry.Kind is TreeEntryKind.File or TreeEntryKind.SymbolicLink && IsManifest(entry.Name))
            {
                RequireResources(tree, entry, maxFileBytes);
                resources.Add(Relative(entry.Path, folder));
            }
        }

        var kustomization = YamlMap.Of(("apiVersion", "kustomize.config.k8s.io/v1beta1"), ("kind", "Kustomization"));
        return GoYaml.Write(resources.Count == 0 ? kustomization : kustomization.With("resources", new YamlList(resources)));
    }

    private static bool IsManifest(string name) => name.EndsWith(".yaml", StringComparison.Ordinal) || name.EndsWith(".yml", StringComparison.Ordinal);

    private static bool HasKustomization(SourceTree tree, TreePath folder) =>
        KustomizeFolder.FileNames.Any(name => Follow(tree, folder.Child(name)) is { Kind: TreeEntryKind.File });

    // Popped in the order of their names, folders at their place.
    private static void Push(SourceTree tree, TreePath folder, Stack<TreeEntry> pending)
    {
        foreach (var entry in tree.List(folder).Reverse())
        {
            pending.Push(entry);
        }
    }

    private static string Relative(TreePath path, TreePath folder) => "./" + (folder.IsRoot ? path.Text : path.Text[(folder.Text.Length + 1)..]);

    private static void RequireResources(SourceTree tree, TreeEntry entry, int maxFileBytes)
    {
        try
        {
            var file = Follow(tree, entry.Path) is { Kind: TreeEntryKind.File } found ? found : throw new KustomizeException("the link leads to no file");
            _ = ResourceReader.Read(entry.Path.Text, tree.Read(file, maxFileBytes).Span);
        }
        catch (TreeLimitException error)
        {
            throw new KustomizeException(error.Message, entry.Path.Text, kind: KustomizeProblem.TooLarge, inner: error);
        }
        catch (KustomizeException error)
        {
            throw new KustomizeException(
                $"failed to decode Kubernetes YAML: {error.Problem}; every .yaml and .yml file of a folder without a kustomization must hold resources: move it, or write a kustomization.yaml",
                entry.Path.Text, error.Position, error.Kind, error);
        }
    }

    private static TreeEntry? Follow(SourceTree tree, TreePath path)
    {
        try
        {
            return TreeLinks.Follow(tree, path);
        }
        catch (TreeLinkException error)
        {
            throw new KustomizeException(error.Message, path.Text, kind: KustomizeProblem.NotAllowed, inner: error);
        }
    }
}
