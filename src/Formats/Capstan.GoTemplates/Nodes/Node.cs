using System.Text;

namespace Capstan.GoTemplates;

/// <summary>The text that a node was parsed from.</summary>
/// <param name="Name">The name under which the text was parsed.</param>
/// <param name="Text">The text.</param>
internal sealed record TemplateSource(string Name, string Text)
{
    /// <summary>Line (from 1) and bytes before the position on that line, as Go counts them.</summary>
    public (int Line, int Column) Locate(int position)
    {
        var before = Text.AsSpan(0, Math.Min(position, Text.Length));
        var newline = before.LastIndexOf('\n');
        var line = 1 + before.Count('\n');
        var sameLine = newline < 0 ? before : before[(newline + 1)..];
        return (line, GoText.ByteLength(sameLine.ToString()));
    }

    public string LineAt(int position)
    {
        position = Math.Min(position, Text.Length);
        var start = position == 0 ? 0 : Text.LastIndexOf('\n', position - 1) + 1;
        var end = Text.IndexOf('\n', position);
        return Text[start..(end < 0 ? Text.Length : end)];
    }
}

/// <summary>A part of a parsed template. Nodes do not change after parsing and are shared by renderings.</summary>
internal abstract class Node(TemplateSource source, int position)
{
    public TemplateSource Source { get; } = source;

    public int Position { get; } = position;

    /// <summary>Writes the node as Go's messages show it.</summary>
    public abstract void WriteTo(StringBuilder output);

    public override string ToString()
    {
        var output = new StringBuilder();
        WriteTo(output);
        return output.ToString();
    }
}

/// <summary>How a statement ended.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}

/// <summary>A node that writes output.</summary>
internal abstract class StatementNode(TemplateSource source, int position) : Node(source, position)
{
    public abstract Flow Execute(TemplateCall call, object? dot);

    /// <summary>Whether there is nothing but space and comments in it.</summary>
    public virtual bool IsEmpty => false;
}

/// <summary>A node that has a value: a term of an expression.</summary>
internal abstract class OperandNode(TemplateSource source, int position) : Node(source, position)
{
    /// <summary>Evaluates the node as the first word of a command.</summary>
    /// <param name="call">The execution.</param>
    /// <param name="dot">The value of <c>.</c>.</param>
    /// <param name="command">The whole command; its first word is this node.</param>
    /// <param name="final">The value of the command before it in the pipeline, or <see cref="NoValue.Missing"/>.</param>
    public abstract object? EvaluateCommand(TemplateCall call, object? dot, CommandNode command, object? final);

    /// <summary>Evaluates the node as an argument for a parameter of a type; without a type anything goes.</summary>
    public abstract object? EvaluateArgument(TemplateCall call, object? dot, GoType? type);

    protected static void RefuseArguments(TemplateCall call, CommandNode command, object? final)
    {
        if (command.Words.Length > 1 || !ReferenceEquals(final, NoValue.Missing))
        {
            throw call.Fail($"can't give argument to non-function {command.Words[0]}");
        }
    }
}
