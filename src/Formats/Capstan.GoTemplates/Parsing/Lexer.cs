using System.Text;

namespace Capstan.GoTemplates;

/// <summary>Splits a template into tokens, one at a time (text/template/parse, lex.go).</summary>
internal sealed class Lexer(string input)
{
    private const string LeftDelimiter = "{{";
    private const string RightDelimiter = "}}";

    private static readonly Dictionary<string, TokenKind> Keywords = new(StringComparer.Ordinal)
    {
        ["block"] = TokenKind.Block,
        ["break"] = TokenKind.Break,
        ["continue"] = TokenKind.Continue,
        ["define"] = TokenKind.Define,
        ["else"] = TokenKind.Else,
        ["end"] = TokenKind.End,
        ["if"] = TokenKind.If,
        ["nil"] = TokenKind.Nil,
        ["range"] = TokenKind.Range,
        ["template"] = TokenKind.Template,
        ["with"] = TokenKind.With,
    };

    private int _position;
    private int _start;
    private int _line = 1;
    private int _startLine = 1;
    private int _parentheses;
    private bool _insideAction;
    private bool _failed;
    private Token _pending;
    private bool _hasPending;

    private int Current => _position < input.Length ? input[_position] : -1;

    public Token Next()
    {
        if (_hasPending)
        {
            _hasPending = false;
            return _pending;
        }

        if (_failed)
        {
            return new Token(TokenKind.Eof, _position, "EOF", _startLine);
        }

        return _insideAction ? InsideAction() : Text();
    }

    private Token Emit(TokenKind kind)
    {
        var token = new Token(kind, _start, input[_start.._position], _startLine);
        Ignore();
        return token;
    }

    private void Ignore()
    {
        _line += input.AsSpan(_start, _position - _start).Count('\n');
        _start = _position;
        _startLine = _line;
    }

    private Token Fail(string message)
    {
        _failed = true;
        return new Token(TokenKind.Error, _start, message, _startLine);
    }

    private bool At(string text, int position) => string.CompareOrdinal(input, position, text, 0, text.Length) == 0;

    private Token Text()
    {
        while (true)
        {
            var delimiter = input.IndexOf(LeftDelimiter, _position, StringComparison.Ordinal);
            if (delimiter < 0)
            {
                if (_position < input.Length)
                {
                    _position = input.Length;
                    return Emit(TokenKind.Text);
                }

                return Emit(TokenKind.Eof) with { Value = "EOF" };
            }

            var afterDelimiter = delimiter + LeftDelimiter.Length;
            var end = delimiter;
            if (HasLeftTrim(afterDelimiter))
            {
                while (end > _start && IsSpace(input[end - 1]))
                {
                    end--;
                }
            }

            Token? text = null;
            if (end > _start)
            {
                _position = end;
                text = Emit(TokenKind.Text);
            }

            _position = delimiter;
            Ignore();
            var comment = LeftDelimiterOrComment();
            if (comment is { } token)
            {
                if (text is not { } before)
                {
                    return token;
                }

                _pending = token;
                _hasPending = true;
                return before;
            }

            if (text is { } only)
            {
                return only;
            }
        }
    }

    // Null after a comment.
    private Token? LeftDelimiterOrComment()
    {
        _position += LeftDelimiter.Length;
        var trim = HasLeftTrim(_position) ? 2 : 0;
        if (At("/*", _position + trim))
        {
            _position += trim;
            Ignore();
            return Comment();
        }

        var token = Emit(TokenKind.LeftDelimiter);
        _position += trim;
        Ignore();
        _parentheses = 0;
        _insideAction = true;
        return token;
    }

    private Token? Comment()
    {
        var end = input.IndexOf("*/", _position + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            return Fail("unclosed comment");
        }

        _position = end + 2;
        if (!AtRightDelimiter(out var trim))
        {
            return Fail("comment ends before closing delimiter");
        }

        SkipRightDelimiter(trim);
        return null;
    }

    private void SkipRightDelimiter(bool trim)
    {
        _position += (trim ? 2 : 0) + RightDelimiter.Length;
        while (trim && _position < input.Length && IsSpace(input[_position]))
        {
            _position++;
        }

        Ignore();
    }

    private bool AtRightDelimiter(out bool trim)
    {
        trim = _position + 1 < input.Length && IsSpace(input[_position]) && input[_position + 1] == '-' && At(RightDelimiter, _position + 2);
        return trim || At(RightDelimiter, _position);
    }

    private Token EmitRightDelimiter(bool trim)
    {
        if (trim)
        {
            _position += 2;
            Ignore();
        }

        _position += RightDelimiter.Length;
        var token = Emit(TokenKind.RightDelimiter);
        while (trim && _position < input.Length && IsSpace(input[_position]))
        {
            _position++;
        }

        Ignore();
        _insideAction = false;
        return token;
    }

    private Token InsideAction()
    {
        if (AtRightDelimiter(out var trim))
        {
            return _parentheses == 0 ? EmitRightDelimiter(trim) : Fail("unclosed left paren");
        }

        if (Current < 0)
        {
            return Fail("unclosed action");
        }

        var c = input[_position];
        if (IsSpace(c))
        {
            return Space();
        }

        _position++;
        switch (c)
        {
            case '=':
                return Emit(TokenKind.Assign);
            case ':':
                if (Current != '=')
                {
                    return Fail("expected :=");
                }

                _position++;
                return Emit(TokenKind.Declare);
            case '|':
                return Emit(TokenKind.Pipe);
            case '"':
                return Quoted('"', TokenKind.String, "unterminated quoted string");
            case '`':
                return RawQuoted();
            case '$':
                return FieldOrVariable(TokenKind.Variable);
            case '\'':
                return Quoted('\'', TokenKind.CharConstant, "unterminated character constant");
            case '.' when Current is < '0' or > '9':
                return FieldOrVariable(TokenKind.Field);
            case '.' or '+' or '-' or (>= '0' and <= '9'):
                _position--;
                return Number();
            case '(':
                _parentheses++;
                return Emit(TokenKind.LeftParenthesis);
            case ')':
                _parentheses--;
                return _parentheses < 0 ? Fail("unexpected right paren") : Emit(TokenKind.RightParenthesis);
            default:
                _position--;
                return IsAlphanumeric(_position, out _) ? Identifier() : OtherCharacter();
        }
    }

