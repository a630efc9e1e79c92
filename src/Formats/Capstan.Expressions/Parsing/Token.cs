namespace Capstan.Expressions.Parsing;

/// <summary>What a token is.</summary>
internal enum TokenKind
{
    End,
    LeftParenthesis,
    RightParenthesis,
    LeftBracket,
    RightBracket,
    Comma,
    Dot,
    Not,
    NotEqual,
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    And,
    Or,
    Star,
    Name,
    Literal,
}

/// <summary>One token.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text as written.</param>
/// <param name="Offset">Where it begins, from 0.</param>
/// <param name="Value">The value of a literal.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Offset, ExpressionValue? Value = null)
{
    /// <summary>How an error names it.</summary>
    public string Shown => Kind switch
    {
        TokenKind.End => "EOF",
        TokenKind.Literal when Value is { Kind: ValueKind.String } text => text.Text,
        _ => Text,
    };
}
