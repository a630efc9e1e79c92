using System.Text;
using System.Text.Encodings.Web;

namespace Capstan.Server.Documentation;

/// <summary>The part of Markdown that Capstan's own pages are written in, as HTML: headings, paragraphs, lists, indented and fenced code, tables, and within lines code,
/// bold, italic and links. All text is encoded; no HTML passes through.</summary>
internal sealed class MarkdownHtml
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(System.Text.Unicode.UnicodeRanges.All);
    private readonly string[] _lines;
    private readonly Func<string, string> _link;
    private readonly StringBuilder _html = new();
    private int _at;

    private MarkdownHtml(string text, Func<string, string> link) => (_lines, _link) = (text.ReplaceLineEndings("\n").Split('\n'), link);

    /// <summary>A page as HTML.</summary>
    /// <param name="text">The Markdown.</param>
    /// <param name="link">Where a link of the page leads; empty for a link that is not followed.</param>
    public static string Of(string text, Func<string, string> link)
    {
        var page = new MarkdownHtml(text, link);
        while (page._at < page._lines.Length) page.Block();
        return page._html.ToString();
    }

    /// <summary>The first heading; empty where there is none.</summary>
    public static string TitleOf(string text) => text.Split('\n').FirstOrDefault(l => l.StartsWith("# ", StringComparison.Ordinal))?[2..].Replace("`", "", StringComparison.Ordinal).Trim() ?? "";

    /// <summary>The anchor of a heading.</summary>
    public static string Anchor(string heading) => string.Concat(heading.ToLowerInvariant().Where(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '-')).Trim().Replace(' ', '-');

    private void Block()
    {
        var line = _lines[_at];
        if (line.Trim().Length == 0) _at++;
        else if (line.StartsWith("```", StringComparison.Ordinal)) Fenced();
        else if (line.StartsWith("    ", StringComparison.Ordinal)) Indented();
        else if (Level(line) is > 0 and var level) Heading(level, line[(level + 1)..].Trim());
        else if (line.StartsWith('|')) Table();
        else if (Item(line) is not null) List();
        else Paragraph();
    }

    private void Fenced()
    {
        var code = new StringBuilder();
        for (_at++; _at < _lines.Length && !_lines[_at].StartsWith("```", StringComparison.Ordinal); _at++) code.Append(_lines[_at]).Append('\n');
        _at++;
        Code(code.ToString());
    }

    private void Indented()
    {
        var code = new StringBuilder();
        while (_at < _lines.Length && (_lines[_at].StartsWith("    ", StringComparison.Ordinal) || (_lines[_at].Trim().Length == 0 && _at + 1 < _lines.Length && _lines[_at + 1].StartsWith("    ", StringComparison.Ordinal))))
        {
            code.Append(_lines[_at].Length > 4 ? _lines[_at][4..] : "").Append('\n');
            _at++;
        }
        Code(code.ToString());
    }

    // The end of a line means nothing to HTML, and is what keeps code apart.
    private static string Encoded(string text) => Encoder.Encode(text).Replace("&#xA;", "\n", StringComparison.Ordinal);

    private void Code(string text) => _html.Append("<pre class=\"code\" tabindex=\"0\" aria-label=\"Code\">").Append(Encoded(text.TrimEnd('\n'))).Append("</pre>\n");

    private void Heading(int level, string text)
    {
        _at++;
        _html.Append($"<h{level} id=\"{Anchor(text)}\">").Append(Inline(text)).Append($"</h{level}>\n");
    }

    private void Paragraph()
    {
        var text = new StringBuilder();
        while (_at < _lines.Length && _lines[_at].Trim().Length > 0 && Level(_lines[_at]) == 0 && !_lines[_at].StartsWith('|') && !_lines[_at].StartsWith("```", StringComparison.Ordinal) && (text.Length == 0 || Item(_lines[_at]) is null))
        {
            text.Append(text.Length == 0 ? "" : "\n").Append(_lines[_at++].Trim());
        }
        _html.Append("<p>").Append(Inline(text.ToString())).Append("</p>\n");
    }

    private void List()
    {
        var ordered = char.IsAsciiDigit(_lines[_at][0]);
        _html.Append(ordered ? "<ol>" : "<ul>");
        while (_at < _lines.Length && Item(_lines[_at]) is { } first)
        {
            var text = new StringBuilder(first);
            // What is set in by two belongs to the item.
            for (_at++; _at < _lines.Length && _lines[_at].StartsWith("  ", StringComparison.Ordinal) && _lines[_at].Trim().Length > 0; _at++) text.Append('\n').Append(_lines[_at].Trim());
            _html.Append("<li>").Append(Inline(text.ToString())).Append("</li>");
        }
        _html.Append(ordered ? "</ol>\n" : "</ul>\n");
    }

    private void Table()
    {
        var rows = new List<string[]>();
        while (_at < _lines.Length && _lines[_at].StartsWith('|')) rows.Add(Cells(_lines[_at++]));
        var hasHead = rows.Count > 1 && rows[1].All(c => c.Length > 0 && c.All(x => x is '-' or ':'));
        _html.Append("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table class=\"list\">");
        if (hasHead) _html.Append("<thead><tr>").Append(string.Concat(rows[0].Select(c => c.Length > 0 ? $"<th scope=\"col\">{Inline(c)}</th>" : "<td></td>"))).Append("</tr></thead>");
        _html.Append("<tbody>");
        foreach (var row in rows.Skip(hasHead ? 2 : 0)) _html.Append("<tr>").Append(string.Concat(row.Select(c => $"<td>{Inline(c)}</td>"))).Append("</tr>");
        _html.Append("</tbody></table></div>\n");
    }

    // A bar within code is text.
    private static string[] Cells(string line)
    {
        var cells = new List<string>();
        var (start, inCode) = (1, false);
        var trimmed = line.TrimEnd();
        for (var i = 1; i < trimmed.Length; i++)
        {
            if (trimmed[i] == '`') inCode = !inCode;
            if (trimmed[i] != '|' || inCode || trimmed[i - 1] == '\\') continue;
            cells.Add(trimmed[start..i].Trim().Replace("\\|", "|", StringComparison.Ordinal));
            start = i + 1;
        }
        return [.. cells];
    }

    private static int Level(string line)
    {
        var level = 0;
        while (level < line.Length && line[level] == '#') level++;
        return level is > 0 and <= 6 && level < line.Length && line[level] == ' ' ? level : 0;
    }

    private static string? Item(string line)
    {
        if (line.StartsWith("- ", StringComparison.Ordinal) || line.StartsWith("* ", StringComparison.Ordinal)) return line[2..];
        var dot = line.IndexOf(". ", StringComparison.Ordinal);
        return dot is > 0 and < 4 && line[..dot].All(char.IsAsciiDigit) ? line[(dot + 2)..] : null;
    }

    private string Inline(string text)
    {
        var html = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == '`' && text.IndexOf('`', at + 1) is > 0 and var end)
            {
                html.Append("<code>").Append(Encoded(text[(at + 1)..end])).Append("</code>");
                at = end + 1;
            }
            else if (text[at] == '[' && Link(text, at, out var link, out var behind))
            {
                html.Append(link);
                at = behind;
            }
            else if (Marked(text, at, "**", "strong", html, out behind) || Marked(text, at, "*", "em", html, out behind)) at = behind;
            else html.Append(Encoded(text[at++].ToString()));
        }
        return html.ToString();
    }

    private bool Marked(string text, int at, string mark, string tag, StringBuilder html, out int behind)
    {
        behind = at;
        if (string.CompareOrdinal(text, at, mark, 0, mark.Length) != 0) return false;
        var start = at + mark.Length;
        var end = text.IndexOf(mark, start, StringComparison.Ordinal);
        if (end <= start || char.IsWhiteSpace(text[start]) || char.IsWhiteSpace(text[end - 1])) return false;
        html.Append($"<{tag}>").Append(Inline(text[start..end])).Append($"</{tag}>");
        behind = end + mark.Length;
        return true;
    }

    private bool Link(string text, int at, out string html, out int behind)
    {
        (html, behind) = ("", at);
        var close = text.IndexOf("](", at, StringComparison.Ordinal);
        var end = close < 0 ? -1 : text.IndexOf(')', close);
        if (end < 0) return false;
        var target = _link(text[(close + 2)..end]);
        var label = Inline(text[(at + 1)..close]);
        html = target.Length == 0 ? label : $"<a href=\"{Encoded(target)}\">{label}</a>";
        behind = end + 1;
        return true;
    }
}
