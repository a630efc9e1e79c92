using System.Buffers;

namespace Capstan.Yaml;

/// <summary>
/// Reads what nearly all manifests and values are made of: block maps and lists, one-line scalars and literal blocks, without tabs, anchors,
/// tags or flow. It never guesses: whatever else it meets, an error too, is left to the whole reader, which decides alone. So it must give the
/// same trees, and nothing where it is not sure.
/// </summary>
internal sealed class SimpleYamlReader
{
    private const int MostDepth = 100;
    private const int MostNodes = 200_000;
    private const int LongestKey = 500;

    // Tabs, carriage returns, and what else ends a line or begins a text in Unicode.
    private static readonly SearchValues<char> Unusual = SearchValues.Create("\t\r\u0085\u2028\u2029\uFEFF");
    private static readonly SearchValues<char> KeyCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-");

    private readonly string _text;
    private readonly ReadLimits _limits;
    private readonly SimpleScalars _scalars;
    private SimpleLines _lines;
    private int _nodes;

    private SimpleYamlReader(string text, ReadLimits limits)
    {
        (_text, _limits, _lines) = (text, limits, new SimpleLines(text));
        _scalars = new SimpleScalars(text, limits.Dialect);
    }

    /// <summary>The documents; null when the text has anything in it that is left to the whole reader.</summary>
    public static List<YamlNode>? TryRead(string text, ReadLimits limits)
    {
        if (text.AsSpan().ContainsAny(Unusual) || limits.MaxDepth < MostDepth || limits.MaxNodes < MostNodes)
        {
            return null;
        }

        try
        {
            return new SimpleYamlReader(text, limits).Documents();
        }
        catch (YamlException)
        {
            // A number without a JSON form, say. The whole reader tells it with its place.
            return null;
        }
    }

    private List<YamlNode>? Documents()
    {
        var documents = new List<YamlNode>();
        if (!_lines.ToContent() || (_lines.IsSeparator && !_lines.Next()))
        {
            return null;
        }

        while (true)
        {
            if (_lines.IsSeparator || Node(_lines.Indent, 0) is not { } document)
            {
                return null;
            }

            documents.Add(document);
            if (_lines.AtEnd)
            {
                return documents;
            }

            if (!_lines.IsSeparator || !_lines.Next())
            {
                return null;
            }
        }
    }

    // What begins on the line that is next, at this indentation.
    private YamlNode? Node(int indent, int depth) =>
        depth >= MostDepth || ++_nodes > MostNodes ? null : _lines.IsItem ? List(indent, depth) : Map(indent, _lines.Content, depth);

    private YamlList? List(int indent, int depth)
    {
        var start = _lines.PositionOf(_lines.Content);
        var items = new List<YamlNode>();
        while (!_lines.AtEnd && _lines.Indent == indent && _lines.IsItem)
        {
            if (_nodes > MostNodes || Item(indent, depth) is not { } item)
            {
                return null;
            }

            items.Add(item);
        }

        return new YamlList(items.ToArray(), start);
    }

    private YamlNode? Item(int indent, int depth)
    {
        var at = _lines.SkipSpaces(_lines.Content + 1);
        if (at == _lines.End || IsComment(at))
        {
            return Below(_lines.Content + 1, indent, listsBeside: false, depth);
        }

        // "- - a" and "- ? a" are rare.
        if (_text[at] is '-' or '?' && (at + 1 == _lines.End || _text[at + 1] == ' '))
        {
            return null;
        }

        return KeyEnd(at) >= 0
            ? depth + 1 >= MostDepth || ++_nodes > MostNodes ? null : Map(at - _lines.Start, at, depth + 1)
            : Value(at, indent);
    }

    // The first key begins at a place of its line, perhaps behind a dash; the others each on a line of their own.
    private YamlMap? Map(int indent, int first, int depth)
    {
        var start = _lines.PositionOf(first);
        var map = new YamlMapBuilder();
        var at = first;
        do
        {
            var end = KeyEnd(at);
            if (end < 0 || _nodes > MostNodes)
            {
                return null;
            }

            var position = _lines.PositionOf(at);
            var key = _scalars.Key(at, end, position);
            if (Entry(end + 1, indent, depth) is not { } value || !map.Add(new YamlEntry(key, value, position)))
            {
                return null;
            }

            if (_lines.AtEnd || _lines.Indent < indent)
            {
                return map.ToMap(start);
            }

            at = _lines.Content;
        }
        while (_lines.Indent == indent && !_lines.IsSeparator);
        return _lines.Indent == indent && _lines.IsSeparator ? map.ToMap(start) : null;
    }

    // Behind the colon of a key.
    private YamlNode? Entry(int behind, int indent, int depth)
    {
        var at = _lines.SkipSpaces(behind);
        return at == _lines.End || IsComment(at) ? Below(behind, indent, listsBeside: true, depth) : Value(at, indent);
    }

    private YamlNode? Below(int behind, int indent, bool listsBeside, int depth)
    {
        var empty = _lines.PositionOf(behind);
        _lines.Next();
        if (!_lines.AtEnd && !_lines.IsSeparator && (_lines.Indent > indent || (listsBeside && _lines.Indent == indent && _lines.IsItem)))
        {
            return Node(_lines.Indent, depth + 1);
        }

        _nodes++;
        return _scalars.Plain("", empty);
    }

    // A value on the line of its key or dash. What follows must not be deeper: it would belong to the value.
    private YamlNode? Value(int at, int indent)
    {
        _nodes++;
        var position = _lines.PositionOf(at);
        YamlNode? value;
        if (_text[at] == '|')
        {
            return _lines.TryReadLiteral(at, indent, out var literal) ? new YamlScalar(literal, ScalarKind.String, ScalarStyle.Literal, position) : null;
        }

        if (_text[at] is '"' or '\'')
        {
            var end = _scalars.QuoteEnd(at, _lines.End);
            value = end > 0 && IsBlank(end) ? _scalars.Quoted(at, end, position) : null;
        }
        else if (_text[at] is '[' or '{')
        {
            value = at + 1 < _lines.End && _text[at + 1] is ']' or '}' && _text[at + 1] == _text[at] + 2 && IsBlank(at + 2)
                ? _text[at] == '[' ? new YamlList(Array.Empty<YamlNode>(), position) : new YamlMapBuilder(0).ToMap(position)
                : null;
        }
        else
        {
            var end = _scalars.PlainEnd(at, _lines.End);
            value = end > 0 ? _scalars.Plain(_text[at..end], position) : null;
        }

        _lines.Next();
        return value is null || (!_lines.AtEnd && _lines.Indent > indent) ? null : value;
    }

    private bool IsComment(int at) => _text[at] == '#' && _text[at - 1] == ' ';

    private bool IsBlank(int at)
    {
        var next = _lines.SkipSpaces(at);
        return next == _lines.End || IsComment(next);
    }

    // Where the key that begins here ends, when a colon and a space or the line's end are behind it; negative otherwise.
    private int KeyEnd(int at)
    {
        int end;
        if (_text[at] is '"' or '\'')
        {
            end = _scalars.QuoteEnd(at, _lines.End);
        }
        else
        {
            var length = char.IsAsciiLetterOrDigit(_text[at]) || _text[at] is '_' or '/' or '.' ? _text.AsSpan(at, _lines.End - at).IndexOfAnyExcept(KeyCharacters) : -1;
            end = length > 0 ? at + length : -1;
        }

        return end > 0 && end - at <= LongestKey && end < _lines.End && _text[end] == ':' && (end + 1 == _lines.End || _text[end + 1] == ' ') ? end : -1;
    }
}
