using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace Capstan.Server.Pages.Runs;

/// <summary>Lines with the escape sequences of terminals (ECMA-48) as HTML: colours and weights become classes, every other sequence is left out.
/// All text is encoded.</summary>
internal static class AnsiText
{
    private const char Escape = '\e';
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(System.Text.Unicode.UnicodeRanges.All);

    /// <summary>One line. A colour does not reach over its end: lines are looked at one by one.</summary>
    public static void Write(StringBuilder into, string line)
    {
        var look = default(Look);
        var at = 0;
        while (at < line.Length)
        {
            var next = line.IndexOf(Escape, at);
            var end = next < 0 ? line.Length : next;
            if (end > at) WriteSpan(into, Plain(line[at..end]), look);
            if (next < 0) return;
            at = Skip(line, next, ref look);
        }
    }

    /// <summary>The text without its sequences.</summary>
    public static string Strip(string line)
    {
        if (!line.Contains(Escape, StringComparison.Ordinal)) return line;
        var text = new StringBuilder();
        var look = default(Look);
        for (var at = 0; at < line.Length;)
        {
            if (line[at] == Escape) at = Skip(line, at, ref look);
            else text.Append(line[at++]);
        }
        return text.ToString();
    }

    private static void WriteSpan(StringBuilder into, string text, Look look)
    {
        if (text.Length == 0) return;
        var classes = look.Classes;
        if (classes.Length == 0) into.Append(Encoder.Encode(text));
        else into.Append("<span class=\"").Append(classes).Append("\">").Append(Encoder.Encode(text)).Append("</span>");
    }

    // What a bar of progress wrote over is not there any more on a terminal either.
    private static string Plain(string text)
    {
        var carriage = text.TrimEnd('\r').LastIndexOf('\r');
        return string.Concat((carriage < 0 ? text : text[(carriage + 1)..]).Where(c => c == '\t' || !char.IsControl(c)));
    }

    /// <returns>The place behind the sequence that begins here.</returns>
    private static int Skip(string line, int at, ref Look look)
    {
        if (at + 1 >= line.Length) return line.Length;
        switch (line[at + 1])
        {
            case '[':
                var end = at + 2;
                while (end < line.Length && line[end] is >= ' ' and <= '?') end++;
                if (end < line.Length && line[end] == 'm') look = look.With(line[(at + 2)..end]);
                return Math.Min(end + 1, line.Length);
            case ']':
                // A title or a link: to its end, which is a bell or ESC \.
                var bell = line.IndexOf('\a', at);
                var terminator = line.IndexOf("\e\\", at + 2, StringComparison.Ordinal);
                if (bell < 0 && terminator < 0) return line.Length;
                return terminator >= 0 && (bell < 0 || terminator < bell) ? terminator + 2 : bell + 1;
            default:
                return Math.Min(at + 2, line.Length);
        }
    }

    /// <summary>How text looks: a colour of 1 to 16, 0 for none.</summary>
    private readonly record struct Look(int Front, int Back, bool Bold, bool Dim, bool Italic, bool Underlined)
    {
        public string Classes => string.Join(' ', new[]
        {
            Front > 0 ? $"f{(Front - 1).ToString(CultureInfo.InvariantCulture)}" : "", Back > 0 ? $"b{(Back - 1).ToString(CultureInfo.InvariantCulture)}" : "",
            Bold ? "bold" : "", Dim ? "dim" : "", Italic ? "italic" : "", Underlined ? "under" : "",
        }.Where(c => c.Length > 0));

        public Look With(string parameters)
        {
            var look = this;
            var codes = parameters.Split(';', ':');
            for (var i = 0; i < codes.Length; i++)
            {
                var code = codes[i].Length == 0 ? 0 : int.TryParse(codes[i], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
                if (code is 38 or 48)
                {
                    // One of 256 colours, or red, green and blue: the nearest that both themes have is none; the text stays readable without.
                    var palette = i + 2 < codes.Length && codes[i + 1] == "5" && int.TryParse(codes[i + 2], NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < 16 ? index + 1 : 0;
                    look = code == 38 ? look with { Front = palette } : look with { Back = palette };
                    i += i + 1 < codes.Length && codes[i + 1] == "2" ? 4 : 2;
                    continue;
                }
                look = code switch
                {
                    0 => default,
                    1 => look with { Bold = true },
                    2 => look with { Dim = true },
                    3 => look with { Italic = true },
                    4 => look with { Underlined = true },
                    22 => look with { Bold = false, Dim = false },
                    23 => look with { Italic = false },
                    24 => look with { Underlined = false },
                    >= 30 and <= 37 => look with { Front = code - 29 },
                    39 => look with { Front = 0 },
                    >= 40 and <= 47 => look with { Back = code - 39 },
                    49 => look with { Back = 0 },
                    >= 90 and <= 97 => look with { Front = code - 81 },
                    >= 100 and <= 107 => look with { Back = code - 91 },
                    _ => look,
                };
            }
            return look;
        }
    }
}
