namespace Capstan.Expressions.Parsing;

/// <summary>Makes a tree of tokens. Its depth is bounded, so that neither it nor who walks the tree can overflow the stack.</summary>
internal sealed class Parser(string input, IReadOnlyList<Token> tokens, ExpressionLanguage language)
{
    private int _at;
    private int _depth;

    private Token Current => tokens[_at];

    private bool AtEnd => Current.Kind == TokenKind.End;

    /// <summary>The tree of the whole expression.</summary>
    public ExpressionNode Parse()
    {
        var tree = Expression();
        return AtEnd ? tree : throw Unexpected(Current);
    }

    private ExpressionNode Expression()
    {
        Deeper();
        var tree = Logical(TokenKind.Or, () => Logical(TokenKind.And, Equality));
        _depth--;
        return tree;
    }

    private ExpressionNode Logical(TokenKind operation, Func<ExpressionNode> operand)
    {
        var first = operand();
        if (Current.Kind != operation) return first;
        Deeper();
        var operands = new List<ExpressionNode> { first };
        while (Take(operation)) operands.Add(operand());
        _depth--;
        return new LogicalNode(operation == TokenKind.And, operands, first.Offset);
    }

    // Chains of comparisons make a tree that leans to the left; the walkers go as deep as it leans.
    private ExpressionNode Equality()
    {
        var left = Order();
        var deeper = 0;
        while (Current.Kind is TokenKind.Equal or TokenKind.NotEqual)
        {
            var operation = _at++;
            Deeper();
            deeper++;
            left = new ComparisonNode(left, Operator(tokens[operation].Kind), Order(), left.Offset);
        }

        _depth -= deeper;
        return left;
    }

    private ExpressionNode Order()
    {
        var left = Unary();
        var deeper = 0;
        while (Current.Kind is TokenKind.Greater or TokenKind.GreaterOrEqual or TokenKind.Less or TokenKind.LessOrEqual)
        {
            var operation = _at++;
            Deeper();
            deeper++;
            left = new ComparisonNode(left, Operator(tokens[operation].Kind), Unary(), left.Offset);
        }

        _depth -= deeper;
        return left;
    }

    private ExpressionNode Unary()
    {
        var start = Current.Offset;
        if (!Take(TokenKind.Not)) return Index();
        Deeper();
        var operand = Unary();
        _depth--;
        return new NotNode(operand, start);
    }

    private ExpressionNode Index()
    {
        var (tree, indexable) = Call();
        var deeper = 0;
        while (indexable && Current.Kind is TokenKind.LeftBracket or TokenKind.Dot)
        {
            var index = Take(TokenKind.Dot) ? Member() : Bracket();
            Deeper();
            deeper++;
            tree = new IndexNode(tree, index, tree.Offset);
        }

        _depth -= deeper;
        return tree;
    }

    private LiteralNode? Member()
    {
        var name = Current;
        if (Take(TokenKind.Name)) return new LiteralNode(ExpressionValue.Of(name.Text), name.Offset);
        return Take(TokenKind.Star) ? null : throw Unexpected(name);
    }

    private ExpressionNode? Bracket()
    {
        _at++;
        var index = Take(TokenKind.Star) ? null : Expression();
        Expect(TokenKind.RightBracket);
        return index;
    }

    private (ExpressionNode Tree, bool Indexable) Call()
    {
        var name = Current;
        if (!Take(TokenKind.Name)) return Primary();
        if (!Take(TokenKind.LeftParenthesis))
        {
            return language.HasContext(name.Text) ? (new ContextNode(name.Text, name.Offset), true) : throw Error("Unrecognized named-value", name);
        }

        var arguments = new List<ExpressionNode>();
        while (!Take(TokenKind.RightParenthesis))
        {
            arguments.Add(Expression());
            if (Current.Kind != TokenKind.RightParenthesis) Expect(TokenKind.Comma);
        }

        CheckCall(name, arguments.Count);
        return (new CallNode(name.Text, arguments, name.Offset), true);
    }

    private void CheckCall(Token name, int count)
    {
        var function = language.Function(name.Text) ?? throw Error("Unrecognized function", name);
        if (count < function.Least) throw Error("Too few parameters supplied", name);
        if (count > function.Most) throw Error("Too many parameters supplied", name);
        if (function.OddOnly && count % 2 == 0) throw Error("Even number of parameters supplied, requires an odd number of parameters", name);
    }

    private (ExpressionNode Tree, bool Indexable) Primary()
    {
        var token = Current;
        if (Take(TokenKind.Literal)) return (new LiteralNode(token.Value!, token.Offset), false);
        if (Take(TokenKind.LeftParenthesis))
        {
            var group = Expression();
            if (AtEnd) throw Error("Unexpected end of expression", tokens[_at - 1]);
            Expect(TokenKind.RightParenthesis);
            return (group, true);
        }

        throw AtEnd ? Error("Unexpected end of expression", _at == 0 ? token : tokens[_at - 1]) : Unexpected(token);
    }

    private bool Take(TokenKind kind)
    {
        if (AtEnd || Current.Kind != kind) return false;
        _at++;
        return true;
    }

    private void Expect(TokenKind kind)
    {
        if (!Take(kind)) throw Unexpected(Current);
    }

    private void Deeper()
    {
        if (++_depth > ExpressionLanguage.MaxDepth) throw Error($"Exceeded max expression depth {ExpressionLanguage.MaxDepth}", Current);
    }

    private ExpressionException Unexpected(Token token) => Error("Unexpected symbol", token);

    private ExpressionException Error(string problem, Token token) => new($"{problem}: '{token.Shown}'", input, token.Offset);

    private static ComparisonOperator Operator(TokenKind kind) => kind switch
    {
        TokenKind.Equal => ComparisonOperator.Equal,
        TokenKind.NotEqual => ComparisonOperator.NotEqual,
        TokenKind.Greater => ComparisonOperator.Greater,
        TokenKind.GreaterOrEqual => ComparisonOperator.GreaterOrEqual,
        TokenKind.Less => ComparisonOperator.Less,
        _ => ComparisonOperator.LessOrEqual,
    };
}
