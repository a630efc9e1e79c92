using System.Runtime.CompilerServices;

namespace Capstan.GoTemplates;

/// <summary>Parses a template and what it defines (text/template/parse, parse.go). Statements are here, expressions in the other part.</summary>
internal sealed partial class TemplateParser(TemplateLanguage language, string name, string text)
{
    private readonly TemplateSource _source = new(name, text);
    private readonly Lexer _lexer = new(text);
    private readonly Token[] _tokens = new Token[3];
    private readonly List<Template> _templates = [];
    private VariableScope _scope = new();
    private int _peeked;
    private int _actionLine;

    private enum EndKind
    {
        End,
        Else,
    }

    // The templates that were defined, the text itself last.
    public Template[] Parse()
    {
        try
        {
            var items = new List<StatementNode>();
            var position = Peek().Position;
            while (Peek().Kind != TokenKind.Eof)
            {
                if (Peek().Kind == TokenKind.LeftDelimiter)
                {
                    var delimiter = Next();
                    if (NextNonSpace().Kind == TokenKind.Define)
                    {
                        Definition();
                        continue;
                    }

                    Backup2(delimiter);
                }

                var (item, end) = TextOrAction();
                if (end is { } found)
                {
                    throw Fail($"unexpected {Shown(found)}");
                }

                Add(items, item);
            }

            Install(new Template(name, new ListNode(_source, position, [.. items]), _scope.SlotCount), isMain: true);
            return [.. _templates];
        }
        catch (InsufficientExecutionStackException)
        {
            throw Fail("the template is nested too deep");
        }
    }

    private static string Shown(EndKind end) => end == EndKind.End ? "{{end}}" : "{{else}}";

    private static void Add(List<StatementNode> items, StatementNode? item)
    {
        if (item is not null)
        {
            items.Add(item);
        }
    }

    private void Install(Template template, bool isMain = false)
    {
        var index = _templates.FindIndex(t => t.Name == template.Name);
        if (index < 0)
        {
            _templates.Add(template);
            return;
        }

        var known = _templates[index];
        if (!known.Root.IsEmpty && !template.Root.IsEmpty)
        {
            throw Fail($"template: multiple definition of template {GoQuote.Quote(template.Name)}");
        }

        if (known.Root.IsEmpty)
        {
            _templates.RemoveAt(index);
            _templates.Add(template);
        }
        else if (isMain)
        {
            // A text that is nothing but the definition of its own name: executing it gives nothing, its name gives the definition.
            _templates.Add(template);
        }
    }

    private void Definition()
    {
        const string Context = "define clause";
        var token = NextNonSpace();
        if (token.Kind is not (TokenKind.String or TokenKind.RawString))
        {
            throw Unexpected(token, Context);
        }

        var defined = Unquote(token);
        Expect(TokenKind.RightDelimiter, Context);
        Body(defined, Context);
    }

    // The body of a define or block, with variables of its own.
    private void Body(string defined, string context)
    {
        var outer = _scope;
        _scope = new VariableScope();
        var (list, end) = ItemList();
        if (end != EndKind.End)
        {
            throw Fail($"unexpected {Shown(end)} in {context}");
        }

        Install(new Template(defined, list, _scope.SlotCount));
        _scope = outer;
    }

    private (ListNode List, EndKind End) ItemList()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var items = new List<StatementNode>();
        var position = PeekNonSpace().Position;
        while (PeekNonSpace().Kind != TokenKind.Eof)
        {
            var (item, end) = TextOrAction();
            if (end is { } found)
            {
                return (new ListNode(_source, position, [.. items]), found);
            }

            Add(items, item);
        }

