using System.Text.RegularExpressions;
using Capstan.Kustomize.Spec;

namespace Capstan.Kustomize.Transformers.Images;

/// <summary>The images that an entry of <c>images</c> means: its name, which kustomize takes as a regular expression, with any tag and digest.</summary>
internal sealed class ImagePattern
{
    private const string Digest = "@sha256:";

    private readonly PlainPattern? _name;
    private readonly Regex? _regex;

    /// <exception cref="ArgumentException">The name is no regular expression.</exception>
    /// <exception cref="NotSupportedException">It is one that needs backtracking.</exception>
    public ImagePattern(string name)
    {
        _name = name.AsSpan().ContainsAny('|', '^', '$') ? null : PlainPattern.Parse(name) is { IsFixed: true } plain ? plain : null;
        _regex = _name is not null ? null : new Regex(
            $"^{name}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }

    public bool IsMatch(string image)
    {
        if (_name is null)
        {
            return _regex!.IsMatch(image);
        }

        var length = _name.MatchStart(image);
        return length >= 0 && Skip(Skip(image.AsSpan(length), ":"), Digest).IsEmpty;
    }

    private static ReadOnlySpan<char> Skip(ReadOnlySpan<char> text, string beginning)
    {
        if (!text.StartsWith(beginning, StringComparison.Ordinal))
        {
            return text;
        }

        var end = beginning.Length;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '_' or '.' or '{' or '}' or '-'))
        {
            end++;
        }

        return text[end..];
    }
}
