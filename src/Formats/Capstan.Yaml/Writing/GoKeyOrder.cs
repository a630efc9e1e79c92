using System.Text;

namespace Capstan.Yaml;

/// <summary>
/// go-yaml's natural order of keys: letters after other characters, runs of digits by their value. It is not transitive for all keys,
/// so the sort must bear that.
/// </summary>
internal static class GoKeyOrder
{
    /// <summary>The entries in order.</summary>
    public static ReadOnlySpan<YamlEntry> Sort(YamlMap map, bool lettersFirstAfterDigits)
    {
        var entries = map.AsSpan();
        for (var i = 1; i < entries.Length; i++)
        {
            if (Less(entries[i].Key, entries[i - 1].Key, lettersFirstAfterDigits))
            {
                var sorted = entries.ToArray();
                MergeSort(sorted, new YamlEntry[sorted.Length], lettersFirstAfterDigits);
                return sorted;
            }
        }

        return entries;
    }

    /// <summary>Whether the left key comes before the right one.</summary>
    public static bool Less(string left, string right, bool lettersFirstAfterDigits)
    {
        var same = CommonPrefix(left, right);
        if (same == left.Length || same == right.Length)
        {
            return left.Length < right.Length;
        }

        Rune.DecodeFromUtf16(left.AsSpan(same), out var l, out _);
        Rune.DecodeFromUtf16(right.AsSpan(same), out var r, out _);
        var leftLetter = Rune.IsLetter(l);
        var rightLetter = Rune.IsLetter(r);
        if (leftLetter && rightLetter)
        {
            return l < r;
        }

        if (leftLetter || rightLetter)
        {
            var afterDigit = lettersFirstAfterDigits && same > 0 && Rune.IsDigit(RuneBefore(left, same));
            return afterDigit ? leftLetter : rightLetter;
        }

        // A zero within a number is a digit of it and not its beginning.
        var start = (l.Value == '0' || r.Value == '0') && FollowsNonZeroDigit(left, same) ? 1L : 0L;
        var leftNumber = Number(left, same, start, out var leftDigits);
        var rightNumber = Number(right, same, start, out var rightDigits);
        if (leftNumber != rightNumber)
        {
            return leftNumber < rightNumber;
        }

        return leftDigits != rightDigits ? leftDigits < rightDigits : l < r;
    }

    private static int CommonPrefix(string left, string right)
    {
        var same = left.AsSpan().CommonPrefixLength(right);

        // Not between the halves of a surrogate pair.
        return same > 0 && same < left.Length && same < right.Length && char.IsHighSurrogate(left[same - 1]) ? same - 1 : same;
    }

    private static Rune RuneBefore(string text, int end)
    {
        Rune.DecodeLastFromUtf16(text.AsSpan(0, end), out var rune, out _);
        return rune;
    }

    private static bool FollowsNonZeroDigit(string text, int end)
    {
        while (end > 0)
        {
            Rune.DecodeLastFromUtf16(text.AsSpan(0, end), out var rune, out var length);
            if (!Rune.IsDigit(rune))
            {
                return false;
            }

            if (rune.Value != '0')
            {
                return true;
            }

            end -= length;
        }

        return false;
    }

    // As in Go, long runs of digits overflow silently, and digits of other scripts count by their distance from '0'.
    private static long Number(string text, int start, long number, out int digits)
    {
        digits = 0;
        foreach (var rune in text.AsSpan(start).EnumerateRunes())
        {
            if (!Rune.IsDigit(rune))
            {
                break;
            }

            number = unchecked((number * 10) + (rune.Value - '0'));
            digits++;
        }

        return number;
    }

    private static void MergeSort(Span<YamlEntry> entries, Span<YamlEntry> buffer, bool lettersFirstAfterDigits)
    {
        if (entries.Length < 2)
        {
            return;
        }

        var middle = entries.Length / 2;
        MergeSort(entries[..middle], buffer[..middle], lettersFirstAfterDigits);
        MergeSort(entries[middle..], buffer[middle..], lettersFirstAfterDigits);
        entries.CopyTo(buffer);
        int left = 0, right = middle;
        for (var i = 0; i < entries.Length; i++)
        {
            var takeLeft = right == entries.Length
                || (left < middle && !Less(buffer[right].Key, buffer[left].Key, lettersFirstAfterDigits));
            entries[i] = takeLeft ? buffer[left++] : buffer[right++];
        }
    }
}
