using System.Buffers;
using System.Globalization;
using System.Text;

namespace Capstan.GoTemplates;

/// <summary>Escaping for HTML, JavaScript and queries, as Go writes it.</summary>
public static class Escaping
{
    private static readonly SearchValues<char> HtmlSpecial = SearchValues.Create("\0\"'&<>");

    /// <summary>Go's <c>html</c>.</summary>
    internal static string Html(string text)
    {
        if (text.AsSpan().IndexOfAny(HtmlSpecial) < 0)
        {
            return text;
        }

        var output = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            switch (c)
            {
                case '\0':
                    output.Append('\uFFFD');
                    break;
                case '"':
                    output.Append("&#34;");
                    break;
                case '\'':
                    output.Append("&#39;");
                    break;
                case '&':
                    output.Append("&amp;");
                    break;
                case '<':
                    output.Append("&lt;");
                    break;
                case '>':
                    output.Append("&gt;");
                    break;
                default:
                    output.Append(c);
                    break;
            }
        }

        return output.ToString();
    }

    /// <summary>Go's <c>js</c>.</summary>
    internal static string JavaScript(string text)
    {
        var output = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '\\' or '\'' or '"':
                    output.Append('\\').Append((char)rune.Value);
                    break;
                case '<' or '>' or '&' or '=' or < ' ':
                    output.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}");
                    break;
                case < 0x80:
                    output.Append((char)rune.Value);
                    break;
                default:
                    output.Append(GoQuote.IsPrint(rune) ? rune.ToString() : $"\\u{rune.Value:X4}");
                    break;
            }
        }

        return output.ToString();
    }

    /// <summary>Go's <c>url.QueryEscape</c>.</summary>
    public static string UrlQuery(string text) => Percent(text, "-_.~", plusForSpace: true);

    /// <summary>Replaces bytes by %XX, but for letters, digits and those given.</summary>
    public static string Percent(string text, string unescaped, bool plusForSpace = false)
    {
        var output = new StringBuilder(text.Length + 16);
        foreach (var b in GoText.ToBytes(text))
        {
            var c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || unescaped.Contains(c, StringComparison.Ordinal))
            {
                output.Append(c);
            }
            else if (c == ' ' && plusForSpace)
            {
                output.Append('+');
            }
            else
            {
                output.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }

        return output.ToString();
    }
}
