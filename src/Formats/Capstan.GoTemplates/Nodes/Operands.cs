using System.Text;

namespace Capstan.GoTemplates;

/// <summary>A name: always a function.</summary>
internal sealed class IdentifierNode(TemplateSource source, int position, GoFunction function) : OperandNode(source, position)
{
    public override object? EvaluateCommand(TemplateCall call, object? dot, CommandNode command, object? final)
    {
        call.At(this);
        return call.Invoke(function, dot, command, command.Words, final);
    }

    public override object? EvaluateArgument(TemplateCall call, object? dot, GoType? type)
    {
        call.At(this);
        return call.Validate(call.Invoke(function, dot, this, [], NoValue.Missing), type);
    }

    public override void WriteTo(StringBuilder output) => output.Append(function.Name);
}

/// <summary><c>$x</c>, perhaps with fields: <c>$x.a.b</c>.</summary>
internal sealed class VariableNode(TemplateSource source, int position, string name, int slot, string[] fields, bool isElement) : OperandNode(source, position)
{
    public void Assign(TemplateCall call, object? value)
    {
        if (slot < 0)
        {
            throw call.Fail($"undefined variable: {name}");
        }

        call.Variables[slot] = value;
    }

    public override object? EvaluateCommand(TemplateCall call, object? dot, CommandNode command, object? final)
    {
        call.At(this);
        if (fields.Length == 0)
        {
            RefuseArguments(call, command, final);
            return Value(call);
        }

        return FieldAccess.Chain(call, dot, Value(call), isElement && call.ElementsAreInterfaces, this, fields, command.Words, final);
    }

    public override object? EvaluateArgument(TemplateCall call, object? dot, GoType? type)
    {
        call.At(this);
        var value = fields.Length == 0
            ? Value(call)
            : FieldAccess.Chain(call, dot, Value(call), isElement && call.ElementsAreInterfaces, this, fields, [], NoValue.Missing);
        return call.Validate(value, type);
    }

    public VariableNode WithFields(int at, string[] more) => new(Source, at, name, slot, [.. fields, .. more], isElement);

    private object? Value(TemplateCall call) => slot < 0 ? throw call.Fail($"undefined variable: {name}") : call.Variables[slot];

    public override void WriteTo(StringBuilder output)
    {
        output.Append(name);
        foreach (var field in fields)
        {
            output.Append('.').Append(field);
        }
    }
}

/// <summary><c>.</c>.</summary>
internal sealed class DotNode(TemplateSource source, int position) : OperandNode(source, position)
{
    public override object? EvaluateCommand(TemplateCall call, object? dot, CommandNode command, object? final)
    {
        call.At(this);
        RefuseArguments(call, command, final);
        return dot;
    }

    public override object? EvaluateArgument(TemplateCall call, object? dot, GoType? type)
    {
        call.At(this);
        return call.Validate(dot, type);
    }

    public override void WriteTo(StringBuilder output) => output.Append('.');
}

/// <summary><c>.a.b</c>.</summary>
internal sealed class FieldNode(TemplateSource source, int position, string[] fields, bool dotIsElement) : OperandNode(source, position)
{
    public override object? EvaluateCommand(TemplateCall call, object? dot, CommandNode command, object? final)
    {
        call.At(this);
        return FieldAccess.Chain(call, dot, dot, dotIsElement && call.ElementsAreInterfaces, this, fields, command.Words, final);
    }

    public override object? EvaluateArgument(TemplateCall call, object? dot, GoType? type)
    {
        call.At(this);
        return call.Validate(
            FieldAccess.Chain(call, dot, dot, dotIsElement && call.ElementsAreInterfaces, this, fields, [], NoValue.Missing), type);
    }

    public FieldNode WithFields(int at, string[] more) => new(Source, at, [.. fields, .. more], dotIsElement);

    public override void WriteTo(StringBuilder output)
    {
        foreach (var field in fields)
        {
            output.Append('.').Append(field);
        }
    }
}

/// <summary>A parenthesized pipeline (or function) with fields after it: <c>(f x).a.b</c>.</summary>
internal sealed class ChainNode(TemplateSource source, int position, OperandNode inner, string[] fields) : OperandNode(source, position)
{
    public override object? EvaluateCommand(TemplateCall call, object? dot, CommandNode command, object? final) =>
        Evaluate(call, dot, command.Words, final);

    public override object? EvaluateArgument(TemplateCall call, object? dot, GoType? type)
    {
        call.At(this);
        return call.Validate(Evaluate(call, dot, [], NoValue.Missing), type);
    }

    private object? Evaluate(TemplateCall call, object? dot, OperandNode[] words, object? final)
    {
        call.At(this);
        var receiver = inner.EvaluateArgument(call, dot, null);
        return FieldAccess.Chain(call, dot, receiver, isInterface: false, this, fields, words, final);
    }

    public override void WriteTo(StringBuilder output)
    {
        if (inner is PipeNode)
        {
            output.Append('(');
            inner.WriteTo(output);
            output.Append(')');
        }
        else
        {
            inner.WriteTo(output);
        }

        foreach (var field in fields)
        {
            output.Append('.').Append(field);
        }
    }
}
