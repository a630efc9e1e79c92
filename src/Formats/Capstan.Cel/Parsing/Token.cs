namespace Capstan.Cel.Parsing;

/// <summary>What a token is.</summary>
internal enum TokenKind
{
    End,
    Name,
    QuotedName,
    Literal,
    Symbol,
}

/// <summary>One token.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; of a name within backticks what is between them.</param>
/// <param name="Offset">Where it begins, from 0.</param>
/// <param name="Value">The value of a literal; null of an integer that only fits behind a minus.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Offset, CelValue? Value = null)
{
    public bool Is(string symbol) => Kind == TokenKind.Symbol && Text == symbol;
}
