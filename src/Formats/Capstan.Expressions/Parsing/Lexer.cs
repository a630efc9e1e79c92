namespace Capstan.Expressions.Parsing;

/// <summary>Takes an expression apart into tokens.</summary>
internal sealed class Lexer(string input)
{
    private readonly List<Token> _tokens = [];
    private int _start;
    private int _at;

    /// <summary>All tokens; the last is <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="ExpressionException">A character or word belongs to no token.</exception>
    public IReadOnlyList<Token> Read()
    {
        while (_at < input.Length)
        {
            _start = _at;
            ReadOne(input[_at++]);
        }

        // An error at the end points to what was read last, as GitHub's does.
        _tokens.Add(new Token(TokenKind.End, "", _start));
        return _tokens;
    }

    private void ReadOne(char c)
    {
        switch (c)
        {
            case ' ' or '\r' or '\t' or '\n':
                break;
            case '(':
                Add(TokenKind.LeftParenthesis);
                break;
            case ')':
                Add(TokenKind.RightParenthesis);
                break;
            case '[':
                Add(TokenKind.LeftBracket);
                break;
            case ']':
                Add(TokenKind.RightBracket);
                break;
            case ',':
                Add(TokenKind.Comma);
                break;
            case '*':
                Add(TokenKind.Star);
                break;
            case '.' when Previous is TokenKind.Name or TokenKind.RightBracket or TokenKind.RightParenthesis or TokenKind.Star:
                Add(TokenKind.Dot);
                break;
            case '!':
                Add(Follows('=') ? TokenKind.NotEqual : TokenKind.Not);
                break;
            case '<':
                Add(Follows('=') ? TokenKind.LessOrEqual : TokenKind.Less);
                break;
            case '>':
                Add(Follows('=') ? TokenKind.GreaterOrEqual : TokenKind.Greater);
                break;
            case '=' when Follows('='):
                Add(TokenKind.Equal);
                break;
            case '&' when Follows('&'):
                Add(TokenKind.And);
                break;
            case '|' when Follows('|'):
                Add(TokenKind.Or);
                break;
            case '\'':
                ReadText();
                break;
            case '.' or '-' or '+' or (>= '0' and <= '9'):
                ReadNumber();
                break;
            default:
                ReadName();
                break;
        }
    }

    private TokenKind Previous => _tokens.Count == 0 ? TokenKind.End : _tokens[^1].Kind;

    private string Lexeme => input[_start.._at];

    private bool Follows(char wanted)
    {
        if (_at >= input.Length || input[_at] != wanted) return false;
        _at++;
        return true;
    }

    private void Add(TokenKind kind, ExpressionValue? value = null) => _tokens.Add(new Token(kind, Lexeme, _start, value));

    private void ReadNumber()
    {
        while (_at < input.Length && (input[_at] == '.' || !IsBoundary(input[_at]))) _at++;
        var number = JavaScriptNumbers.Parse(Lexeme);
        if (double.IsNaN(number)) throw Unexpected();
        Add(TokenKind.Literal, ExpressionValue.Of(number));
    }

    private void ReadText()
    {
        while (true)
        {
            var quote = input.IndexOf('\'', _at);
            if (quote < 0)
            {
                _at = input.Length;
                throw Unexpected();
            }

            _at = quote + 1;
            if (_at < input.Length && input[_at] == '\'')
            {
                _at++;
                continue;
            }

            Add(TokenKind.Literal, ExpressionValue.Of(input[(_start + 1)..(_at - 1)].Replace("''", "'", StringComparison.Ordinal)));
            return;
        }
    }

    private void ReadName()
    {
        while (_at < input.Length && !IsBoundary(input[_at])) _at++;
        var name = Lexeme;
        if (!IsName(name)) throw Unexpected();
        var value = Previous == TokenKind.Dot ? null : name switch
        {
            "true" => ExpressionValue.Of(true),
            "false" => ExpressionValue.Of(false),
            "null" => ExpressionValue.Null,
            "NaN" => ExpressionValue.Of(double.NaN),
            "Infinity" => ExpressionValue.Of(double.PositiveInfinity),
            _ => null,
        };
        Add(value is null ? TokenKind.Name : TokenKind.Literal, value);
    }

    private ExpressionException Unexpected() => new($"Unexpected symbol: '{Lexeme}'", input, _start);

    private static bool IsBoundary(char c) => c is '(' or '[' or ')' or ']' or ',' or '.' or '!' or '>' or '<' or '=' or '&' or '|' or '\uFEFF' || (char.IsWhiteSpace(c) && c != '\u0085');

    private static bool IsName(string text) =>
        text is [var first, ..] && (char.IsAsciiLetter(first) || first == '_') && !text.AsSpan(1).ContainsAnyExcept(NameCharacters);

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
}
