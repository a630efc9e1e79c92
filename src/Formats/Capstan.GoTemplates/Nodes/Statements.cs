using System.Text;

namespace Capstan.GoTemplates;

internal sealed class ListNode(TemplateSource source, int position, StatementNode[] items) : StatementNode(source, position)
{
    public override bool IsEmpty => Array.TrueForAll(items, static i => i.IsEmpty);

    public override Flow Execute(TemplateCall call, object? dot)
    {
        call.At(this);
        foreach (var item in items)
        {
            var flow = item.Execute(call, dot);
            if (flow != Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    public override void WriteTo(StringBuilder output)
    {
        foreach (var item in items)
        {
            item.WriteTo(output);
        }
    }
}

internal sealed class TextNode(TemplateSource source, int position, string text) : StatementNode(source, position)
{
    public override bool IsEmpty => string.IsNullOrWhiteSpace(text);

    public override Flow Execute(TemplateCall call, object? dot)
    {
        call.At(this);
        if (call.Run.Trace is not null)
        {
            TemplateTrace.Text(call.Output, call.Output.Length, this);
        }

        call.Output.Append(text);
        return Flow.Next;
    }

    public override void WriteTo(StringBuilder output) => output.Append(text);
}

internal sealed class ActionNode(TemplateSource source, int position, PipeNode pipe) : StatementNode(source, position)
{
    public override Flow Execute(TemplateCall call, object? dot)
    {
        call.At(this);
        call.Budget.Step();
        var trace = call.Run.Trace;
        var included = trace?.Included ?? 0;
        var value = pipe.Evaluate(call, dot);
        if (pipe.Declared.Length > 0)
        {
            return Flow.Next;
        }

        call.At(this);
        var text = value switch
        {
            string already => already,
            NoValue or null => "<no value>",
            GoFunction => throw call.Fail($"can't print {this} of type func()"),
            _ => GoFormat.Sprint(value),
        };
        trace?.Action(call.Output, call.Output.Length, this, included, text);
        call.Output.Append(text);
        return Flow.Next;
    }

    public override void WriteTo(StringBuilder output)
    {
        output.Append("{{");
        pipe.WriteTo(output);
        output.Append("}}");
    }
}

internal sealed class JumpNode(TemplateSource source, int position, Flow flow) : StatementNode(source, position)
{
    public override Flow Execute(TemplateCall call, object? dot)
    {
        call.At(this);
        return flow;
    }

    public override void WriteTo(StringBuilder output) => output.Append(flow == Flow.Break ? "{{break}}" : "{{continue}}");
}

/// <summary><c>if</c> and <c>with</c>: the same but that <c>with</c> sets the dot.</summary>
internal sealed class BranchNode(
    TemplateSource source, int position, bool setsDot, PipeNode pipe, ListNode list, ListNode? otherwise) : StatementNode(source, position)
{
    public override Flow Execute(TemplateCall call, object? dot)
    {
        call.At(this);
        call.Budget.Step();
        var value = pipe.Evaluate(call, dot);
        if (GoValues.IsTrue(value))
        {
            return setsDot && call.Run.Trace is { } trace ? Traced(call, trace, value) : list.Execute(call, setsDot ? value : dot);
        }

        return otherwise is null ? Flow.Next : otherwise.Execute(call, dot);
    }

    private Flow Traced(TemplateCall call, TemplateTrace trace, object? value)
    {
        var outer = trace.DotPath;
        trace.DotPath = trace.ValueOf(pipe);
        var flow = list.Execute(call, value);
        trace.DotPath = outer;
        return flow;
    }

    public override void WriteTo(StringBuilder output) => WriteBranch(output, setsDot ? "with" : "if", pipe, list, otherwise);

    internal static void WriteBranch(StringBuilder output, string keyword, PipeNode pipe, ListNode list, ListNode? otherwise)
    {
        output.Append("{{").Append(keyword).Append(' ');
        pipe.WriteTo(output);
        output.Append("}}");
        list.WriteTo(output);
        if (otherwise is not null)
        {
            output.Append("{{else}}");
            otherwise.WriteTo(output);
        }

        output.Append("{{end}}");
    }
}

/// <summary><c>template</c>, and what is left of a <c>block</c>.</summary>
internal sealed class TemplateNode(TemplateSource source, int position, string name, PipeNode? pipe) : StatementNode(source, position)
{
    public override Flow Execute(TemplateCall call, object? dot)
    {
        call.At(this);
        call.Budget.Step();
        var template = call.Set.Find(name) ?? throw call.Fail($"template {GoQuote.Quote(name)} not defined");
        if (call.Depth >= TemplateCall.MaxDepth)
        {
            throw call.Fail($"exceeded maximum template depth ({TemplateCall.MaxDepth})");
        }

        var data = pipe is null ? NoValue.Instance : pipe.Evaluate(call, dot);
        call.Enter(template, data);
        return Flow.Next;
    }

    public override void WriteTo(StringBuilder output)
    {
        output.Append("{{template ").Append(GoQuote.Quote(name));
        if (pipe is not null)
        {
            output.Append(' ');
            pipe.WriteTo(output);
        }

        output.Append("}}");
    }
}
