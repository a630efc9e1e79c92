using System.Globalization;

namespace Capstan.Cel.Parsing;

/// <summary>Takes an expression apart into tokens (the specification's Syntax, https://github.com/google/cel-spec/blob/master/doc/langdef.md).</summary>
internal sealed class Lexer(string input)
{
    // The text of the one integer whose value does not fit without its minus.
    public const string SmallestInteger = "9223372036854775808";

    private static readonly string[] Symbols = ["==", "!=", "<=", ">=", "&&", "||"];

    private readonly List<Token> _tokens = [];
    private int _at;

    /// <summary>All tokens; the last is <see cref="TokenKind.End"/>.</summary>
    public List<Token> Read()
    {
        while (SkipSpace())
        {
            _tokens.Add(One());
        }

        _tokens.Add(new Token(TokenKind.End, "<EOF>", input.Length));
        return _tokens;
    }

    private char Peek(int ahead = 0) => _at + ahead < input.Length ? input[_at + ahead] : '\0';

    private bool SkipSpace()
    {
        while (_at < input.Length)
        {
            if (input[_at] is ' ' or '\t' or '\n' or '\r' or '\f')
            {
                _at++;
            }
            else if (input[_at] == '/' && Peek(1) == '/')
            {
                var end = input.IndexOf('\n', _at);
                _at = end < 0 ? input.Length : end;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private Token One()
    {
        var c = input[_at];
        if (char.IsAsciiDigit(c) || c == '.' && char.IsAsciiDigit(Peek(1))) return Number();
        if (StringLiteral.StartsAt(input, _at))
        {
            var start = _at;
            return new Token(TokenKind.Literal, "", start, StringLiteral.Read(input, ref _at));
        }

        if (char.IsAsciiLetter(c) || c == '_') return Name();
        if (c == '`') return QuotedName();
        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(input, _at, symbol, 0, symbol.Length) == 0) return Symbol(symbol);
        }

        return "()[]{},.?:!<>+-*/%".Contains(c, StringComparison.Ordinal) ? Symbol(c.ToString()) : throw Unexpected();
    }

    private Token Symbol(string text)
    {
        _at += text.Length;
        return new Token(TokenKind.Symbol, text, _at - text.Length);
    }

    private Token Name()
    {
        var start = _at;
        while (char.IsAsciiLetterOrDigit(Peek()) || Peek() == '_') _at++;
        var text = input[start.._at];
        CelValue? value = text switch
        {
            "true" => CelBool.True,
            "false" => CelBool.False,
            "null" => CelNull.Value,
            _ => null,
        };
        return new Token(value is null ? TokenKind.Name : TokenKind.Literal, text, start, value);
    }

    // `a.b-c/d`: a field whose name is no identifier.
    private Token QuotedName()
    {
        var start = _at++;
        while (char.IsAsciiLetterOrDigit(Peek()) || Peek() is '_' or '.' or '-' or '/' or ' ') _at++;
        if (Peek() != '`' || _at == start + 1) throw Unexpected();
        return new Token(TokenKind.QuotedName, input[(start + 1).._at++], start);
    }

    private Token Number()
    {
        var start = _at;
        if (input[_at] == '0' && Peek(1) is 'x' or 'X')
        {
            _at += 2;
            while (char.IsAsciiHexDigit(Peek())) _at++;
            return Whole(start, input.AsSpan(start + 2, _at - start - 2), NumberStyles.AllowHexSpecifier);
        }

        while (char.IsAsciiDigit(Peek())) _at++;
        var isWhole = true;
        if (Peek() == '.' && char.IsAsciiDigit(Peek(1)))
        {
            isWhole = false;
            _at++;
            while (char.IsAsciiDigit(Peek())) _at++;
        }

        if (Peek() is 'e' or 'E' && (char.IsAsciiDigit(Peek(1)) || Peek(1) is '+' or '-' && char.IsAsciiDigit(Peek(2))))
        {
            isWhole = false;
            _at += 2;
            while (char.IsAsciiDigit(Peek())) _at++;
        }

        return isWhole ? Whole(start, input.AsSpan(start, _at - start), NumberStyles.None)
            : new Token(TokenKind.Literal, "", start, CelValue.Of(double.Parse(input.AsSpan(start, _at - start), CultureInfo.InvariantCulture)));
    }

    private Token Whole(int start, ReadOnlySpan<char> digits, NumberStyles style)
    {
        var unsigned = Peek() is 'u' or 'U';
        if (unsigned) _at++;
        if (!ulong.TryParse(digits, style, CultureInfo.InvariantCulture, out var value)) throw new CelException("invalid int literal", input, start);
        if (unsigned) return new Token(TokenKind.Literal, "", start, new CelUInt(value));
        if (value <= long.MaxValue) return new Token(TokenKind.Literal, "", start, CelValue.Of((long)value));
        return value == 1UL << 63 ? new Token(TokenKind.Literal, SmallestInteger, start) : throw new CelException("invalid int literal", input, start);
    }

    private CelException Unexpected() => new($"Syntax error: token recognition error at: '{(_at < input.Length ? input[_at] : ' ')}'", input, Math.Min(_at, input.Length));
}
