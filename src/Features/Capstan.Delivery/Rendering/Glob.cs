using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace Capstan.Delivery.Rendering;

/// <summary>
/// A glob as Argo CD's directory sources use it: <c>*</c> and <c>**</c> match any characters, the <c>/</c> too, since no separator is
/// given; <c>?</c> one character; <c>[abc]</c>, <c>[a-z]</c>, <c>[!a]</c> one of a class; <c>{a,b}</c> alternatives, also nested;
/// <c>\</c> takes the next character literally.
/// </summary>
internal sealed class Glob
{
    private const int LongestPattern = 4096;
    private const int DeepestNesting = 32;

    private readonly Regex _regex;

    private Glob(Regex regex) => _regex = regex;

    public bool Matches(string path) => _regex.IsMatch(path);

    public static bool TryParse(string pattern, [NotNullWhen(true)] out Glob? glob, [NotNullWhen(false)] out string? problem)
    {
        glob = null;
        if (pattern.Length > LongestPattern)
        {
            problem = $"it has {pattern.Length} characters, at most {LongestPattern} are allowed";
            return false;
        }

        var regex = new StringBuilder("\\A(?:");
        problem = Translate(pattern, regex);
        if (problem is not null)
        {
            return false;
        }

        regex.Append(")\\z");
        glob = new Glob(new Regex(regex.ToString(), RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant));
        return true;
    }

    private static string? Translate(string pattern, StringBuilder regex)
    {
        var depth = 0;
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '*':
                    regex.Append(".*");
                    while (i + 1 < pattern.Length && pattern[i + 1] == '*')
                    {
                        i++;
                    }

                    break;
                case '?':
                    regex.Append('.');
                    break;
                case '{' when ++depth > DeepestNesting:
                    return $"braces are nested more than {DeepestNesting} deep";
                case '{':
                    regex.Append("(?:");
                    break;
                case '}' when depth == 0:
                    return "a } without its {";
                case '}':
                    depth--;
                    regex.Append(')');
                    break;
                case ',' when depth > 0:
                    regex.Append('|');
                    break;
                case '[':
                    if (!TranslateClass(pattern, ref i, regex))
                    {
                        return "a [ without its ], or an empty or reversed class";
                    }

                    break;
                case '\\' when i + 1 == pattern.Length:
                    return "a \\ at the end";
                case '\\':
                    AppendLiteral(pattern[++i], regex);
                    break;
                case var other:
                    AppendLiteral(other, regex);
                    break;
            }
        }

        return depth == 0 ? null : "a { without its }";
    }

    private static bool TranslateClass(string pattern, ref int i, StringBuilder regex)
    {
        var end = pattern.IndexOf(']', i + 1);
        if (end < 0)
        {
            return false;
        }

        var body = pattern.AsSpan(i + 1, end - i - 1);
        var negated = body.StartsWith("!");
        body = negated ? body[1..] : body;
        if (body.IsEmpty)
        {
            return false;
        }

        regex.Append(negated ? "[^" : "[");
        if (body.Length == 3 && body[1] == '-')
        {
            if (body[0] > body[2])
            {
                return false;
            }

            AppendLiteral(body[0], regex);
            regex.Append('-');
            AppendLiteral(body[2], regex);
        }
        else
        {
            foreach (var character in body)
            {
                AppendLiteral(character, regex);
            }
        }

        regex.Append(']');
        i = end;
        return true;
    }

    // Written as a code unit, no character can mean anything, inside a class or outside.
    private static void AppendLiteral(char character, StringBuilder regex)
    {
        if (char.IsAsciiLetterOrDigit(character))
        {
            regex.Append(character);
        }
        else
        {
            regex.Append("\\u").Append(((int)character).ToString("X4", System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
