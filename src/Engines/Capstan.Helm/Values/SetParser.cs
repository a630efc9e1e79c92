using System.Globalization;
using System.Text;
using Capstan.GoTemplates;
using Capstan.Helm.Data;
using Capstan.Yaml;

namespace Capstan.Helm.Values;

/// <summary>How the text behind a key is read.</summary>
internal enum SetKind
{
    /// <summary><c>--set</c>: true, false, null and integers are recognized.</summary>
    Typed,

    /// <summary><c>--set-string</c>: always a string.</summary>
    Text,

    /// <summary><c>--set-json</c>: JSON.</summary>
    Json,

    /// <summary><c>--set-file</c>: the name of a file whose content is the value.</summary>
    File,

    /// <summary><c>--set-literal</c>: everything behind the first <c>=</c>, as it is.</summary>
    Literal,
}

/// <summary>Reads <c>a.b[0].c=value,d={x,y}</c> into values (Helm, strvals).</summary>
internal sealed class SetParser
{
    private const int MaxIndex = 65_536;
    private const int MaxNesting = 30;

    private readonly string _text;
    private readonly SetKind _kind;
    private readonly Func<string, string>? _readFile;
    private int _at;

    private SetParser(string text, SetKind kind, Func<string, string>? readFile)
    {
        _text = text;
        _kind = kind;
        _readFile = readFile;
    }

    private bool AtEnd => _at >= _text.Length;

    /// <summary>Sets what the text says.</summary>
    /// <param name="text">The text.</param>
    /// <param name="kind">How values are read.</param>
    /// <param name="values">Where they are set.</param>
    /// <param name="readFile">Reads a file, for <see cref="SetKind.File"/>.</param>
    /// <exception cref="GoException">The text is not valid.</exception>
    public static void Apply(string text, SetKind kind, GoMap values, Func<string, string>? readFile = null)
    {
        var parser = new SetParser(text, kind, readFile);
        try
        {
            while (!parser.AtEnd)
            {
                parser.Key(values, 0);
            }
        }
        catch (EndOfTextException)
        {
            // As in Helm, a text that ends within an index is cut there without a word.
        }
    }

    private void Key(GoMap values, int nesting)
    {
        var key = Until(_kind == SetKind.Literal ? "=[." : "=[,.", out var last);
        switch (last)
        {
            case '\0':
                // The end: fine between pairs, an error within one.
                if (key.Length > 0)
                {
                    throw new GoException($"key {GoQuote.Quote(key)} has no value");
                }

                return;
            case '[':
                var index = Index();
                var list = values.TryGetValue(key, out var known) ? known : new GoArray([]);
                var items = list switch
                {
                    GoList l => Functions.ListFunctions.Items(l, "").ToList(),
                    _ => throw Panic(list, "[]interface {}"),
                };
                Item(items, index, nesting);
                Set(values, key, new GoArray([.. items]));
                return;
            case '=':
                Set(values, key, Value());
                return;
            case ',':
                Set(values, key, "");
                throw new GoException($"key {GoQuote.Quote(key)} has no value (cannot end with ,)");
            default:
                Nested(values, key, nesting + 1);
                return;
        }
    }

    private void Nested(GoMap values, string key, int nesting)
    {
        if (nesting > MaxNesting)
        {
            throw new GoException($"value name nested level is greater than maximum supported nested level of {MaxNesting}");
        }

        var inner = new GoMap();
        if (values.TryGetValue(key, out var known))
        {
            inner = known as GoMap ?? throw Panic(known, "map[string]interface {}");
        }

        var before = _at;
        Key(inner, nesting);
        if (inner.Count == 0 && _at > before)
        {
            throw new GoException($"key map {GoQuote.Quote(key)} has no value");
        }

        if (inner.Count > 0)
        {
            Set(values, key, inner);
        }
    }

