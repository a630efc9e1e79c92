using System.CommandLine;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Rendering;
using Capstan.Delivery.ApplySets;
using Capstan.Sources.Folders;
using Capstan.Trees;

namespace Capstan.Cli.Pushing;

/// <summary>The manifests that PATH names: a folder, or one file of it.</summary>
/// <param name="Tree">The checkout that the folder lies in, so that links within it can be followed; without one the folder itself.</param>
/// <param name="Path">The folder in the tree.</param>
/// <param name="Directory">Which of its files count.</param>
internal sealed record Manifests(SourceTree Tree, string Path, DirectoryOptions Directory)
{
    public static Argument<string> Argument() => new("PATH") { Description = "A folder of manifests, or one file" };

    public static Option<bool> Recurse() => new("--recurse", "-R") { Description = "Read sub-folders too" };

    /// <summary>Finds them.</summary>
    /// <exception cref="CommandException">There is nothing at that path.</exception>
    public static Manifests Open(string path, bool recurse)
    {
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        if (File.Exists(full))
        {
            return Within(System.IO.Path.GetDirectoryName(full)!, new DirectoryOptions(Include: Literally(System.IO.Path.GetFileName(full)), IsExplicit: true));
        }
        return System.IO.Directory.Exists(full)
            ? Within(full, new DirectoryOptions(recurse))
            : throw new CommandException(ExitCodes.NotFound, $"{path}: there is no such file or folder");
    }

    /// <summary>Renders them, without a cluster.</summary>
    /// <exception cref="CommandException">They are refused; the message names everything that is wrong with them.</exception>
    public RenderedSource Render()
    {
        var rendered = ApplySetSync.Render(Tree, Path, Directory);
        return rendered.IsComplete ? rendered : throw new CommandException(ExitCodes.Refused, string.Join('\n', rendered.Problems));
    }

    private static Manifests Within(string folder, DirectoryOptions options)
    {
        var root = folder;
        for (var at = folder; at is not null; at = System.IO.Path.GetDirectoryName(at))
        {
            if (!System.IO.Path.Exists(System.IO.Path.Combine(at, ".git"))) continue;
            root = at;
            break;
        }
        return new Manifests(new FolderTree(root), System.IO.Path.GetRelativePath(root, folder).Replace('\\', '/'), options);
    }

    /// <summary>A file's name as a glob that matches it alone.</summary>
    private static string Literally(string name) => string.Concat(name.Select(c => c is '*' or '?' or '[' or ']' or '{' or '}' or '\\' ? $"\\{c}" : c.ToString()));
}
