using System.Text.RegularExpressions;

namespace Capstan.Kustomize.Spec;

/// <summary>A regular expression of Go's syntax that a whole text must match.</summary>
internal sealed class NamePattern
{
    private readonly PlainPattern? _plain;
    private readonly Regex? _regex;

    /// <exception cref="ArgumentException">The text is no regular expression.</exception>
    /// <exception cref="NotSupportedException">It is one that needs backtracking.</exception>
    public NamePattern(string pattern)
    {
        _plain = PlainPattern.Parse(pattern);

        // Go's syntax; the engine without backtracking holds for both.
        _regex = _plain is not null ? null : new Regex(
            $"^(?:{pattern.Replace("(?P<", "(?<", StringComparison.Ordinal)})\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }

    public bool IsMatch(string text) => _plain?.IsMatch(text) ?? _regex!.IsMatch(text);
}
