using System.Text;
using System.Text.RegularExpressions;

namespace Capstan.Workflows.Running;

/// <summary>Files of a folder by patterns, as artifacts, caches and <c>hashFiles</c> name them: <c>*</c> within a name, <c>**</c> through folders, <c>?</c>
/// one character, <c>!</c> in front leaves out. Links are neither followed nor given.</summary>
internal static class FileGlob
{
    /// <summary>The most files that are looked at.</summary>
    public const int MostFiles = 500_000;

    /// <summary>The files that match, by their paths relative to the folder, sorted.</summary>
    /// <exception cref="WorkflowException">A pattern leads out of the folder, or there are too many files.</exception>
    public static IReadOnlyList<string> Find(string folder, IEnumerable<string> patterns, string what, bool hidden = true)
    {
        var rules = patterns.Select(p => p.Trim()).Where(p => p.Length > 0 && !p.StartsWith('#')).Select(p => (Not: p.StartsWith('!'), Regex: Translate(p.TrimStart('!').Trim(), what))).ToList();
        var found = new SortedSet<string>(StringComparer.Ordinal);
        var seen = 0;
        foreach (var file in Walk(folder))
        {
            if (++seen > MostFiles) throw new WorkflowException($"{what}: more than {MostFiles:N0} files have to be looked at");
            var path = Path.GetRelativePath(folder, file);
            if (!hidden && path.Split('/').Any(part => part.StartsWith('.'))) continue;
            var chosen = false;
            foreach (var (not, regex) in rules)
            {
                if (regex.IsMatch(path)) chosen = !not;
            }

            if (chosen) found.Add(path);
        }

        return [.. found];
    }

    // Without recursion, so that no depth of folders matters.
    private static IEnumerable<string> Walk(string root)
    {
        var open = new Stack<DirectoryInfo>([new DirectoryInfo(root)]);
        while (open.TryPop(out var folder))
        {
            foreach (var entry in folder.EnumerateFileSystemInfos())
            {
                if (entry.LinkTarget is not null || (entry.Attributes & (FileAttributes.ReparsePoint | FileAttributes.Device)) != 0) continue;
                if (entry is DirectoryInfo below) open.Push(below);
                else yield return entry.FullName;
            }
        }
    }

    private static Regex Translate(string pattern, string what)
    {
        var text = pattern.StartsWith("./", StringComparison.Ordinal) ? pattern[2..] : pattern;
        if (text.StartsWith('/') || text.StartsWith('~') || text.Split('/').Contains("..")) throw new WorkflowException($"{what}: '{pattern}' leads out of the workspace, which is not allowed");
        if (text is "." or "") text = "**";
        var regex = new StringBuilder("^");
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '*' && i + 1 < text.Length && text[i + 1] == '*')
            {
                i++;
                var whole = (i == 1 || text[i - 2] == '/') && i + 1 < text.Length && text[i + 1] == '/';
                regex.Append(whole ? "(.*/)?" : ".*");
                if (whole) i++;
            }
            else
            {
                regex.Append(text[i] switch { '*' => "[^/]*", '?' => "[^/]", var c => Regex.Escape(c.ToString()) });
            }
        }

        // A folder's name means everything in it.
        regex.Append(text.EndsWith('/') ? ".*$" : "(/.*)?$");
        return new Regex(regex.ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }
}
