using System.Text;
using System.Text.RegularExpressions;

namespace Capstan.Helm.Rendering;

/// <summary>The globs of <c>.Files.Glob</c>: <c>*</c> within a folder, <c>**</c> across, <c>?</c>, <c>[a-z]</c>, <c>[!a]</c>, <c>{a,b}</c>.</summary>
internal static class GobwasGlob
{
    private const int LongestPattern = 4_096;

    /// <summary>Reads a pattern; one that is not valid matches everything, as in Helm.</summary>
    public static Regex Parse(string pattern)
    {
        try
        {
            var translated = pattern.Length > LongestPattern ? null : Translate(pattern);
            return new Regex(translated ?? "", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (ArgumentException)
        {
            return new Regex("", RegexOptions.NonBacktracking);
        }
        catch (NotSupportedException)
        {
            return new Regex("", RegexOptions.NonBacktracking);
        }
    }

    private static string? Translate(string pattern)
    {
        var output = new StringBuilder(@"\A(?s:");
        var braces = 0;
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*' when i + 1 < pattern.Length && pattern[i + 1] == '*':
                    output.Append(".*");
                    i++;
                    break;
                case '*':
                    output.Append("[^/]*");
                    break;
                case '?':
                    output.Append("[^/]");
                    break;
                case '[':
                    var end = pattern.IndexOf(']', i + 1);
                    if (end < 0)
                    {
                        return null;
                    }

                    var body = pattern[(i + 1)..end];
                    var negated = body.StartsWith('!');
                    output.Append(negated ? "[^" : "[")
                        .Append((negated ? body[1..] : body).Replace(@"\", @"\\", StringComparison.Ordinal).Replace("[", @"\[", StringComparison.Ordinal))
                        .Append(']');
                    i = end;
                    break;
                case '{':
                    braces++;
                    output.Append("(?:");
                    break;
                case '}' when braces > 0:
                    braces--;
                    output.Append(')');
                    break;
                case ',' when braces > 0:
                    output.Append('|');
                    break;
                case '\\' when i + 1 < pattern.Length:
                    output.Append(Regex.Escape(pattern[++i].ToString()));
                    break;
                default:
                    output.Append(Regex.Escape(pattern[i].ToString()));
                    break;
            }
        }

        return braces == 0 ? output.Append(@")\z").ToString() : null;
    }
}
