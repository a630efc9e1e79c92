using System.Buffers;

namespace Capstan.Yaml;

/// <summary>How go-yaml writes a string.</summary>
internal static class GoQuoting
{
    private static readonly SearchValues<char> DigitsAndUnderscore = SearchValues.Create("0123456789_");

    /// <summary>The style for a string.</summary>
    /// <param name="text">The string.</param>
    /// <param name="shape">What it allows.</param>
    /// <param name="simpleKey">Whether it is written as a key on one line.</param>
    public static ScalarStyle Choose(string text, GoScalarShape shape, bool simpleKey)
    {
        var style = text.Contains('\n', StringComparison.Ordinal) ? ScalarStyle.Literal
            : LooksLikeText(text) ? ScalarStyle.Plain
            : ScalarStyle.DoubleQuoted;
        if (simpleKey && shape.Multiline)
        {
            style = ScalarStyle.DoubleQuoted;
        }

        if (style == ScalarStyle.Plain && !shape.PlainAllowed)
        {
            style = ScalarStyle.SingleQuoted;
        }

        return style switch
        {
            ScalarStyle.SingleQuoted when !shape.SingleQuotedAllowed => ScalarStyle.DoubleQuoted,
            ScalarStyle.Literal when !shape.BlockAllowed || simpleKey => ScalarStyle.DoubleQuoted,
            _ => style,
        };
    }

    private static bool LooksLikeText(string text) => GoScalar.Resolve(text).Tag == GoTags.String && !IsBase60(text);

    // [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?, a number of YAML 1.1 that go-yaml never reads but still quotes.
    private static bool IsBase60(ReadOnlySpan<char> text)
    {
        text = text is ['+' or '-', ..] ? text[1..] : text;
        if (text.IsEmpty || !char.IsAsciiDigit(text[0]))
        {
            return false;
        }

        text = SkipDigits(text);
        var groups = 0;
        while (text is [':', >= '0' and <= '9', ..])
        {
            text = text is [_, <= '5', >= '0' and <= '9', ..] ? text[3..] : text[2..];
            groups++;
        }

        return groups > 0 && (text.IsEmpty || (text[0] == '.' && SkipDigits(text[1..]).IsEmpty));
    }

    private static ReadOnlySpan<char> SkipDigits(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExcept(DigitsAndUnderscore);
        return end < 0 ? [] : text[end..];
    }
}
