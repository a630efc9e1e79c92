using System.Text;

namespace Capstan.Helm.Rendering;

/// <summary>A part of a glob.</summary>
internal abstract record GlobPart;

/// <summary>Text as it stands.</summary>
internal sealed record GlobText(string Text) : GlobPart;

/// <summary>One character that is no separator: <c>?</c>.</summary>
internal sealed record GlobOne : GlobPart;

/// <summary>Any characters, also none: <c>*</c>, and <c>**</c> across folders.</summary>
internal sealed record GlobAny(bool AcrossFolders) : GlobPart;

/// <summary>One character of a list or range; a separator too.</summary>
/// <param name="Ranges">First and last of each range.</param>
/// <param name="Negated">Whether it must be none of them.</param>
internal sealed record GlobSet(IReadOnlyList<(int First, int Last)> Ranges, bool Negated) : GlobPart;

/// <summary>One of several: <c>{a,b}</c>.</summary>
internal sealed record GlobChoice(IReadOnlyList<IReadOnlyList<GlobPart>> Alternatives) : GlobPart;

/// <summary>Reads globs as gobwas/glob does: what is not closed ends with the pattern, <c>[a-z]</c> is one range or a list, never both.</summary>
internal sealed class GlobReader(string pattern)
{
    private const int MostNested = 64;
    private int _at;

    /// <summary>The parts; null when the pattern is not valid.</summary>
    public static IReadOnlyList<GlobPart>? Read(string pattern) => new GlobReader(pattern).Sequence(0);

    private List<GlobPart>? Sequence(int depth)
    {
        var parts = new List<GlobPart>();
        while (_at < pattern.Length && (depth == 0 || pattern[_at] is not (',' or '}')))
        {
            if (Part(depth) is not { } part)
            {
                return null;
            }

            if (part is GlobChoice { Alternatives: [{ Count: > 0 } only] })
            {
                parts.AddRange(only);
            }
            else
            {
                parts.Add(part);
            }
        }

        return parts;
    }

    private GlobPart? Part(int depth)
    {
        switch (pattern[_at])
        {
            case '*':
                var across = _at + 1 < pattern.Length && pattern[_at + 1] == '*';
                _at += across ? 2 : 1;
                return new GlobAny(across);
            case '?':
                _at++;
                return new GlobOne();
            case '[':
                _at++;
                return Set();
            case '{':
                _at++;
                return depth < MostNested ? Choice(depth + 1) : null;
            default:
                return new GlobText(Text(depth > 0 ? "?*[{}," : "?*[{"));
        }
    }

    private GlobChoice? Choice(int depth)
    {
        var alternatives = new List<IReadOnlyList<GlobPart>>();
        while (true)
        {
            if (Sequence(depth) is not { } alternative)
            {
                return null;
            }

            alternatives.Add(alternative);
            if (_at >= pattern.Length || pattern[_at++] == '}')
            {
                return new GlobChoice(alternatives);
            }
        }
    }

    private GlobSet? Set()
    {
        var negated = _at < pattern.Length && pattern[_at] == '!';
        _at += negated ? 1 : 0;
        List<(int, int)> ranges = [];
        if (_at + 1 < pattern.Length && Next(_at) is var second && second < pattern.Length && pattern[second] == '-')
        {
            if (second + 1 >= pattern.Length)
            {
                return null;
            }

            ranges.Add((CodePoint(_at), CodePoint(second + 1)));
            _at = Next(second + 1);
        }
        else
        {
            ranges.AddRange(Text("]").EnumerateRunes().Select(static r => (r.Value, r.Value)));
        }

        return _at < pattern.Length && pattern[_at++] == ']' && ranges.Count > 0 && ranges[0].Item1 <= ranges[0].Item2 ? new GlobSet(ranges, negated) : null;
    }

    private int CodePoint(int at) => char.IsSurrogatePair(pattern, at) ? char.ConvertToUtf32(pattern, at) : pattern[at];

    private int Next(int at) => at + (char.IsSurrogatePair(pattern, at) ? 2 : 1);

    private string Text(string end)
    {
        var text = new StringBuilder();
        for (; _at < pattern.Length && !end.Contains(pattern[_at], StringComparison.Ordinal); _at++)
        {
            // A backslash makes the next character plain; at the end of the pattern it is nothing.
            _at += pattern[_at] == '\\' ? 1 : 0;
            if (_at < pattern.Length)
            {
                text.Append(pattern[_at]);
            }
        }

        _at = Math.Min(_at, pattern.Length);
        return text.ToString();
    }
}
