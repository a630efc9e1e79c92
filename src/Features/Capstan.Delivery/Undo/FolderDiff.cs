using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Capstan.Trees;

namespace Capstan.Delivery.Undo;

/// <summary>What differs beneath a path between two commits, as a unified diff. What a Secret holds is not shown.</summary>
internal static partial class FolderDiff
{
    private const int MostFiles = 200;
    private const int MostBytes = 1 << 20;

    public static string Of(SourceTree now, SourceTree then, TreePath path)
    {
        var (before, after) = (Files(now, path), Files(then, path));
        var lines = new StringBuilder();
        var changed = before.Keys.Union(after.Keys).Order(StringComparer.Ordinal).Where(f => before.GetValueOrDefault(f)?.ContentId != after.GetValueOrDefault(f)?.ContentId).ToList();
        foreach (var file in changed.Take(MostFiles))
        {
            var (left, right) = (Content(now, before.GetValueOrDefault(file)), Content(then, after.GetValueOrDefault(file)));
            _ = HoldsSecret(left) || HoldsSecret(right)
                ? lines.Append(CultureInfo.InvariantCulture, $"--- a/{file}\n+++ b/{file}\n(holds a Secret: what differs is not shown)\n")
                : lines.Append(UnifiedDiff.Of(file, left, right));
        }

        return changed.Count <= MostFiles ? lines.ToString() : lines.Append(CultureInfo.InvariantCulture, $"and {changed.Count - MostFiles} more files\n").ToString();
    }

    // What is too large to be manifests is not shown line by line.
    private static byte[]? Content(SourceTree tree, TreeEntry? entry) => entry switch
    {
        null => null,
        { Kind: TreeEntryKind.File or TreeEntryKind.SymbolicLink, Length: <= MostBytes } => tree.Read(entry, MostBytes).ToArray(),
        _ => new byte[1],
    };

    private static bool HoldsSecret(byte[]? content) => content is not null && SecretKind().IsMatch(Encoding.UTF8.GetString(content));

    [GeneratedRegex("""(?m)^[ \t-]*["']?kind["']?[ \t]*:[ \t]*["']?Secret["']?[ \t\r]*(?:$|#)|"kind"\s*:\s*"Secret"|[{,]\s*kind\s*:\s*["']?Secret\b""", RegexOptions.NonBacktracking)]
    private static partial Regex SecretKind();

    private static Dictionary<string, TreeEntry> Files(SourceTree tree, TreePath path)
    {
        var files = new Dictionary<string, TreeEntry>(StringComparer.Ordinal);
        if (tree.Find(path) is { Kind: not TreeEntryKind.Folder } single)
        {
            files[path.Text] = single;
            return files;
        }

        var folders = new Stack<TreePath>([path]);
        while (folders.TryPop(out var folder))
        {
            foreach (var entry in tree.List(folder))
            {
                if (entry.Kind == TreeEntryKind.Folder)
                {
                    folders.Push(entry.Path);
                }
                else
                {
                    files[entry.Path.Text] = entry;
                }
            }
        }

        return files;
    }
}
