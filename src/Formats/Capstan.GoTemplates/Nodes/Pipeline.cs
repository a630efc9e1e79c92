using System.Text;

namespace Capstan.GoTemplates;

/// <summary>Commands joined by <c>|</c>, perhaps with variables that take the result.</summary>
internal sealed class PipeNode(
    TemplateSource source, int position, VariableNode[] declared, bool assigns, CommandNode[] commands) : OperandNode(source, position)
{
    public VariableNode[] Declared { get; } = declared;

    public CommandNode[] Commands { get; } = commands;

    public object? Evaluate(TemplateCall call, object? dot)
    {
        call.At(this);
        object? value = NoValue.Missing;
        foreach (var command in Commands)
        {
            // The value of the command before it is the last argument; a nil interface becomes no value at all.
            value = command.Words[0].EvaluateCommand(call, dot, command, value) ?? NoValue.Instance;
        }

        foreach (var variable in Declared)
        {
            variable.Assign(call, value);
        }

        return value;
    }

    public override object? EvaluateCommand(TemplateCall call, object? dot, CommandNode command, object? final)
    {
        RefuseArguments(call, command, final);
        return Evaluate(call, dot);
    }

    public override object? EvaluateArgument(TemplateCall call, object? dot, GoType? type)
    {
        call.At(this);
        return call.Validate(Evaluate(call, dot), type);
    }

    public override void WriteTo(StringBuilder output)
    {
        for (var i = 0; i < Declared.Length; i++)
        {
            if (i > 0)
            {
                output.Append(", ");
            }

            Declared[i].WriteTo(output);
        }

        if (Declared.Length > 0)
        {
            output.Append(assigns ? " = " : " := ");
        }

        for (var i = 0; i < Commands.Length; i++)
        {
            if (i > 0)
            {
                output.Append(" | ");
            }

            Commands[i].WriteTo(output);
        }
    }
}

/// <summary>A first word and its arguments.</summary>
internal sealed class CommandNode(TemplateSource source, int position, OperandNode[] words) : Node(source, position)
{
    public OperandNode[] Words { get; } = words;

    public override void WriteTo(StringBuilder output)
    {
        for (var i = 0; i < Words.Length; i++)
        {
            if (i > 0)
            {
                output.Append(' ');
            }

            if (Words[i] is PipeNode)
            {
                output.Append('(');
                Words[i].WriteTo(output);
                output.Append(')');
            }
            else
            {
                Words[i].WriteTo(output);
            }
        }
    }
}
