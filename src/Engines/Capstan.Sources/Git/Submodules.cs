using System.Diagnostics.CodeAnalysis;
using System.Text;
using Capstan.Sources.Git.Urls;
using Capstan.Trees;

namespace Capstan.Sources.Git;

/// <summary>One submodule of a repository.</summary>
/// <param name="Path">Where it stands.</param>
/// <param name="Url">Its repository; a relative address is worked out from the one that it is in.</param>
/// <param name="Commit">The commit that is wanted.</param>
public sealed record Submodule(TreePath Path, RepositoryUrl Url, string Commit);

/// <summary>
/// Reads what submodules a commit has. Names, paths and addresses come from whoever wrote the repository, so all of them are judged here: no
/// name or path that climbs, no address that git or ssh would take for an option (CVE-2018-17456, git's t7450), nothing twice.
/// </summary>
public static class Submodules
{
    private const string FileName = ".gitmodules";
    private const int LargestFile = 1 << 20;

    /// <summary>The most submodules of one repository: 100.</summary>
    public const int Most = 100;

    /// <summary>The submodules of a commit; none when it has no <c>.gitmodules</c>.</summary>
    /// <param name="tree">The files of the commit.</param>
    /// <param name="repository">The repository.</param>
    /// <exception cref="SourceException">The file names something that is refused.</exception>
    public static IReadOnlyList<Submodule> Of(SourceTree tree, RepositoryUrl repository)
    {
        if (tree.Find(TreePath.Parse(FileName)) is not { Kind: TreeEntryKind.File } file)
        {
            return [];
        }

        var found = new List<Submodule>();
        foreach (var (name, fields) in Sections(Encoding.UTF8.GetString(tree.Read(file, LargestFile).Span)))
        {
            var (path, url) = (fields.GetValueOrDefault("path", ""), fields.GetValueOrDefault("url", ""));
            if (name.Length == 0 || name.Split('/', '\\').Contains("..") || !TreePath.TryParse(path, out var at, out _) || at.IsRoot || path.StartsWith('-'))
            {
                throw Refused(repository, $"submodule \"{Shown(name)}\": its name or path \"{Shown(path)}\" is refused");
            }

            // A section whose path is no submodule of the commit is an old one, as git has it.
            if (tree.Find(at) is not { Kind: TreeEntryKind.Submodule } entry)
            {
                continue;
            }

            if (!TryResolve(repository, url, out var address))
            {
                throw Refused(repository, $"submodule \"{Shown(name)}\": its address \"{Shown(RepositoryUrlReader.WithoutPassword(url))}\" is refused");
            }

            if (found.Count == Most || found.Exists(s => s.Path.IsWithin(at) || at.IsWithin(s.Path)))
            {
                throw Refused(repository, $"submodule \"{Shown(name)}\": more than {Most} submodules, or two in one place");
            }

            found.Add(new Submodule(at, address, entry.ContentId[(entry.ContentId.IndexOf(':', StringComparison.Ordinal) + 1)..]));
        }

        return found;
    }

    private static bool TryResolve(RepositoryUrl repository, string url, [NotNullWhen(true)] out RepositoryUrl? address)
    {
        if (!url.StartsWith("./", StringComparison.Ordinal) && !url.StartsWith("../", StringComparison.Ordinal))
        {
            return RepositoryUrl.TryParse(url, out address, out _);
        }

        var text = repository.Text.TrimEnd('/');
        var start = text.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0 ? text.IndexOf('/', scheme + 3) : text.IndexOf(':', StringComparison.Ordinal);
        address = null;
        if (start < 0)
        {
            return false;
        }

        var parts = text[(start + 1)..].Split('/', StringSplitOptions.RemoveEmptyEntries).ToList();
        foreach (var part in url.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != "."))
        {
            if (part != "..")
            {
                parts.Add(part);
            }
            else if (parts.Count == 0)
            {
                return false;
            }
            else
            {
                parts.RemoveAt(parts.Count - 1);
            }
        }

        return RepositoryUrl.TryParse(text[..(start + 1)] + string.Join('/', parts), out address, out _);
    }

    // The part of git's format of configurations that .gitmodules is written in.
    private static IEnumerable<(string Name, Dictionary<string, string> Fields)> Sections(string text)
    {
        (string Name, Dictionary<string, string> Fields)? section = null;
        foreach (var line in text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] is not ('#' or ';')))
        {
            if (line[0] == '[')
            {
                if (section is { } done)
                {
                    yield return done;
                }

                var name = line.StartsWith("[submodule \"", StringComparison.Ordinal) && line.EndsWith("\"]", StringComparison.Ordinal) ? line[12..^2] : null;
                section = name is null ? null : (name.Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal), new(StringComparer.OrdinalIgnoreCase));
            }
            else if (section is { } open && line.Split('=', 2) is [var key, var value])
            {
                open.Fields[key.Trim()] = value.Trim() is ['"', .. var quoted, '"'] ? quoted : value.Trim();
            }
        }

        if (section is { } last)
        {
            yield return last;
        }
    }

    private static string Shown(string text) => string.Concat(text.Take(200).Select(c => char.IsControl(c) ? '?' : c));

    private static SourceException Refused(RepositoryUrl repository, string why) => new(SourceProblem.Refused, $"{repository}: {why}");
}
