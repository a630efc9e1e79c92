using System.Text;
using System.Text.RegularExpressions;

namespace Capstan.Registry.Building.Dockerfiles;

/// <summary>A <c>.dockerignore</c>: patterns relative to the context, the last that matches decides, <c>!</c> takes back in.</summary>
internal sealed class IgnoreFile
{
    private const int MostPatterns = 10_000;
    private readonly List<(Regex Pattern, bool Takes)> _patterns = [];

    public IgnoreFile(string text)
    {
        foreach (var line in text.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n').Take(MostPatterns))
        {
            var pattern = line.Trim();
            if (pattern.Length == 0 || pattern.StartsWith('#')) continue;
            var takes = pattern.StartsWith('!');
            pattern = (takes ? pattern[1..].Trim() : pattern).Trim('/');
            if (pattern.StartsWith("./", StringComparison.Ordinal)) pattern = pattern[2..];
            if (pattern.Length > 0 && pattern != ".") _patterns.Add((Compile(pattern), takes));
        }
    }

    /// <summary>Whether something within an excluded folder may have been taken back in.</summary>
    public bool TakesBack => _patterns.Any(p => p.Takes);

    /// <summary>Whether a path of the context is left out.</summary>
    public bool Excludes(string path)
    {
        var excluded = false;
        foreach (var (pattern, takes) in _patterns)
        {
            if (pattern.IsMatch(path)) excluded = !takes;
        }

        return excluded;
    }

    // A pattern matches a path and everything beneath it. ** is any number of folders, * and ? stay within one part.
    private static Regex Compile(string pattern)
    {
        var text = new StringBuilder("^");
        for (var at = 0; at < pattern.Length; at++)
        {
            if (pattern.AsSpan(at).StartsWith("**/", StringComparison.Ordinal)) (_, at) = (text.Append("(?:.*/)?"), at + 2);
            else if (pattern.AsSpan(at).StartsWith("**", StringComparison.Ordinal)) (_, at) = (text.Append(".*"), at + 1);
            else text.Append(Globs.Translate(pattern, ref at));
        }

        return new Regex(text.Append("(?:/.*)?$").ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }
}

/// <summary>Patterns within one part of a path, as Go's <c>filepath.Match</c> has them.</summary>
internal static class Globs
{
    public static bool HasAny(string path) => path.AsSpan().IndexOfAny("*?[") >= 0;

    public static Regex Compile(string pattern)
    {
        var text = new StringBuilder("^");
        for (var at = 0; at < pattern.Length; at++) text.Append(Translate(pattern, ref at));
        return new Regex(text.Append('$').ToString(), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline);
    }

    public static string Translate(string pattern, ref int at)
    {
        switch (pattern[at])
        {
            case '*':
                return "[^/]*";
            case '?':
                return "[^/]";
            case '[' when pattern.IndexOf(']', at + 1) is var close and > 0:
                var inner = pattern[(at + 1)..close];
                at = close;
                return $"[{(inner.StartsWith('^') ? "^" : "")}{inner.TrimStart('^').Replace("\\", "\\\\", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal)}]";
            case '\\' when at + 1 < pattern.Length:
                return Regex.Escape(pattern[++at].ToString());
            default:
                return Regex.Escape(pattern[at].ToString());
        }
    }
}
