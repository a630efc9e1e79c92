namespace Capstan.Yaml;

/// <summary>
/// The scanner refuses a block whose first lines are blank and hold as many spaces as its content is indented. YAML allows that, and
/// charts render such blocks; the spaces mean nothing there and are taken out before another try.
/// </summary>
internal static class BlankFirstLines
{
    /// <summary>Tries for one input. Each reads it anew, so that their number bounds the time.</summary>
    public const int MaxRepairs = 64;

    /// <summary>Takes the spaces out of the blank lines above the place of the error, when that is what the error is about.</summary>
    public static bool TryTrim(ref string text, YamlException error)
    {
        if (error.InnerException?.Message.Contains("extra spaces in first line", StringComparison.OrdinalIgnoreCase) != true)
        {
            return false;
        }

        var content = StartOfLine(text, error.Position.Line);
        var indentation = CountSpaces(text.AsSpan(content));
        var from = content;
        while (from > 0)
        {
            var start = text.LastIndexOf('\n', Math.Max(0, from - 2)) + 1;
            var line = text.AsSpan(start, from - start);
            if (start >= from || !line.IsWhiteSpace())
            {
                break;
            }

            if (CountSpaces(line) > indentation)
            {
                return false;
            }

            from = start;
        }

        var blank = text.AsSpan(from, content - from);
        var breaks = blank.Count('\n');
        if (breaks == 0 || breaks == blank.Length)
        {
            return false;
        }

        text = string.Concat(text.AsSpan(0, from), new string('\n', breaks), text.AsSpan(content));
        return true;
    }

    private static int StartOfLine(string text, int line)
    {
        var start = 0;
        for (var i = 1; i < line; i++)
        {
            var next = text.IndexOf('\n', start);
            if (next < 0)
            {
                return start;
            }

            start = next + 1;
        }

        return start;
    }

    private static int CountSpaces(ReadOnlySpan<char> line)
    {
        var count = line.IndexOfAnyExcept(' ');
        return count < 0 ? line.Length : count;
    }
}