    private Token OtherCharacter()
    {
        var c = input[_position];
        if (c is >= ' ' and < '\x7f')
        {
            _position++;
            return Emit(TokenKind.Char);
        }

        return Fail($"unrecognized character in action: {UnicodeAt(_position)}");
    }

    // A run of spaces; the last one may belong to a trimming right delimiter.
    private Token Space()
    {
        while (Current >= 0 && IsSpace((char)Current))
        {
            _position++;
        }

        if (Current == '-' && At(RightDelimiter, _position + 1))
        {
            _position--;
            if (_position == _start)
            {
                return EmitRightDelimiter(trim: true);
            }
        }

        return Emit(TokenKind.Space);
    }

    private Token Identifier()
    {
        SkipAlphanumeric();
        if (!AtTerminator())
        {
            return Fail($"bad character {UnicodeAt(_position)}");
        }

        var word = input[_start.._position];
        return Emit(Keywords.TryGetValue(word, out var keyword) ? keyword : word is "true" or "false" ? TokenKind.Bool : TokenKind.Identifier);
    }

    private Token FieldOrVariable(TokenKind kind)
    {
        if (AtTerminator())
        {
            return Emit(kind == TokenKind.Variable ? kind : TokenKind.Dot);
        }

        SkipAlphanumeric();
        return AtTerminator() ? Emit(kind) : Fail($"bad character {UnicodeAt(_position)}");
    }

    private bool AtTerminator() =>
        Current is -1 or '.' or ',' or '|' or ':' or ')' or '(' || IsSpace((char)Current) || At(RightDelimiter, _position);

    private Token Quoted(char quote, TokenKind kind, string unterminated)
    {
        while (true)
        {
            var c = Current;
            _position++;
            if (c == '\\')
            {
                c = Current;
                _position++;
                if (c is not (-1 or '\n'))
                {
                    continue;
                }
            }

            if (c is -1 or '\n')
            {
                return Fail(unterminated);
            }

            if (c == quote)
            {
                return Emit(kind);
            }
        }
    }

    private Token RawQuoted()
    {
        var end = input.IndexOf('`', _position);
        if (end < 0)
        {
            return Fail("unterminated raw quoted string");
        }

        _position = end + 1;
        return Emit(TokenKind.RawString);
    }

    private Token Number()
    {
        if (!ScanNumber())
        {
            return Fail($"bad number syntax: {GoQuote.Quote(input[_start.._position])}");
        }

        if (Current is not ('+' or '-'))
        {
            return Emit(TokenKind.Number);
        }

        return ScanNumber() && input[_position - 1] == 'i'
            ? Emit(TokenKind.Complex)
            : Fail($"bad number syntax: {GoQuote.Quote(input[_start.._position])}");
    }

    private bool ScanNumber()
    {
        Accept("+-");
        var digits = "0123456789_";
        if (Accept("0"))
        {
            digits = Accept("xX") ? "0123456789abcdefABCDEF_" : Accept("oO") ? "01234567_" : Accept("bB") ? "01_" : digits;
        }

        AcceptRun(digits);
        if (Accept("."))
        {
            AcceptRun(digits);
        }

        if ((digits.Length == 11 && Accept("eE")) || (digits.Length == 23 && Accept("pP")))
        {
            Accept("+-");
            AcceptRun("0123456789_");
        }

        Accept("i");
        if (IsAlphanumeric(_position, out var width))
        {
            _position += width;
            return false;
        }

        return true;
    }

    private bool Accept(string valid)
    {
        if (Current >= 0 && valid.Contains((char)Current, StringComparison.Ordinal))
        {
            _position++;
            return true;
        }

        return false;
    }

    private void AcceptRun(string valid)
    {
        while (Accept(valid))
        {
        }
    }

    private void SkipAlphanumeric()
    {
        while (IsAlphanumeric(_position, out var width))
        {
            _position += width;
        }
    }

    private bool IsAlphanumeric(int position, out int width)
    {
        width = 1;
        if (position >= input.Length)
        {
            return false;
        }

        var c = input[position];
        if (c < 0x80)
        {
            return c == '_' || char.IsAsciiLetterOrDigit(c);
        }

        if (!Rune.TryGetRuneAt(input, position, out var rune))
        {
            return false;
        }

        width = rune.Utf16SequenceLength;
        return Rune.IsLetter(rune) || Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.DecimalDigitNumber;
    }

    private string UnicodeAt(int position) => position >= input.Length
        ? "U+FFFFFFFFFFFFFFFF"
        : GoQuote.Unicode(Rune.TryGetRuneAt(input, position, out var rune) ? rune : Rune.ReplacementChar);

    private bool HasLeftTrim(int position) => position + 1 < input.Length && input[position] == '-' && IsSpace(input[position + 1]);

    private static bool IsSpace(char c) => c is ' ' or '\t' or '\r' or '\n';
}
