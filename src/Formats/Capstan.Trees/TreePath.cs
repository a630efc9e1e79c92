using System.Diagnostics.CodeAnalysis;

namespace Capstan.Trees;

/// <summary>
/// The path of a file or folder inside a <see cref="SourceTree"/>: relative, with <c>/</c>, without <c>.</c>, <c>..</c> or empty parts.
/// A value of this type cannot point out of its tree; the root is the empty path.
/// </summary>
public readonly record struct TreePath : IComparable<TreePath>
{
    /// <summary>The root of the tree.</summary>
    public static readonly TreePath Root = new("");

    private readonly string? _text;

    private TreePath(string text) => _text = text;

    /// <summary>The path as text; empty for the root.</summary>
    public string Text => _text ?? "";

    /// <summary>True for the root.</summary>
    public bool IsRoot => Text.Length == 0;

    /// <summary>The last part; empty for the root.</summary>
    public string Name => Text[(Text.LastIndexOf('/') + 1)..];

    /// <summary>The folder that holds this path; the root for itself.</summary>
    public TreePath Folder => Text.LastIndexOf('/') is var at and > 0 ? new TreePath(Text[..at]) : Root;

    /// <summary>
    /// Reads a path written by someone: <c>.</c> and <c>..</c> are resolved against the root, a leading <c>/</c> is not allowed.
    /// </summary>
    /// <exception cref="TreePathException">The path is absolute, leaves the tree, or holds characters that no path may hold.</exception>
    public static TreePath Parse(string text) => Root.Resolve(text);

    /// <summary>Reads a path written by someone, without an exception.</summary>
    public static bool TryParse(string text, out TreePath path, [NotNullWhen(false)] out string? problem) =>
        Root.TryResolve(text, out path, out problem);

    /// <summary>A child of this folder. The name must be one part.</summary>
    /// <exception cref="TreePathException">The name is empty, <c>.</c>, <c>..</c> or holds a <c>/</c> or NUL.</exception>
    public TreePath Child(string name) => name.Length is 0 || name is "." or ".." || name.AsSpan().IndexOfAny('/', '\0') >= 0
        ? throw new TreePathException($"\"{name}\" is not the name of a file or folder")
        : new TreePath(IsRoot ? name : $"{Text}/{name}");

    /// <summary>A path relative to this folder.</summary>
    /// <exception cref="TreePathException">The path is absolute, leaves the tree, or holds characters that no path may hold.</exception>
    public TreePath Resolve(string relative) => TryResolve(relative, out var path, out var problem)
        ? path
        : throw new TreePathException(problem);

    /// <summary>A path relative to this folder, without an exception.</summary>
    public bool TryResolve(string relative, out TreePath path, [NotNullWhen(false)] out string? problem)
    {
        path = Root;
        if (relative.StartsWith('/'))
        {
            problem = $"the path \"{relative}\" is absolute; paths are relative to the repository";
            return false;
        }

        if (relative.Contains('\0', StringComparison.Ordinal))
        {
            problem = "a path must not hold a NUL character";
            return false;
        }

        var parts = new List<string>(IsRoot ? [] : Text.Split('/'));
        foreach (var part in relative.Split('/'))
        {
            switch (part)
            {
                case "" or ".":
                    break;
                case "..":
                    if (parts.Count == 0)
                    {
                        problem = $"the path \"{relative}\" leaves the repository";
                        return false;
                    }

                    parts.RemoveAt(parts.Count - 1);
                    break;
                default:
                    parts.Add(part);
                    break;
            }
        }

        path = new TreePath(string.Join('/', parts));
        problem = null;
        return true;
    }

    /// <summary>Whether this path is the folder itself or lies beneath it.</summary>
    public bool IsWithin(TreePath folder) =>
        folder.IsRoot || Text == folder.Text || (Text.StartsWith(folder.Text, StringComparison.Ordinal) && Text[folder.Text.Length] == '/');

    /// <summary>Orders by the parts' bytes, a folder's own path before what is in it.</summary>
    public int CompareTo(TreePath other) => string.CompareOrdinal(Text, other.Text);

    /// <inheritdoc/>
    public override string ToString() => IsRoot ? "." : Text;

    /// <summary>Orders two paths.</summary>
    public static bool operator <(TreePath left, TreePath right) => left.CompareTo(right) < 0;

    /// <summary>Orders two paths.</summary>
    public static bool operator >(TreePath left, TreePath right) => left.CompareTo(right) > 0;

    /// <summary>Orders two paths.</summary>
    public static bool operator <=(TreePath left, TreePath right) => left.CompareTo(right) <= 0;

    /// <summary>Orders two paths.</summary>
    public static bool operator >=(TreePath left, TreePath right) => left.CompareTo(right) >= 0;
}

/// <summary>A path that is none, or that leaves its tree.</summary>
public sealed class TreePathException(string message) : FormatException(message);
