using Capstan.GoTemplates;
using static Capstan.Helm.Functions.FunctionTable;

namespace Capstan.Helm.Functions;

/// <summary>Paths with slashes, as Go's package path treats them; the os… functions are the same on Linux.</summary>
internal static class PathFunctions
{
    public static readonly GoFunction[] All =
    [
        .. Both("base", "osBase", static p => Base(p)),
        .. Both("dir", "osDir", static p => Clean(p[..(p.LastIndexOf('/') + 1)])),
        .. Both("clean", "osClean", static p => Clean(p)),
        .. Both("ext", "osExt", static p => Extension(p)),
        .. Both("isAbs", "osIsAbs", static p => GoValues.Bool(p.StartsWith('/'))),
    ];

    /// <summary>The last part; <c>.</c> for nothing and <c>/</c> for slashes only.</summary>
    internal static string Base(string path)
    {
        if (path.Length == 0)
        {
            return ".";
        }

        var trimmed = path.TrimEnd('/');
        return trimmed.Length == 0 ? "/" : trimmed[(trimmed.LastIndexOf('/') + 1)..];
    }

    /// <summary>The shortest path that means the same.</summary>
    internal static string Clean(string path)
    {
        var rooted = path.StartsWith('/');
        var parts = new List<string>();
        foreach (var part in path.Split('/'))
        {
            if (part is "" or ".")
            {
                continue;
            }

            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part != ".." || !rooted)
            {
                parts.Add(part);
            }
        }

        var text = string.Join('/', parts);
        return rooted ? "/" + text : text.Length == 0 ? "." : text;
    }

    private static string Extension(string path)
    {
        var dot = path.LastIndexOf('.');
        return dot < 0 || dot < path.LastIndexOf('/') ? "" : path[dot..];
    }

    private static GoFunction[] Both(string name, string osName, Func<string, object> body) =>
        [Of(name, [GoType.String], (_, a) => body(a.Text(0))), Of(osName, [GoType.String], (_, a) => body(a.Text(0)))];
}
