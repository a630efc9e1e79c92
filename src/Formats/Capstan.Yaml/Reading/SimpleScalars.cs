using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using CoreStyle = YamlDotNet.Core.ScalarStyle;

namespace Capstan.Yaml;

/// <summary>Scalars on one line: where they end, and what they are.</summary>
internal sealed class SimpleScalars(string text, YamlDialect dialect)
{
    /// <summary>The key between two places, quoted or plain.</summary>
    public string Key(int at, int end, Position position)
    {
        var quoted = text[at] is '"' or '\'';
        var value = quoted ? Unquoted(at, end) : text[at..end];
        var style = !quoted ? CoreStyle.Plain : text[at] == '"' ? CoreStyle.DoubleQuoted : CoreStyle.SingleQuoted;
        return ScalarReader.Key(new Scalar(AnchorName.Empty, TagName.Empty, value, style, !quoted, quoted), position, dialect);
    }

    public YamlScalar Plain(string value, Position position) =>
        ScalarReader.Read(new Scalar(AnchorName.Empty, TagName.Empty, value, CoreStyle.Plain, true, false), position, dialect);

    public YamlScalar Quoted(int at, int end, Position position) =>
        new(Unquoted(at, end), ScalarKind.String, text[at] == '"' ? ScalarStyle.DoubleQuoted : ScalarStyle.SingleQuoted, position);

    /// <summary>Where a quoted text that begins here ends, behind its quote; negative when it has escapes or goes on in the next line.</summary>
    public int QuoteEnd(int at, int lineEnd)
    {
        var quote = text[at];
        for (var i = at + 1; i < lineEnd; i++)
        {
            if (quote == '"' && text[i] == '\\')
            {
                return -1;
            }

            if (text[i] != quote)
            {
                continue;
            }

            if (quote == '"' || i + 1 == lineEnd || text[i + 1] != '\'')
            {
                return i + 1;
            }

            i++;
        }

        return -1;
    }

    /// <summary>Where a plain text that begins here ends; negative when it is none, or holds what a plain text must not.</summary>
    public int PlainEnd(int at, int lineEnd)
    {
        if (text[at] is '&' or '*' or '!' or '>' or '%' or '@' or '`' or ',' or ']' or '}' or '#' or '|' or '?' or ':' or '-'
            && !(text[at] is '-' or ':' or '?' && at + 1 < lineEnd && text[at + 1] is not (' ' or ',' or '[' or ']' or '{' or '}')))
        {
            return -1;
        }

        for (var i = at; i < lineEnd; i++)
        {
            if (text[i] == ':' && (i + 1 == lineEnd || text[i + 1] == ' '))
            {
                return -1;
            }

            if (text[i] == '#' && text[i - 1] == ' ')
            {
                lineEnd = i;
            }
        }

        while (text[lineEnd - 1] == ' ')
        {
            lineEnd--;
        }

        return lineEnd;
    }

    private string Unquoted(int at, int end)
    {
        var inner = text[(at + 1)..(end - 1)];
        return text[at] == '\'' ? inner.Replace("''", "'", StringComparison.Ordinal) : inner;
    }
}
