using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Capstan.GoTemplates;
using Capstan.Scalars;

namespace Capstan.Helm.Patterns;

/// <summary>
/// A regular expression in Go's syntax. It runs without backtracking, so that its time is bounded by the length of the text, as in Go.
/// </summary>
internal sealed class Re2Pattern
{
    private const int MostCached = 2_000;

    private static readonly ConcurrentDictionary<string, Re2Pattern> Cache = new(StringComparer.Ordinal);

    private readonly Regex _regex;
    private readonly IReadOnlyDictionary<string, int> _names;

    private Re2Pattern(string pattern)
    {
        Source = pattern;
        try
        {
            _regex = GoPattern.Compile(pattern, out _names);
        }
        catch (FormatException error)
        {
            throw new GoException(error.Message);
        }
    }

    /// <summary>The expression as it was written.</summary>
    public string Source { get; }

    /// <summary>Reads an expression.</summary>
    /// <exception cref="GoException">The expression is not valid; the message is Go's.</exception>
    public static Re2Pattern Parse(string pattern)
    {
        if (Cache.TryGetValue(pattern, out var known))
        {
            return known;
        }

        var parsed = new Re2Pattern(pattern);
        if (Cache.Count >= MostCached)
        {
            Cache.Clear();
        }

        return Cache[pattern] = parsed;
    }

    /// <summary>Whether a text has a match.</summary>
    public bool IsMatch(string text) => _regex.IsMatch(text);

    /// <summary>The first match, or null.</summary>
    public Match? First(string text) => _regex.Match(text) is { Success: true } match ? match : null;

    /// <summary>Up to a number of matches (all when negative); an empty match right behind another does not count.</summary>
    public IEnumerable<Match> Matches(string text, int count = -1)
    {
        var end = -1;
        for (var match = _regex.Match(text); match.Success && count != 0; match = match.NextMatch())
        {
            if (match.Length == 0 && match.Index == end)
            {
                continue;
            }

            end = match.Index + match.Length;
            count--;
            yield return match;
        }
    }

    /// <summary>The text with every match replaced.</summary>
    public string Replace(TemplateCall call, string text, Func<Match, string> replacement)
    {
        var output = new StringBuilder(text.Length);
        var at = 0;
        foreach (var match in Matches(text))
        {
            call.Budget.Step();
            output.Append(text, at, match.Index - at).Append(replacement(match));
            call.Budget.Expect(output.Length);
            at = match.Index + match.Length;
        }

        return output.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>A replacement with <c>$1</c>, <c>${1}</c>, <c>$name</c> and <c>$$</c> filled in.</summary>
    public string Expand(string template, Match match)
    {
        var output = new StringBuilder(template.Length);
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] != '$' || i + 1 == template.Length)
            {
                output.Append(template[i]);
                continue;
            }

            if (template[i + 1] == '$')
            {
                output.Append('$');
                i++;
                continue;
            }

            var braced = template[i + 1] == '{';
            var start = i + (braced ? 2 : 1);
            var end = start;
            while (end < template.Length && (char.IsLetterOrDigit(template[end]) || template[end] == '_'))
            {
                end++;
            }

            if (end == start || (braced && (end == template.Length || template[end] != '}')))
            {
                output.Append('$');
                continue;
            }

            output.Append(Group(match, template[start..end]));
            i = braced ? end : end - 1;
        }

        return output.ToString();
    }

    private string Group(Match match, string name)
    {
        if (_names.TryGetValue(name, out var number))
        {
            return match.Groups[number].Value;
        }

        return int.TryParse(name, System.Globalization.NumberStyles.None, null, out number) ? match.Groups[number].Value : "";
    }
}
