namespace Capstan.Scalars;

/// <summary>
/// Where the parts of a version end in a text. Read by hand: these few rules are asked whenever a chart is loaded, and to build automata for
/// them would take longer than most charts take to render.
/// </summary>
internal static class VersionText
{
    private static readonly System.Buffers.SearchValues<char> Spaces = System.Buffers.SearchValues.Create(" \t\n\f\r");

    /// <summary>Where white space (Go's <c>\s</c>) that begins at a position ends.</summary>
    public static int SkipSpace(ReadOnlySpan<char> text, int at)
    {
        var length = text[at..].IndexOfAnyExcept(Spaces);
        return length < 0 ? text.Length : at + length;
    }

    /// <summary>Where a version that begins at a position ends; negative when none begins there.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where it begins.</param>
    /// <param name="open">Whether its numbers may be open, as in <c>1.x</c> of a range.</param>
    /// <param name="parts">Where its parts are.</param>
    public static int Read(ReadOnlySpan<char> text, int at, bool open, out VersionParts parts)
    {
        parts = default;
        at += At(text, at) == 'v' ? 1 : 0;
        var end = Number(text, at, open);
        if (end == at)
        {
            return -1;
        }

        parts.Major = at..end;
        parts.Minor = DottedNumber(text, ref end, open);
        parts.Patch = parts.Minor.Start.Equals(parts.Minor.End) ? end..end : DottedNumber(text, ref end, open);
        parts.Prerelease = Identifiers(text, ref end, '-');
        parts.Metadata = Identifiers(text, ref end, '+');
        return end;
    }

    private static Range DottedNumber(ReadOnlySpan<char> text, ref int end, bool open)
    {
        var start = end;
        if (At(text, end) == '.' && Number(text, end + 1, open) is var numberEnd && numberEnd > end + 1)
        {
            end = numberEnd;
        }

        return start..end;
    }

    private static int Number(ReadOnlySpan<char> text, int at, bool open)
    {
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || (open && text[at] is 'x' or 'X' or '|' or '*')))
        {
            at++;
        }

        return at;
    }

    // The sign is part of it; nothing follows a sign that no identifier follows.
    private static Range Identifiers(ReadOnlySpan<char> text, ref int end, char sign)
    {
        var start = end;
        for (var separator = sign; At(text, end) == separator; separator = '.')
        {
            var next = end + 1;
            while (next < text.Length && (char.IsAsciiLetterOrDigit(text[next]) || text[next] == '-'))
            {
                next++;
            }

            if (next == end + 1)
            {
                break;
            }

            end = next;
        }

        return start..end;
    }

    private static char At(ReadOnlySpan<char> text, int at) => at < text.Length ? text[at] : '\0';
}

/// <summary>Where the parts of a version are in a text: numbers but the first with their dot, the others with their sign; empty when left out.</summary>
internal struct VersionParts
{
    public Range Major;
    public Range Minor;
    public Range Patch;
    public Range Prerelease;
    public Range Metadata;
}
