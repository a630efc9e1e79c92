using System.Runtime.CompilerServices;

namespace Capstan.GoTemplates;

internal sealed partial class TemplateParser
{
    private PipeNode Pipeline(string context, TokenKind end)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var position = PeekNonSpace().Position;
        var names = new List<Token>();
        var assigns = Declarations(context, names);
        foreach (var declaredName in names)
        {
            _scope.Announce(declaredName.Value);
        }

        var commands = Commands(context, end);
        _scope.Withdraw(names.Count);
        CheckPipeline(commands, context);
        var declared = new VariableNode[names.Count];
        for (var i = 0; i < declared.Length; i++)
        {
            declared[i] = Declare(names[i], assigns, isElement: context == "range" && i == declared.Length - 1);
        }

        return new PipeNode(_source, position, declared, assigns, commands);
    }

    private VariableNode Declare(Token token, bool assigns, bool isElement)
    {
        int slot;
        if (assigns)
        {
            _scope.TryFind(token.Value, out slot, out _);
            if (slot < 0)
            {
                _scope.AddUnknown(token.Value);
            }
        }
        else
        {
            slot = _scope.Declare(token.Value, isElement);
        }

        return new VariableNode(_source, token.Position, token.Value, slot, [], isElement);
    }

    // Reads "$x :=", "$x =" or, in a range, "$i, $x :="; returns whether it is an assignment.
    private bool Declarations(string context, List<Token> names)
    {
        while (true)
        {
            var variable = PeekNonSpace();
            if (variable.Kind != TokenKind.Variable)
            {
                return false;
            }

            Next();

            // Whether "$x foo" is an argument or the start of a declaration shows only after the space.
            var after = Peek();
            var next = PeekNonSpace();
            if (next.Kind is TokenKind.Assign or TokenKind.Declare)
            {
                NextNonSpace();
                names.Add(variable);
                return next.Kind == TokenKind.Assign;
            }

            if (next is { Kind: TokenKind.Char, Value: "," })
            {
                NextNonSpace();
                names.Add(variable);
                if (context != "range" || names.Count >= 2)
                {
                    throw Fail($"too many declarations in {context}");
                }

                if (PeekNonSpace().Kind is not (TokenKind.Variable or TokenKind.RightDelimiter or TokenKind.RightParenthesis))
                {
                    throw Fail("range can only initialize variables");
                }

                continue;
            }

            if (after.Kind == TokenKind.Space)
            {
                Backup3(variable, after);
            }
            else
            {
                Backup2(variable);
            }

            return false;
        }
    }

    private CommandNode[] Commands(string context, TokenKind end)
    {
        var commands = new List<CommandNode>();
        while (true)
        {
            var token = NextNonSpace();
            if (token.Kind == end)
            {
                return [.. commands];
            }

            if (token.Kind is TokenKind.Bool or TokenKind.CharConstant or TokenKind.Complex or TokenKind.Dot or TokenKind.Field
                or TokenKind.Identifier or TokenKind.Number or TokenKind.Nil or TokenKind.RawString or TokenKind.String
                or TokenKind.Variable or TokenKind.LeftParenthesis)
            {
                Backup();
                commands.Add(Command());
                continue;
            }

            throw Unexpected(token, context);
        }
    }

    private void CheckPipeline(CommandNode[] commands, string context)
    {
        if (commands.Length == 0)
        {
            throw Fail($"missing value for {context}");
        }

        for (var i = 1; i < commands.Length; i++)
        {
            if (commands[i].Words[0] is LiteralNode or DotNode)
            {
                throw Fail($"non executable command in pipeline stage {i + 1}");
            }
        }
    }

    private CommandNode Command()
    {
        var position = PeekNonSpace().Position;
        var words = new List<OperandNode>();
        while (true)
        {
            PeekNonSpace();
            if (Operand() is { } operand)
            {
                words.Add(operand);
            }

            var token = Next();
            if (token.Kind == TokenKind.Space)
            {
                continue;
            }

            if (token.Kind is TokenKind.RightDelimiter or TokenKind.RightParenthesis)
            {
                Backup();
            }
            else if (token.Kind != TokenKind.Pipe)
            {
                throw Unexpected(token, "operand");
            }

            return words.Count == 0 ? throw Fail("empty command") : new CommandNode(_source, position, [.. words]);
        }
    }

    private OperandNode? Operand()
    {
        var node = Term();
        if (node is null || Peek().Kind != TokenKind.Field)
        {
            return node;
        }

        var position = Peek().Position;
        var fields = new List<string>();
        while (Peek().Kind == TokenKind.Field)
        {
            fields.Add(Next().Value[1..]);
        }

        return node switch
        {
            FieldNode field => field.WithFields(position, [.. fields]),
            VariableNode variable => variable.WithFields(position, [.. fields]),
            LiteralNode or DotNode => throw Fail($"unexpected . after term {GoQuote.Quote(node.ToString())}"),
            _ => new ChainNode(_source, position, node, [.. fields]),
        };
    }

    private OperandNode? Term()
    {
        var token = NextNonSpace();
        switch (token.Kind)
        {
            case TokenKind.Identifier:
                var function = language.Function(token.Value) ?? throw Fail($"function {GoQuote.Quote(token.Value)} not defined");
                return new IdentifierNode(_source, token.Position, function);
            case TokenKind.Dot:
                return new DotNode(_source, token.Position);
            case TokenKind.Nil:
                return new NilNode(_source, token.Position);
            case TokenKind.Variable:
                return _scope.TryFind(token.Value, out var slot, out var isElement)
                    ? new VariableNode(_source, token.Position, token.Value, slot, [], isElement)
                    : throw Fail($"undefined variable {GoQuote.Quote(token.Value)}");
            case TokenKind.Field:
                return new FieldNode(_source, token.Position, [token.Value[1..]], _scope.DotIsElement);
            case TokenKind.Bool:
                return new BoolNode(_source, token.Position, token.Value == "true");
            case TokenKind.CharConstant or TokenKind.Complex or TokenKind.Number:
                return Number(token);
            case TokenKind.LeftParenthesis:
                return Pipeline("parenthesized pipeline", TokenKind.RightParenthesis);
            case TokenKind.String or TokenKind.RawString:
                return new StringNode(_source, token.Position, token.Value, Unquote(token));
            default:
                Backup();
                return null;
        }
    }

    private NumberNode Number(Token token)
    {
        try
        {
            var number = token.Kind == TokenKind.CharConstant ? NumberLiteral.Character(token.Value) : NumberLiteral.Parse(token.Value);
            return new NumberNode(_source, token.Position, number);
        }
        catch (GoException error)
        {
            throw Fail(error.Message);
        }
    }
}
