using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Capstan.Scalars;

/// <summary>Regular expressions in Go's syntax (RE2). They run without backtracking, so that their time is bounded by the length of the text, as in Go.</summary>
public static class GoPattern
{
    private const int MostCached = 2_000;

    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(5);
    private static readonly ConcurrentDictionary<string, Regex> Cache = new(StringComparer.Ordinal);

    /// <summary>The expression, made once.</summary>
    /// <exception cref="FormatException">It is not valid; the message is Go's.</exception>
    public static Regex Get(string pattern)
    {
        if (Cache.TryGetValue(pattern, out var known)) return known;
        if (Cache.Count >= MostCached) Cache.Clear();
        return Cache[pattern] = Compile(pattern, out _);
    }

    /// <summary>The expression, made anew. Its groups are numbered in the order in which they open.</summary>
    /// <param name="pattern">The expression.</param>
    /// <param name="names">The numbers of named groups.</param>
    /// <exception cref="FormatException">It is not valid; the message is Go's.</exception>
    public static Regex Compile(string pattern, out IReadOnlyDictionary<string, int> names)
    {
        var translated = new Re2Translator(pattern).Translate(out names);
        try
        {
            return new Regex(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException)
        {
            // Too large an automaton: with backtracking, but never for long.
            return new Regex(translated, RegexOptions.CultureInvariant, LongestMatch);
        }
        catch (ArgumentException)
        {
            throw new FormatException($"error parsing regexp: invalid regular expression: `{pattern}`");
        }
    }
}
