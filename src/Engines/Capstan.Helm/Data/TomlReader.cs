using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Capstan.GoTemplates;

namespace Capstan.Helm.Data;

/// <summary>Reads TOML.</summary>
internal sealed class TomlReader
{
    private static readonly SearchValues<char> IntegerCharacters = SearchValues.Create("0123456789+-");

    private readonly string _text;
    private string _lastKey = "";
    private int _at;

    private TomlReader(string text) => _text = text;

    private char Current => _at < _text.Length ? _text[_at] : '\0';

    /// <summary>Reads a document; integers become int64.</summary>
    /// <exception cref="GoException">The text is no TOML.</exception>
    public static GoMap Read(string text) => new TomlReader(text.ReplaceLineEndings("\n")).Document();

    private GoMap Document()
    {
        var root = new GoMap();
        var table = root;
        while (true)
        {
            SkipBlank();
            if (_at >= _text.Length)
            {
                return root;
            }

            if (Current == '[')
            {
                table = Header(root);
            }
            else
            {
                Pair(table);
            }

            SkipSpace();
            SkipComment();
            if (_at < _text.Length && Current != '\n')
            {
                throw Fail($"expected a top-level item to end with a newline, comment, or EOF, but got '{Current}' instead");
            }
        }
    }

    private GoMap Header(GoMap root)
    {
        var isArray = _text.AsSpan(_at).StartsWith("[[");
        _at += isArray ? 2 : 1;
        var path = Path();
        foreach (var close in isArray ? "]]" : "]")
        {
            if (Current != close)
            {
                throw Fail("expected end of table name, but got '" + Current + "' instead");
            }

            _at++;
        }

        var table = root;
        for (var i = 0; i < path.Count - 1; i++)
        {
            table = Descend(table, path[i]);
        }

        if (!isArray)
        {
            return Descend(table, path[^1]);
        }

        var item = new GoMap();
        var known = table[path[^1]] as GoArray;
        table[path[^1]] = new GoArray([.. known?.AsSpan().ToArray() ?? [], item], GoType.ListOf(GoType.MapOfAny));
        return item;
    }

    private GoMap Descend(GoMap table, string key)
    {
        if (!table.TryGetValue(key, out var value))
        {
            var inner = new GoMap();
            table[key] = inner;
            return inner;
        }

        return value switch
        {
            GoMap map => map,
            GoArray { Count: > 0 } list when list[list.Count - 1] is GoMap last => last,
            _ => throw Fail($"Key '{key}' has already been defined."),
        };
    }

    private void Pair(GoMap table)
    {
        var path = Path();
        if (Current != '=')
        {
            throw Fail($"expected '.' or '=', but got '{Current}' instead");
        }

        _at++;
        SkipSpace();
        _lastKey = string.Join('.', path);
        var value = Value();
        for (var i = 0; i < path.Count - 1; i++)
        {
            table = Descend(table, path[i]);
        }

        if (table.ContainsKey(path[^1]))
        {
            throw Fail($"Key '{string.Join('.', path)}' has already been defined.");
        }

        table[path[^1]] = value;
    }

    private List<string> Path()
    {
        var path = new List<string>();
        while (true)
        {
            SkipSpace();
            path.Add(Key());
            SkipSpace();
            if (Current != '.')
            {
                return path;
            }

            _at++;
        }
    }

    private string Key()
    {
        if (Current is '"' or '\'')
        {
            return Text();
        }

        var start = _at;
        while (char.IsAsciiLetterOrDigit(Current) || Current is '-' or '_')
        {
            _at++;
        }

        return _at > start ? _text[start.._at] : throw Fail($"expected a key, but got '{Current}' instead");
    }

    private object Value()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (Current)
        {
            case '"' or '\'':
                return Text();
            case '[':
                return List();
            case '{':
                return Inline();
        }

        var start = _at;
        while (_at < _text.Length && Current is not (',' or ']' or '}' or '\n' or '#'))
        {
            _at++;
        }

