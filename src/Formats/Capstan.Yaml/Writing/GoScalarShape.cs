namespace Capstan.Yaml;

/// <summary>What a text allows: which quotes it can do without, and whether it can be a block (libyaml's analysis of scalars).</summary>
internal readonly record struct GoScalarShape(bool Multiline, bool PlainAllowed, bool SingleQuotedAllowed, bool BlockAllowed)
{
    private static readonly GoScalarShape Nothing = new(Multiline: false, PlainAllowed: true, SingleQuotedAllowed: true, BlockAllowed: false);

    public static GoScalarShape Of(string text, bool tabsInBlocks)
    {
        if (text.Length == 0)
        {
            return Nothing;
        }

        var indicators = text.StartsWith("---", StringComparison.Ordinal) || text.StartsWith("...", StringComparison.Ordinal);
        bool breaks = false, special = false, tabs = false, breakThenSpace = false, spaceThenBreak = false;
        bool afterSpace = false, afterBreak = false, afterWhite = true;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var beforeWhite = i + 1 >= text.Length || text[i + 1] is ' ' or '\t';
            indicators |= IsIndicator(c, first: i == 0, afterWhite, beforeWhite);
            tabs |= c == '\t';
            special |= c == '\t' ? !tabsInBlocks : !IsPrintable(c);
            var isBreak = IsBreak(c);
            breaks |= isBreak;
            breakThenSpace |= c == ' ' && afterBreak;
            spaceThenBreak |= isBreak && afterSpace;
            afterSpace = c == ' ';
            afterBreak = isBreak;
            afterWhite = isBreak || c is ' ' or '\t' or '\0';
        }

        var edges = text[0] == ' ' || text[^1] == ' ' || IsBreak(text[0]) || IsBreak(text[^1]);
        var broken = spaceThenBreak || special;
        return new GoScalarShape(
            breaks,
            PlainAllowed: !(edges || breakThenSpace || broken || tabs || breaks || indicators),
            SingleQuotedAllowed: !(breakThenSpace || broken || tabs),
            BlockAllowed: !(text[^1] == ' ' || broken));
    }

    public static bool IsBreak(char c) => c is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029';

    // Characters above U+FFFF, which are surrogate pairs here, are not printable to libyaml.
    public static bool IsPrintable(char c) => c is '\n' or (>= ' ' and <= '~') or (>= '\u00A0' and <= '\uD7FF') or (>= '\uE000' and <= '\uFFFD' and not '\uFEFF');

    private static bool IsIndicator(char c, bool first, bool afterWhite, bool beforeWhite) => c switch
    {
        ':' => beforeWhite,
        '?' or '-' => first && beforeWhite,
        '#' => first || afterWhite,
        ',' or '[' or ']' or '{' or '}' or '&' or '*' or '!' or '|' or '>' or '\'' or '"' or '%' or '@' or '`' => first,
        _ => false,
    };
}
