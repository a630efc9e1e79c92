using Capstan.Yaml;

namespace Capstan.Promotion.Writing;

/// <summary>Changes scalars of a YAML text in place: everything else, comments and layout too, stays as it was.</summary>
internal sealed class YamlEdit(string text, string path)
{
    private readonly List<string> _lines = [.. text.Split('\n')];
    private readonly List<(int Line, int Column, string Value)> _replacements = [];
    private readonly List<(int AfterLine, string Line)> _insertions = [];

    public IReadOnlyList<YamlMap> Documents { get; } = [.. YamlText.ReadAll(System.Text.Encoding.UTF8.GetBytes(text)).OfType<YamlMap>()];

    /// <summary>Writes another value where a scalar stands.</summary>
    public void Replace(YamlScalar scalar, string value)
    {
        if (scalar.Text == value) return;
        if (!scalar.Position.IsKnown || scalar.Style is not (ScalarStyle.Plain or ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted)) throw Wrong(scalar.Position, "is a block of text, which is not edited");
        _replacements.Add((scalar.Position.Line - 1, scalar.Position.Column - 1, value));
    }

    /// <summary>Adds a line below another, as deep as a column says.</summary>
    public void InsertBelow(Position position, int column, string line) => _insertions.Add((position.Line - 1, new string(' ', column - 1) + line));

    /// <summary>Adds lines at the end.</summary>
    public void Append(params ReadOnlySpan<string> lines)
    {
        var last = _lines.Count - 1;
        foreach (var line in lines) _insertions.Add((_lines[last].Length == 0 && last > 0 ? last - 1 : last, line));
    }

    /// <summary>The changed text.</summary>
    public string Finish()
    {
        foreach (var (line, column, value) in _replacements.OrderByDescending(r => r.Line).ThenByDescending(r => r.Column))
        {
            var (start, end) = Extent(_lines[line], column, line);
            var quote = _lines[line][start] is '"' or '\'' ? _lines[line][start].ToString() : NeedsQuotes(value) ? "\"" : "";
            _lines[line] = $"{_lines[line][..start]}{quote}{value}{quote}{_lines[line][end..]}";
        }

        foreach (var group in _insertions.GroupBy(i => i.AfterLine).OrderByDescending(g => g.Key)) _lines.InsertRange(group.Key + 1, group.Select(i => i.Line));
        return string.Join('\n', _lines);
    }

    public PromotionException Wrong(Position position, string why) => new($"{path}:{position}: {why}");

    private (int Start, int End) Extent(string line, int start, int number)
    {
        if (start >= line.Length) throw Wrong(new Position(number + 1, start + 1), "there is nothing to replace");
        if (line[start] is '"' or '\'')
        {
            var close = line.IndexOf(line[start], start + 1);
            return close > 0 ? (start, close + 1) : throw Wrong(new Position(number + 1, start + 1), "goes on over several lines, which is not edited");
        }

        var end = start;
        while (end < line.Length && line[end] is not ('\r' or ',' or '}' or ']') && !(line[end] == ' ' && end + 1 < line.Length && line[end + 1] == '#')) end++;
        return (start, start + line[start..end].TrimEnd().Length);
    }

    // What would be read as a number, or as something else than text.
    private static bool NeedsQuotes(string value) => value.Length == 0 || value.All(c => char.IsAsciiDigit(c) || c is '.' or 'e' or 'E' or '+' or '-' or '_' or ':') || value is "true" or "false" or "null" or "yes" or "no" or "on" or "off" or "~";
}
