namespace Capstan.GoTemplates;

internal enum TokenKind : byte
{
    Error,
    Bool,
    Char,
    CharConstant,
    Complex,
    Assign,
    Declare,
    Eof,
    Field,
    Identifier,
    LeftDelimiter,
    LeftParenthesis,
    Number,
    Pipe,
    RawString,
    RightDelimiter,
    RightParenthesis,
    Space,
    String,
    Text,
    Variable,

    // Keywords from here on.
    Block,
    Break,
    Continue,
    Dot,
    Define,
    Else,
    End,
    If,
    Nil,
    Range,
    Template,
    With,
}

/// <param name="Kind">What it is.</param>
/// <param name="Position">Offset in the text.</param>
/// <param name="Value">The text of the token, or the message of an error.</param>
/// <param name="Line">The line on which it starts, from 1.</param>
internal readonly record struct Token(TokenKind Kind, int Position, string Value, int Line)
{
    /// <summary>The token as Go's messages show it.</summary>
    public override string ToString() => Kind switch
    {
        TokenKind.Eof => "EOF",
        TokenKind.Error => Value,
        >= TokenKind.Block when Kind != TokenKind.Dot => $"<{Value}>",
        TokenKind.Dot => "<.>",
        _ when GoText.ByteLength(Value) > 10 => GoQuote.Quote(GoFormat.TruncateRunes(Value, 10)) + "...",
        _ => GoQuote.Quote(Value),
    };
}
