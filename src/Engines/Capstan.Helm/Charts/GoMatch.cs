namespace Capstan.Helm.Charts;

/// <summary>Go's filepath.Match: <c>*</c>, <c>?</c> and <c>[…]</c>, none of which match a slash.</summary>
internal static class GoMatch
{
    /// <summary>Whether the whole name matches; a pattern that is not valid matches nothing.</summary>
    public static bool IsMatch(string pattern, string name)
    {
        // Only the last star can need another try, so the time is bounded by the product of the lengths.
        int p = 0, n = 0, starAt = -1, retryAt = 0;
        while (n < name.Length || p < pattern.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                starAt = p++;
                retryAt = n;
                continue;
            }

            if (p < pattern.Length && n < name.Length && One(pattern, p, name[n], out var width))
            {
                p += width;
                n++;
                continue;
            }

            if (starAt < 0 || retryAt >= name.Length || name[retryAt] == '/')
            {
                return false;
            }

            p = starAt + 1;
            n = ++retryAt;
        }

        return true;
    }

    /// <summary>Whether the pattern is well-formed.</summary>
    public static bool IsValid(string pattern)
    {
        for (var i = 0; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\' when ++i >= pattern.Length:
                    return false;
                case '[':
                    i = ClassEnd(pattern, i);
                    if (i < 0)
                    {
                        return false;
                    }

                    break;
            }
        }

        return true;
    }

    private static bool One(string pattern, int at, char c, out int width)
    {
        width = 1;
        switch (pattern[at])
        {
            case '?':
                return c != '/';
            case '\\':
                width = 2;
                return at + 1 < pattern.Length && pattern[at + 1] == c;
            case '[':
                var end = ClassEnd(pattern, at);
                width = end - at + 1;
                return end > 0 && InClass(pattern.AsSpan(at + 1, end - at - 1), c);
            default:
                return pattern[at] == c;
        }
    }

    private static int ClassEnd(string pattern, int at)
    {
        var start = at + 1 < pattern.Length && pattern[at + 1] == '^' ? at + 2 : at + 1;
        for (var i = start; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\')
            {
                i++;
            }
            else if (pattern[i] == ']' && i > start)
            {
                return i;
            }
        }

        return -1;
    }

    private static bool InClass(ReadOnlySpan<char> set, char c)
    {
        var negated = set.StartsWith("^");
        if (negated)
        {
            set = set[1..];
        }

        var found = false;
        for (var i = 0; i < set.Length; i++)
        {
            i += set[i] == '\\' && i + 1 < set.Length ? 1 : 0;
            var (low, high) = (set[i], set[i]);
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                i += 2;
                i += set[i] == '\\' && i + 1 < set.Length ? 1 : 0;
                high = set[i];
            }

            found |= c >= low && c <= high;
        }

        return found != negated;
    }
}
