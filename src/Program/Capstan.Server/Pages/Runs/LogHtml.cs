using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Capstan.Api.Runs;
using Microsoft.AspNetCore.Html;

namespace Capstan.Server.Pages.Runs;

/// <summary>A log as HTML: each line with its number and an anchor, groups that open and close (<c>##[group]</c> to <c>##[endgroup]</c>), errors and warnings marked.</summary>
internal sealed class LogHtml
{
    /// <summary>Groups within groups, no deeper than a job can sensibly make them.</summary>
    private const int MostDepth = 8;

    private const string Group = "##[group]";
    private const string EndGroup = "##[endgroup]";
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(System.Text.Unicode.UnicodeRanges.All);
    private static readonly (string Mark, string Class)[] Marks = [("##[error]", "error"), ("##[warning]", "warning"), ("##[notice]", "notice"), ("##[debug]", "debug"), ("##[command]", "told")];
    private readonly StringBuilder _text = new();
    private readonly Stack<string> _open = new();

    /// <summary>What a line is: it opens a group, closes one, or is a line.</summary>
    public static string KindOf(RunLine line) => line.Text.StartsWith(Group, StringComparison.Ordinal) ? "group" : line.Text.StartsWith(EndGroup, StringComparison.Ordinal) ? "end" : "line";

    /// <summary>Lines with their groups. A group that is not closed stays open: more may come.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="flat">Whether groups are shown as lines, as where only some lines are shown.</param>
    /// <param name="link">The address of a line for lists that show only some; null to link to the line itself.</param>
    public static IHtmlContent Of(IReadOnlyList<RunLine> lines, bool flat, Func<RunLine, string>? link = null)
    {
        var html = new LogHtml();
        var openAtEnd = flat ? [] : OpenAtEnd(lines);
        foreach (var line in lines) html.Add(line, flat, openAtEnd, link);
        while (html._open.TryPop(out var end)) html._text.Append(end);
        return new HtmlString(html._text.ToString());
    }

    /// <summary>One line, as it is sent while it comes.</summary>
    /// <param name="line">The line.</param>
    /// <param name="flat">Whether groups are shown as lines.</param>
    public static string Fragment(RunLine line, bool flat) => (flat ? "line" : KindOf(line)) switch
    {
        "group" => $"<li class=\"log-group\"><details open><summary>{Encoder.Encode(AnsiText.Strip(line.Text[Group.Length..]))}</summary><ol></ol></details></li>",
        "end" => "",
        _ => Line(line, null, withJob: flat),
    };

    private static HashSet<long> OpenAtEnd(IReadOnlyList<RunLine> lines)
    {
        // Jobs write side by side, so each has groups of its own.
        var open = new Dictionary<string, Stack<long>>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var kind = KindOf(line);
            if (kind == "line") continue;
            if (!open.TryGetValue(line.Job, out var own)) open[line.Job] = own = new Stack<long>();
            if (kind == "group") own.Push(line.Number);
            else own.TryPop(out _);
        }
        return [.. open.Values.SelectMany(o => o)];
    }

    private void Add(RunLine line, bool flat, HashSet<long> openAtEnd, Func<RunLine, string>? link)
    {
        switch (flat ? "line" : KindOf(line))
        {
            case "group" when _open.Count < MostDepth:
                var isOpen = openAtEnd.Contains(line.Number);
                _text.Append("<li class=\"log-group\"><details").Append(isOpen ? " open data-last" : "").Append("><summary id=\"L").Append(line.Number.ToString(CultureInfo.InvariantCulture)).Append("\">")
                    .Append(Encoder.Encode(AnsiText.Strip(line.Text[Group.Length..]))).Append("</summary><ol>");
                _open.Push("</ol></details></li>");
                break;
            case "group":
                break;
            case "end":
                if (_open.TryPop(out var end)) _text.Append(end);
                break;
            default:
                _text.Append(Line(line, link, withJob: flat && link is null));
                break;
        }
    }

    private static string Line(RunLine line, Func<RunLine, string>? link, bool withJob)
    {
        if (withJob && line.Text.StartsWith(EndGroup, StringComparison.Ordinal)) return "";
        var number = line.Number.ToString(CultureInfo.InvariantCulture);
        var (text, kind) = Marked(line.Text);
        var html = new StringBuilder($"<li id=\"L{number}\"{(kind.Length > 0 ? $" class=\"{kind}\"" : "")}><a class=\"n\" href=\"{(link is null ? "#L" + number : Encoder.Encode(link(line)))}\" tabindex=\"-1\">{number}</a>");
        if (withJob) html.Append("<span class=\"job\">").Append(Encoder.Encode(line.Job)).Append("</span>");
        html.Append(line.Text.StartsWith(Group, StringComparison.Ordinal) ? "<code class=\"bold\">" : "<code>");
        if (kind is "error" or "warning") html.Append("<span class=\"hide\">").Append(kind).Append(": </span>");
        AnsiText.Write(html, text);
        return html.Append("</code></li>").ToString();
    }

    private static (string Text, string Class) Marked(string text)
    {
        foreach (var (mark, name) in Marks)
        {
            if (text.StartsWith(mark, StringComparison.Ordinal)) return (text[mark.Length..], name);
        }
        return (text.StartsWith(Group, StringComparison.Ordinal) ? text[Group.Length..] : text, "");
    }
}
