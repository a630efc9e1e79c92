namespace Capstan.Cel.Parsing;

/// <summary>Makes a tree of tokens by precedence. Its depth is bounded, so that neither it nor who walks the tree can overflow the stack.</summary>
internal sealed class Parser
{
    private const int MaxDepth = 250;

    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "in", "let", "loop", "package", "namespace", "return", "var", "void", "while",
    };

    private readonly string _input;
    private readonly List<Token> _tokens;
    private int _at;
    private int _depth;

    public Parser(string input) => (_input, _tokens) = (input, new Lexer(input).Read());

    private Token Current => _tokens[_at];

    /// <summary>The tree of the whole expression.</summary>
    public CelNode Parse()
    {
        var tree = Expression();
        return Current.Kind == TokenKind.End ? tree : throw Unexpected();
    }

    private CelNode Expression()
    {
        Deeper();
        var tree = Logical(isAnd: false);
        var mark = Current.Offset;
        if (Take("?"))
        {
            var then = Logical(isAnd: false);
            Expect(":");
            tree = new ConditionalNode(tree, then, Expression(), mark);
        }

        _depth--;
        return tree;
    }

    private CelNode Logical(bool isAnd)
    {
        var first = isAnd ? Binary(0) : Logical(isAnd: true);
        var symbol = isAnd ? "&&" : "||";
        if (!Current.Is(symbol)) return first;
        var (operands, mark) = (new List<CelNode> { first }, Current.Offset);
        while (Take(symbol)) operands.Add(isAnd ? Binary(0) : Logical(isAnd: true));
        return new LogicalNode(isAnd, operands, mark);
    }

    // Comparisons, then sums, then products. Chains make a tree that leans to the left; the walkers go as deep as it leans.
    private CelNode Binary(int level)
    {
        var left = level == 2 ? Unary() : Binary(level + 1);
        var deeper = 0;
        while (Operator(level) is { } name)
        {
            var mark = _tokens[_at++].Offset;
            Deeper();
            deeper++;
            left = new CallNode(name, false, [left, level == 2 ? Unary() : Binary(level + 1)], mark);
        }

        _depth -= deeper;
        return left;
    }

    private string? Operator(int level) => (level, Current.Kind, Current.Text) switch
    {
        (0, TokenKind.Symbol, "<" or "<=" or ">" or ">=" or "==" or "!=") or (0, TokenKind.Name, "in") => Operators.Of(Current.Text),
        (1, TokenKind.Symbol, "+" or "-") or (2, TokenKind.Symbol, "*" or "/" or "%") => Operators.Of(Current.Text),
        _ => null,
    };

    private CelNode Unary()
    {
        var mark = Current.Offset;
        if (Current is not { Kind: TokenKind.Symbol, Text: "!" or "-" }) return Member();
        var symbol = Current.Text;
        var count = 0;
        while (Take(symbol)) count++;

        // A minus belongs to the number behind it, so that the smallest integer can be written.
        if (symbol == "-" && Current is { Kind: TokenKind.Literal } literal && Negated(literal) is { } negated)
        {
            _tokens[_at] = literal with { Value = negated };
            count--;
        }

        Deeper();
        var operand = Member();
        _depth--;
        return count % 2 == 0 ? operand : new CallNode(symbol == "!" ? Operators.Not : Operators.Negate, false, [operand], mark);
    }

    private static CelValue? Negated(Token literal) => literal switch
    {
        { Text: Lexer.SmallestInteger } => CelValue.Of(long.MinValue),
        { Value: CelInt number } => CelValue.Of(-number.Value),
        { Value: CelDouble number } => CelValue.Of(-number.Value),
        _ => null,
    };

    private CelNode Member()
    {
        var tree = Primary();
        var deeper = 0;
        while (Current.Is(".") || Current.Is("["))
        {
            Deeper();
            deeper++;
            var mark = Current.Offset;
            tree = Take("[") ? Index(tree, mark) : Selected(tree, mark);
        }

        _depth -= deeper;
        return tree;
    }

    private IndexNode Index(CelNode target, int mark)
    {
        var optional = Take("?");
        var index = Expression();
        Expect("]");
        return new IndexNode(target, index, optional, mark);
    }

    private CelNode Selected(CelNode target, int mark)
    {
        Expect(".");
        var optional = Take("?");
        var name = Current;
        if (name.Kind is not (TokenKind.Name or TokenKind.QuotedName) || name is { Kind: TokenKind.Name, Text: "in" }) throw Unexpected();
        _at++;
        if (optional || name.Kind == TokenKind.QuotedName || !Current.Is("(")) return new SelectNode(target, name.Text, optional, false, mark);
        var open = Current.Offset;
        return Called(name.Text, target, open);
    }

    private CelNode Called(string name, CelNode? target, int mark)
    {
        Expect("(");
        var arguments = target is null ? new List<CelNode>() : [target];
        arguments.AddRange(Until(")", () => Expression()));
        var call = new CallNode(name, target is not null, arguments, mark);
        return Macros.Expand(call, _input) ?? call;
    }

    private CelNode Primary()
    {
        var token = Current;
        if (token.Kind == TokenKind.Literal && token.Value is not null)
        {
            _at++;
            return new LiteralNode(token.Value, token.Offset);
        }

        if (Take("("))
        {
            var group = Expression();
            Expect(")");
            return group;
        }

        if (Take("[")) return new ListNode(Until("]", () => (Optional: Take("?"), Value: Expression())).ConvertAll(i => (i.Value, i.Optional)), token.Offset);
        if (Take("{")) return new MapNode(Until("}", Entry), token.Offset);
        var rooted = Take(".");
        var name = Current;
        if (name.Kind != TokenKind.Name) throw Unexpected();
        if (Reserved.Contains(name.Text)) throw new CelException($"reserved identifier: {name.Text}", _input, name.Offset);
        _at++;
        return Current.Is("(") ? Called(name.Text, null, Current.Offset) : new NameNode((rooted ? "." : "") + name.Text, name.Offset);
    }

    private (CelNode Key, CelNode Value, bool Optional) Entry()
    {
        var optional = Take("?");
        var key = Expression();
        Expect(":");
        return (key, Expression(), optional);
    }

    // A list with commas, also behind the last.
    private List<T> Until<T>(string end, Func<T> one)
    {
        var all = new List<T>();
        while (!Take(end))
        {
            all.Add(one());
            if (!Take(",") && !Current.Is(end)) throw Unexpected();
        }

        return all;
    }

    private bool Take(string symbol)
    {
        if (!Current.Is(symbol)) return false;
        _at++;
        return true;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol)) throw new CelException($"Syntax error: missing '{symbol}' at '{Current.Text}'", _input, Current.Offset);
    }

    private void Deeper()
    {
        if (++_depth > MaxDepth) throw new CelException($"expression recursion limit exceeded: {MaxDepth}", _input, Current.Offset);
    }

    private CelException Unexpected() => new(
        Current.Kind == TokenKind.End ? "Syntax error: mismatched input '<EOF>' expecting an expression" : $"Syntax error: extraneous input '{Current.Text}'", _input, Current.Offset);
}