        throw Fail("unexpected EOF");
    }

    private (StatementNode? Item, EndKind? End) TextOrAction()
    {
        var token = NextNonSpace();
        switch (token.Kind)
        {
            case TokenKind.Text:
                return (new TextNode(_source, token.Position, token.Value), null);
            case TokenKind.LeftDelimiter:
                _actionLine = token.Line;
                var action = Action();
                _actionLine = 0;
                return action;
            default:
                throw Unexpected(token, "input");
        }
    }

    private (StatementNode? Item, EndKind? End) Action()
    {
        var token = NextNonSpace();
        switch (token.Kind)
        {
            case TokenKind.Block:
                return (Block(), null);
            case TokenKind.Break:
                return (Jump(token, Flow.Break, "{{break}}"), null);
            case TokenKind.Continue:
                return (Jump(token, Flow.Continue, "{{continue}}"), null);
            case TokenKind.Else:
                if (PeekNonSpace().Kind is not (TokenKind.If or TokenKind.With))
                {
                    Expect(TokenKind.RightDelimiter, "else");
                }

                return (null, EndKind.Else);
            case TokenKind.End:
                Expect(TokenKind.RightDelimiter, "end");
                return (null, EndKind.End);
            case TokenKind.If:
                return (Branch("if", setsDot: false), null);
            case TokenKind.With:
                return (Branch("with", setsDot: true), null);
            case TokenKind.Range:
                return (Range(), null);
            case TokenKind.Template:
                return (TemplateCallNode(), null);
        }

        Backup();
        var first = Peek();
        return (new ActionNode(_source, first.Position, Pipeline("command", TokenKind.RightDelimiter)), null);
    }

    private JumpNode Jump(Token token, Flow flow, string shown)
    {
        var next = NextNonSpace();
        if (next.Kind != TokenKind.RightDelimiter)
        {
            throw Unexpected(next, shown);
        }

        return _scope.RangeDepth == 0 ? throw Fail($"{shown} outside {{{{range}}}}") : new JumpNode(_source, token.Position, flow);
    }

    private BranchNode Branch(string context, bool setsDot)
    {
        var (pipe, list, otherwise) = Control(context, setsDot);
        return new BranchNode(_source, pipe.Position, setsDot, pipe, list, otherwise);
    }

    private RangeNode Range()
    {
        var (pipe, list, otherwise) = Control("range", setsDot: true);
        return new RangeNode(_source, pipe.Position, pipe, list, otherwise);
    }

    private (PipeNode Pipe, ListNode List, ListNode? Otherwise) Control(string context, bool setsDot)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var mark = _scope.Mark;
        var dotWasElement = _scope.DotIsElement;
        var isRange = context == "range";
        var pipe = Pipeline(context, TokenKind.RightDelimiter);
        _scope.RangeDepth += isRange ? 1 : 0;
        _scope.DotIsElement = setsDot ? isRange : dotWasElement;
        var (list, end) = ItemList();
        _scope.RangeDepth -= isRange ? 1 : 0;
        _scope.DotIsElement = dotWasElement;
        var otherwise = end == EndKind.Else ? Otherwise(context) : null;
        _scope.Restore(mark);
        return (pipe, list, otherwise);
    }

    private ListNode Otherwise(string context)
    {
        // {{else if}} and {{else with}} are an {{else}} with a statement in it whose {{end}} closes both.
        var next = Peek();
        if (next.Kind == TokenKind.If && context == "if")
        {
            Next();
            return new ListNode(_source, next.Position, [Branch("if", setsDot: false)]);
        }

        if (next.Kind == TokenKind.With && context == "with")
        {
            Next();
            return new ListNode(_source, next.Position, [Branch("with", setsDot: true)]);
        }

        var (list, end) = ItemList();
        return end == EndKind.End ? list : throw Fail($"expected end; found {Shown(end)}");
    }

    private TemplateNode Block()
    {
        const string Context = "block clause";
        var token = NextNonSpace();
        var blockName = TemplateName(token, Context);
        var pipe = Pipeline(Context, TokenKind.RightDelimiter);
        Body(blockName, Context);
        return new TemplateNode(_source, token.Position, blockName, pipe);
    }

    private TemplateNode TemplateCallNode()
    {
        const string Context = "template clause";
        var token = NextNonSpace();
        var called = TemplateName(token, Context);
        PipeNode? pipe = null;
        if (NextNonSpace().Kind != TokenKind.RightDelimiter)
        {
            Backup();
            pipe = Pipeline(Context, TokenKind.RightDelimiter);
        }

        return new TemplateNode(_source, token.Position, called, pipe);
    }

    private string TemplateName(Token token, string context) =>
        token.Kind is TokenKind.String or TokenKind.RawString ? Unquote(token) : throw Unexpected(token, context);

    private string Unquote(Token token)
    {
        try
        {
            return GoQuote.Unquote(token.Value);
        }
        catch (GoException error)
        {
            throw Fail(error.Message);
        }
    }

    private Token Next()
    {
        if (_peeked > 0)
        {
            _peeked--;
        }
        else
        {
            _tokens[0] = _lexer.Next();
        }

        return _tokens[_peeked];
    }

    private void Backup() => _peeked++;

    private void Backup2(Token before)
    {
        _tokens[1] = before;
        _peeked = 2;
    }

    private void Backup3(Token second, Token first)
    {
        _tokens[1] = first;
        _tokens[2] = second;
        _peeked = 3;
    }

    private Token Peek()
    {
        if (_peeked > 0)
        {
            return _tokens[_peeked - 1];
        }

        _peeked = 1;
        return _tokens[0] = _lexer.Next();
    }

    private Token NextNonSpace()
    {
        while (true)
        {
            var token = Next();
            if (token.Kind != TokenKind.Space)
            {
                return token;
            }
        }
    }

    private Token PeekNonSpace()
    {
        var token = NextNonSpace();
        Backup();
        return token;
    }

    private void Expect(TokenKind kind, string context)
    {
        var token = NextNonSpace();
        if (token.Kind != kind)
        {
            throw Unexpected(token, context);
        }
    }

    private TemplateException Unexpected(Token token, string context)
    {
        if (token.Kind != TokenKind.Error)
        {
            return Fail($"unexpected {token} in {context}");
        }

        var extra = "";
        if (_actionLine != 0 && _actionLine != token.Line)
        {
            extra = $" in action started at {name}:{_actionLine}";
            if (token.Value.EndsWith(" action", StringComparison.Ordinal))
            {
                extra = extra[" in action".Length..];
            }
        }

        return Fail($"{token}{extra}");
    }

    private TemplateException Fail(string message)
    {
        var token = _tokens[0];
        var (_, column) = _source.Locate(token.Position);
        return new TemplateException(
            $"template: {name}:{token.Line}: {message}",
            null,
            new TemplatePlace(name, token.Line, column, _source.LineAt(token.Position), ""));
    }
}