        return Scalar(_text[start.._at].TrimEnd(' ', '\t'));
    }

    private object Scalar(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        switch (digits)
        {
            case "true":
                return true;
            case "false":
                return false;
            case "inf" or "+inf":
                return double.PositiveInfinity;
            case "-inf":
                return double.NegativeInfinity;
            case "nan" or "+nan" or "-nan":
                return double.NaN;
        }

        if (digits.AsSpan().IndexOfAnyExcept(IntegerCharacters) < 0 || digits.StartsWith("0x", StringComparison.Ordinal)
            || digits.StartsWith("0o", StringComparison.Ordinal) || digits.StartsWith("0b", StringComparison.Ordinal))
        {
            if (Functions.Conversions.ParseInteger(digits) is { } integer)
            {
                return integer;
            }
        }

        if (digits.Length > 0 && (char.IsAsciiDigit(digits[0]) || digits[0] is '+' or '-') && Functions.Conversions.ParseFloat(digits) is { } number)
        {
            return number;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? new Time.GoTime(time)
            : throw Fail(text.Length == 0 ? "unexpected EOF; expected value" : $"expected value but found \"{text}\" instead");
    }

    private GoArray List()
    {
        var items = new List<object?>();
        _at++;
        while (true)
        {
            SkipBlank();
            if (Current == ']')
            {
                _at++;
                return new GoArray([.. items]);
            }

            items.Add(Value());
            SkipBlank();
            if (Current == ',')
            {
                _at++;
            }
            else if (Current != ']')
            {
                throw Fail("expected a comma (',') or array terminator (']')");
            }
        }
    }

    private GoMap Inline()
    {
        var map = new GoMap();
        _at++;
        while (true)
        {
            SkipBlank();
            if (Current == '}')
            {
                _at++;
                return map;
            }

            Pair(map);
            SkipBlank();
            if (Current == ',')
            {
                _at++;
            }
            else if (Current != '}')
            {
                throw Fail("expected a comma or an inline table terminator '}'");
            }
        }
    }

    private string Text()
    {
        var quote = Current;
        var multiline = _text.AsSpan(_at).StartsWith(new string(quote, 3));
        _at += multiline ? 3 : 1;
        if (multiline && Current == '\n')
        {
            _at++;
        }

        var output = new StringBuilder();
        while (true)
        {
            if (_at >= _text.Length || (Current == '\n' && !multiline))
            {
                throw Fail("unexpected end of string");
            }

            if (Current == quote && (!multiline || _text.AsSpan(_at).StartsWith(new string(quote, 3))))
            {
                _at += multiline ? 3 : 1;
                return output.ToString();
            }

            if (Current == '\\' && quote == '"')
            {
                Escape(output, multiline);
            }
            else
            {
                output.Append(Current);
                _at++;
            }
        }
    }

    private void Escape(StringBuilder output, bool multiline)
    {
        _at++;
        var c = Current;
        _at++;
        switch (c)
        {
            case 'b' or 't' or 'n' or 'f' or 'r' or '"' or '\\' or 'e':
                output.Append(c switch { 'b' => '\b', 't' => '\t', 'n' => '\n', 'f' => '\f', 'r' => '\r', 'e' => '\x1b', _ => c });
                break;
            case 'u' or 'U':
                var length = c == 'u' ? 4 : 8;
                if (_at + length > _text.Length || !int.TryParse(_text.AsSpan(_at, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
                    || !Rune.TryCreate(code, out var rune))
                {
                    throw Fail("invalid unicode escape");
                }

                _at += length;
                output.Append(rune.ToString());
                break;
            case '\n' or ' ' or '\t' when multiline:
                while (Current is ' ' or '\t' or '\n')
                {
                    _at++;
                }

                break;
            default:
                throw Fail($"invalid escape in string '\\{c}'");
        }
    }

    private void SkipSpace()
    {
        while (Current is ' ' or '\t')
        {
            _at++;
        }
    }

    private void SkipComment()
    {
        if (Current == '#')
        {
            var end = _text.IndexOf('\n', _at);
            _at = end < 0 ? _text.Length : end;
        }
    }

    private void SkipBlank()
    {
        while (true)
        {
            SkipSpace();
            SkipComment();
            if (Current != '\n' || _at >= _text.Length)
            {
                return;
            }

            _at++;
        }
    }

    private GoException Fail(string problem)
    {
        var line = 1 + _text.AsSpan(0, Math.Min(_at, _text.Length)).Count('\n');
        return new GoException($"toml: line {line}{(_lastKey.Length > 0 ? $" (last key {GoQuote.Quote(_lastKey)})" : "")}: {problem}");
    }
}