    private void Item(List<object?> items, int index, int nesting)
    {
        if (index < 0)
        {
            throw new GoException($"negative {index} index not allowed");
        }

        var between = Until("[.=", out var last);
        if (between.Length > 0)
        {
            throw new GoException($"unexpected data at end of array index: [{string.Join(' ', between.Select(static c => GoQuote.Quote(c.ToString()) is var q && c != '\'' ? $"'{q[1..^1]}'" : "'\\''"))}]");
        }

        switch (last)
        {
            case '\0':
                return;
            case '=':
                SetIndex(items, index, Value());
                return;
            case '[':
                var nextIndex = Index();
                var inner = index < items.Count && items[index] is { } known
                    ? Functions.ListFunctions.Items(known as GoList ?? throw Panic(known, "[]interface {}"), "").ToList()
                    : [];
                Item(inner, nextIndex, nesting);
                SetIndex(items, index, new GoArray([.. inner]));
                return;
            default:
                var map = index < items.Count && items[index] is GoMap present ? present : new GoMap();
                Key(map, nesting);
                SetIndex(items, index, map);
                return;
        }
    }

    private static void SetIndex(List<object?> items, int index, object? value)
    {
        if (index > MaxIndex)
        {
            throw new GoException($"index of {index} is greater than maximum supported index of {MaxIndex}");
        }

        while (items.Count <= index)
        {
            items.Add(null);
        }

        items[index] = value;
    }

    private static void Set(GoMap values, string key, object? value)
    {
        if (key.Length > 0)
        {
            values[key] = value;
        }
    }

    private int Index()
    {
        var text = Until("]", out var last);
        if (last == '\0')
        {
            throw new EndOfTextException();
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
        {
            throw new GoException($"error parsing index: strconv.Atoi: parsing {GoQuote.Quote(text)}: "
                + (text.Length > 0 && text.All(char.IsAsciiDigit) ? "value out of range" : "invalid syntax"));
        }

        return index > MaxIndex
            ? throw new GoException($"index of {index} is greater than maximum supported index of {MaxIndex}")
            : (int)Math.Max(index, int.MinValue);
    }

    private object? Value()
    {
        if (_kind == SetKind.Literal)
        {
            var rest = _text[_at..];
            _at = _text.Length;
            return rest;
        }

        if (_kind == SetKind.Json)
        {
            return Json();
        }

        if (AtEnd)
        {
            return "";
        }

        return _text[_at] == '{' ? List() : Read(Until(",", out _));
    }

    private GoArray List()
    {
        _at++;
        var items = new List<object?>();
        while (true)
        {
            var item = Until(",}", out var last);
            if (last == '\0')
            {
                throw new GoException("list must terminate with '}'");
            }

            items.Add(Read(item));
            if (last == '}')
            {
                _at += !AtEnd && _text[_at] == ',' ? 1 : 0;
                return new GoArray([.. items]);
            }
        }
    }

    private object? Read(string text) => _kind switch
    {
        SetKind.Text => text,
        SetKind.File => _readFile!(text),
        _ => Typed(text),
    };

    private static object? Typed(string text)
    {
        if (text.Equals("true", StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        if (text.Equals("false", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        if (text.Equals("null", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (text == "0")
        {
            return 0L;
        }

        // A leading zero is part of a name, not of a number.
        return text.Length > 0 && text[0] != '0' && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1])
            && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : text;
    }

    private object? Json()
    {
        if (SkipSpaceAndComma())
        {
            return null;
        }

        var end = JsonEnd();
        var text = _text[_at..end];
        if (GoJsonSyntax.Problem(text) is { } problem)
        {
            throw new GoException(problem);
        }

        _at = end;
        SkipSpaceAndComma();
        try
        {
            return GoTree.ToValue(JsonText.Read(text));
        }
        catch (YamlException error)
        {
            throw new GoException(error.Problem);
        }
    }

    // Whether there is nothing before the next comma or the end.
    private bool SkipSpaceAndComma()
    {
        while (!AtEnd && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }

        if (AtEnd || _text[_at] == ',')
        {
            _at += AtEnd ? 0 : 1;
            return true;
        }

        return false;
    }

    private int JsonEnd()
    {
        var depth = 0;
        for (var i = _at; i < _text.Length; i++)
        {
            switch (_text[i])
            {
                case '"':
                    for (i++; i < _text.Length && _text[i] != '"'; i++)
                    {
                        i += _text[i] == '\\' ? 1 : 0;
                    }

                    if (depth == 0)
                    {
                        return Math.Min(i + 1, _text.Length);
                    }

                    break;
                case '{' or '[':
                    depth++;
                    break;
                case '}' or ']':
                    if (--depth <= 0)
                    {
                        return i + 1;
                    }

                    break;
                case ',' or ' ' or '\n' or '\t' when depth == 0:
                    return i;
            }
        }

        return _text.Length;
    }

    // Reads to one of the characters; a backslash takes the next one as it is. '\0' means the end was reached.
    private string Until(string stops, out char last)
    {
        var output = new StringBuilder();
        while (!AtEnd)
        {
            var c = _text[_at++];
            if (stops.Contains(c, StringComparison.Ordinal))
            {
                last = c;
                return output.ToString();
            }

            if (c == '\\' && _kind != SetKind.Literal)
            {
                if (AtEnd)
                {
                    break;
                }

                c = _text[_at++];
            }

            output.Append(c);
        }

        last = '\0';
        return output.ToString();
    }

    private sealed class EndOfTextException() : GoException("EOF");

    private static GoException Panic(object? value, string wanted) => new(
        $"unable to parse key: interface conversion: interface {{}} is {(value is null ? "nil" : GoType.Of(value).Name)}, not {wanted}");
}
