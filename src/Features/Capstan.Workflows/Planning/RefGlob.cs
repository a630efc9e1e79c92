using System.Text;
using System.Text.RegularExpressions;

namespace Capstan.Workflows.Planning;

/// <summary>
/// GitHub's patterns for branches, tags and paths: <c>*</c> anything but a slash, <c>**</c> anything, <c>?</c> zero or one and <c>+</c> one or
/// more of the character before, <c>[a-z]</c> one of these, <c>!</c> in front takes away, <c>\</c> makes the next character itself.
/// </summary>
public sealed class RefGlob
{
    private const int Longest = 1_000;
    private readonly Regex _regex;

    private RefGlob(bool negative, Regex regex) => (IsNegative, _regex) = (negative, regex);

    /// <summary>Whether it takes away what it matches.</summary>
    public bool IsNegative { get; }

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static RefGlob Parse(string pattern)
    {
        if (Problem(pattern) is { } problem) throw new FormatException($"the pattern '{pattern}': {problem}");
        var negative = pattern.StartsWith('!');
        return new RefGlob(negative, new Regex(Translate(negative ? pattern[1..] : pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
    }

    /// <summary>What is wrong with a pattern; null for nothing.</summary>
    public static string? Problem(string pattern)
    {
        if (pattern.Length > Longest) return $"it is longer than {Longest} characters";
        if (pattern is "" or "!") return "it is empty";
        for (var i = pattern.StartsWith('!') ? 1 : 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\' when i + 1 == pattern.Length:
                    return "nothing follows the \\";
                case '\\':
                    i++;
                    break;
                case '?' or '+' when i == (pattern.StartsWith('!') ? 1 : 0):
                    return $"nothing stands before the {pattern[i]}, which is about the character before it";
                case '?' or '+' when pattern[i - 1] is '*' or '?' or '+' && (i < 2 || pattern[i - 2] != '\\'):
                    return $"a {pattern[i]} cannot follow a {pattern[i - 1]}";
                case '[':
                    var close = pattern.IndexOf(']', i + 1);
                    if (close < 0) return "a [ is not closed";
                    if (close == i + 1) return "nothing stands between [ and ]";
                    if (BadRange(pattern.AsSpan(i + 1, close - i - 1)) is { } range) return $"the range {range} runs backwards";
                    i = close;
                    break;
            }
        }

        return null;
    }

    /// <summary>Whether a name matches, whatever the sign.</summary>
    public bool Matches(string name) => _regex.IsMatch(name);

    /// <summary>Whether a list of patterns lets a name pass: the last pattern that matches decides.</summary>
    public static bool Passes(IEnumerable<RefGlob> patterns, string name)
    {
        var passes = false;
        foreach (var pattern in patterns)
        {
            if (pattern.Matches(name)) passes = !pattern.IsNegative;
        }

        return passes;
    }

    private static string? BadRange(ReadOnlySpan<char> inside)
    {
        for (var i = 1; i + 1 < inside.Length; i++)
        {
            if (inside[i] == '-' && inside[i - 1] > inside[i + 1]) return inside.Slice(i - 1, 3).ToString();
        }

        return null;
    }

    private static string Translate(string pattern)
    {
        var regex = new StringBuilder("^");
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*' when i + 1 < pattern.Length && pattern[i + 1] == '*':
                    i++;

                    // "a/**/b" is "a/b" too.
                    if (i + 1 < pattern.Length && pattern[i + 1] == '/' && (i == 1 || pattern[i - 2] == '/'))
                    {
                        i++;
                        regex.Append("(.*/)?");
                    }
                    else
                    {
                        regex.Append(".*");
                    }

                    break;
                case '*':
                    regex.Append("[^/]*");
                    break;
                case '?' or '+':
                    regex.Append(pattern[i]);
                    break;
                case '[':
                    var close = pattern.IndexOf(']', i + 1);
                    regex.Append('[').Append(Class(pattern[(i + 1)..close])).Append(']');
                    i = close;
                    break;
                case '\\':
                    regex.Append(Regex.Escape(pattern[++i].ToString()));
                    break;
                default:
                    regex.Append(Regex.Escape(pattern[i].ToString()));
                    break;
            }
        }

        return regex.Append(@"\z").ToString();
    }

    private static string Class(string inside) => inside.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("[", @"\[", StringComparison.Ordinal).Replace("^", @"\^", StringComparison.Ordinal);
}
