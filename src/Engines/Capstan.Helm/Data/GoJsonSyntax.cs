using System.Globalization;
using Capstan.GoTemplates;

namespace Capstan.Helm.Data;

/// <summary>Says in the words of Go's encoding/json what is wrong with a JSON text.</summary>
internal ref struct GoJsonSyntax
{
    private const int MaxDepth = 10_000;

    private readonly ReadOnlySpan<char> _text;
    private int _at;

    private GoJsonSyntax(string text) => _text = text;

    /// <summary>The first error, or null when the text is one JSON value.</summary>
    public static string? Problem(string text)
    {
        var syntax = new GoJsonSyntax(text);
        return syntax.Document();
    }

    private string? Document()
    {
        var stack = new Stack<char>();
        var state = "looking for beginning of value";
        while (true)
        {
            SkipSpace();
            if (_at >= _text.Length)
            {
                return state == "after top-level value" ? null : "unexpected end of JSON input";
            }

            var c = _text[_at];
            switch (state)
            {
                case "after top-level value":
                    return Invalid(state);
                case "looking for beginning of object key string" when c == '}' && Opened():
                case "after object key:value pair" when c == '}':
                case "looking for beginning of value" when c == ']' && stack.Count > 0 && stack.Peek() == '[' && Opened():
                case "after array element" when c == ']':
                    _at++;
                    stack.Pop();
                    state = After(stack);
                    continue;
                case "looking for beginning of object key string" when c == '"':
                    if (Text() is { } badKey)
                    {
                        return badKey;
                    }

                    state = "after object key";
                    continue;
                case "after object key" when c == ':':
                    _at++;
                    state = "looking for beginning of value";
                    continue;
                case "after object key:value pair" when c == ',':
                    _at++;
                    state = "looking for beginning of object key string";
                    continue;
                case "after array element" when c == ',':
                    _at++;
                    state = "looking for beginning of value";
                    continue;
                case "looking for beginning of value":
                    if (c is '{' or '[')
                    {
                        _at++;
                        stack.Push(c);
                        if (stack.Count > MaxDepth)
                        {
                            return "exceeded max depth";
                        }

                        state = c == '{' ? "looking for beginning of object key string" : state;
                        continue;
                    }

                    if (Scalar(c) is { } problem)
                    {
                        return problem;
                    }

                    state = After(stack);
                    continue;
                default:
                    return Invalid(state);
            }
        }
    }

    // Whether nothing but space stands between the last bracket and here.
    private readonly bool Opened() => _text[.._at].TrimEnd(" \t\r\n") is [.., '{' or '['];

    private static string After(Stack<char> stack) =>
        stack.Count == 0 ? "after top-level value" : stack.Peek() == '{' ? "after object key:value pair" : "after array element";

    private string? Scalar(char c)
    {
        if (c == '"')
        {
            return Text();
        }

        if (c == '-' || char.IsAsciiDigit(c))
        {
            return Number();
        }

        var word = c switch
        {
            't' => "true",
            'f' => "false",
            'n' => "null",
            _ => null,
        };
        if (word is null)
        {
            return Invalid("looking for beginning of value");
        }

        for (var i = 0; i < word.Length; i++, _at++)
        {
            if (_at >= _text.Length)
            {
                // Go's scanner sees a blank at the end.
                return $"invalid character ' ' in literal {word} (expecting {QuoteChar(word[i])})";
            }

            if (_text[_at] != word[i])
            {
                return Invalid($"in literal {word} (expecting {QuoteChar(word[i])})");
            }
        }

        return null;
    }

    private string? Number()
    {
        if (_text[_at] == '-' && (++_at >= _text.Length || !char.IsAsciiDigit(_text[_at])))
        {
            return _at >= _text.Length ? "unexpected end of JSON input" : Invalid("in numeric literal");
        }

        if (_text[_at] == '0')
        {
            _at++;
        }
        else
        {
            SkipDigits();
        }

        if (_at < _text.Length && _text[_at] == '.')
        {
            _at++;
            if (!SkipDigits())
            {
                return _at >= _text.Length ? "unexpected end of JSON input" : Invalid("after decimal point in numeric literal");
            }
        }

        if (_at < _text.Length && _text[_at] is 'e' or 'E')
        {
            _at++;
            if (_at < _text.Length && _text[_at] is '+' or '-')
            {
                _at++;
            }

            if (!SkipDigits())
            {
                return _at >= _text.Length ? "unexpected end of JSON input" : Invalid("in exponent of numeric literal");
            }
        }

        return null;
    }

    private bool SkipDigits()
    {
        var start = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
        {
            _at++;
        }

        return _at > start;
    }

    private string? Text()
    {
        for (_at++; _at < _text.Length; _at++)
        {
            var c = _text[_at];
            if (c == '"')
            {
                _at++;
                return null;
            }

            if (c < ' ')
            {
                return Invalid("in string literal");
            }

            if (c != '\\')
            {
                continue;
            }

            if (++_at >= _text.Length)
            {
                break;
            }

            if (_text[_at] == 'u')
            {
                for (var i = 0; i < 4; i++)
                {
                    if (++_at >= _text.Length)
                    {
                        return "unexpected end of JSON input";
                    }

                    if (!char.IsAsciiHexDigit(_text[_at]))
                    {
                        return Invalid("in \\u hexadecimal character escape");
                    }
                }
            }
            else if (_text[_at] is not ('b' or 'f' or 'n' or 'r' or 't' or '\\' or '/' or '"'))
            {
                return Invalid("in string escape code");
            }
        }

        return "unexpected end of JSON input";
    }

    private void SkipSpace()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\t' or '\r' or '\n')
        {
            _at++;
        }
    }

    private readonly string Invalid(string where) => $"invalid character {QuoteChar(_text[_at])} {where}";

    private static string QuoteChar(char c) => c switch
    {
        '\'' => "'\\''",
        '"' => "'\"'",
        _ => string.Create(CultureInfo.InvariantCulture, $"'{GoQuote.Quote(c.ToString())[1..^1]}'"),
    };
}
