using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Capstan.Yaml;

namespace Capstan.Delivery.Comparing.Ignoring;

/// <summary>Reads a path. Precedence as in jq: pipe, comma, or, and, comparison.</summary>
internal sealed class JqParser(string text)
{
    private const int MostCharacters = 4_096;
    private const int MostDepth = 64;
    private static readonly string[] Comparisons = ["==", "!=", "<=", ">=", "<", ">"];

    private int _at;
    private int _depth;

    /// <exception cref="FormatException">It is no path, or uses what is not served; the message has the column.</exception>
    public JqNode Parse()
    {
        if (text.Length > MostCharacters)
        {
            throw new FormatException($"it is longer than {MostCharacters} characters");
        }

        var node = Pipe();
        return Skip() < text.Length ? throw Error($"\"{text[_at]}\" was not expected") : node;
    }

    private JqNode Pipe()
    {
        if (++_depth > MostDepth)
        {
            throw Error("it is nested too deep");
        }

        var node = Comma();
        node = Take("|") ? new JqNode.Pipe(node, Pipe()) : node;
        _depth--;
        return node;
    }

    private JqNode Comma()
    {
        var node = Or();
        while (Take(","))
        {
            node = new JqNode.Both(node, Or());
        }

        return node;
    }

    private JqNode Or()
    {
        var node = And();
        while (TakeWord("or"))
        {
            node = new JqNode.Logic(node, IsAnd: false, And());
        }

        return node;
    }

    private JqNode And()
    {
        var node = Comparison();
        while (TakeWord("and"))
        {
            node = new JqNode.Logic(node, IsAnd: true, Comparison());
        }

        return node;
    }

    private JqNode Comparison()
    {
        var left = Postfix();
        foreach (var comparison in Comparisons)
        {
            if (Take(comparison))
            {
                return new JqNode.Compare(left, comparison, Postfix());
            }
        }

        return left;
    }

    private JqNode Postfix()
    {
        var node = Term();
        while (true)
        {
            if (Take("?"))
            {
                node = new JqNode.Optional(node);
            }
            else if (Peek() == '[')
            {
                node = Brackets(node);
            }
            else if (Peek() == '.' && _at + 1 < text.Length && (IsName(text[_at + 1]) || text[_at + 1] is '"' or '['))
            {
                _at++;
                node = text[_at] == '[' ? Brackets(node) : new JqNode.Field(node, text[_at] == '"' ? String() : Name());
            }
            else
            {
                return node;
            }
        }
    }

    private JqNode Term()
    {
        var next = Peek();
        switch (next)
        {
            case '.':
                _at++;
                return _at < text.Length && text[_at] == '"' ? new JqNode.Field(new JqNode.Identity(), String())
                    : _at < text.Length && text[_at] == '.' ? throw Error("recursive descent (..) is not served")
                    : _at < text.Length && IsName(text[_at]) && !char.IsAsciiDigit(text[_at]) ? new JqNode.Field(new JqNode.Identity(), Name())
                    : new JqNode.Identity();
            case '(':
                _at++;
                var inner = Pipe();
                Expect(")");
                return inner;
            case '"':
                return new JqNode.Literal(YamlScalar.String(String()));
            case '-' or (>= '0' and <= '9'):
                return new JqNode.Literal(Number());
            default:
                return Word();
        }
    }

    private JqNode Word()
    {
        var start = _at;
        var word = Peek() is { } c && IsName(c) ? Name() : throw Error(_at < text.Length ? $"\"{text[_at]}\" was not expected" : "it ends too early");
        switch (word)
        {
            case "true" or "false":
                return new JqNode.Literal(YamlScalar.Boolean(word == "true"));
            case "null":
                return new JqNode.Literal(YamlScalar.Null);
            case "not":
                return new JqNode.Not();
            case "select":
                Expect("(");
                var condition = Pipe();
                Expect(")");
                return new JqNode.Select(condition);
            case "startswith" or "endswith" or "contains" or "has" or "test":
                Expect("(");
                var argument = Peek() == '"' ? String() : throw Error($"{word} takes a string here");
                Expect(")");
                return new JqNode.Asks(word, argument, word == "test" ? Pattern(argument) : null);
            default:
                _at = start;
                throw Error($"the function {word} is not served; served are select, startswith, endswith, contains, has, test and not");
        }
    }

    private JqNode Brackets(JqNode of)
    {
        Expect("[");
        JqNode node = Peek() switch
        {
            ']' => new JqNode.Each(of),
            '"' => new JqNode.Field(of, String()),
            '-' or (>= '0' and <= '9') => new JqNode.Item(of, Number().TryGetInteger(out var index) && index is > -100_000 and < 100_000 ? (int)index : throw Error("the index is too large")),
            _ => throw Error("only [], [NUMBER] and [\"KEY\"] are served here"),
        };
        Expect("]");
        return node;
    }

    private Regex Pattern(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw Error($"\"{pattern}\" is no pattern that can be matched in bounded time: {e.Message}");
        }
    }

    private string String()
    {
        var value = new StringBuilder();
        for (_at++; _at < text.Length && text[_at] != '"'; _at++)
        {
            if (text[_at] != '\\')
            {
                value.Append(text[_at]);
                continue;
            }

            _at++;
            value.Append(_at >= text.Length ? throw Error("the string has no end") : text[_at] switch
            {
                '"' or '\\' or '/' => text[_at],
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                _ => throw Error($"\\{text[_at]} is not served in a string"),
            });
        }

        _ = _at < text.Length ? _at++ : throw Error("the string has no end");
        return value.ToString();
    }

    private YamlScalar Number()
    {
        var start = _at++;
        while (_at < text.Length && (char.IsAsciiDigit(text[_at]) || text[_at] == '.'))
        {
            _at++;
        }

        var digits = text[start.._at];
        return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? YamlScalar.Integer(whole)
            : double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? YamlScalar.Float(number)
            : throw Error($"\"{digits}\" is no number");
    }

    private string Name()
    {
        var start = _at;
        while (_at < text.Length && IsName(text[_at]))
        {
            _at++;
        }

        return text[start.._at];
    }

    private static bool IsName(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    private int Skip()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }

        return _at;
    }

    private char? Peek() => Skip() < text.Length ? text[_at] : null;

    private bool Take(string token)
    {
        if (string.CompareOrdinal(text, Skip(), token, 0, token.Length) != 0)
        {
            return false;
        }

        _at += token.Length;
        return true;
    }

    private bool TakeWord(string word) =>
        string.CompareOrdinal(text, Skip(), word, 0, word.Length) == 0 && (_at + word.Length == text.Length || !IsName(text[_at + word.Length])) && Take(word);

    private void Expect(string token)
    {
        if (!Take(token))
        {
            throw Error($"\"{token}\" was expected");
        }
    }

    private FormatException Error(string what) => new($"column {_at + 1}: {what}");
}
