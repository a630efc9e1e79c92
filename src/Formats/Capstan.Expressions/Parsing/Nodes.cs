namespace Capstan.Expressions;

/// <summary>A part of a parsed expression.</summary>
/// <param name="Offset">Where it begins in the expression's text, from 0.</param>
public abstract record ExpressionNode(int Offset)
{
    /// <summary>The parts right below this one.</summary>
    public virtual IEnumerable<ExpressionNode> Children => [];

    /// <summary>This part and all below it.</summary>
    public IEnumerable<ExpressionNode> All()
    {
        var open = new Stack<ExpressionNode>([this]);
        while (open.TryPop(out var node))
        {
            yield return node;
            foreach (var child in node.Children.Reverse()) open.Push(child);
        }
    }
}

/// <summary>A value as written.</summary>
public sealed record LiteralNode(ExpressionValue Value, int Offset) : ExpressionNode(Offset);

/// <summary>A context: <c>github</c>.</summary>
public sealed record ContextNode(string Name, int Offset) : ExpressionNode(Offset);

/// <summary>A part of a value: <c>x.name</c>, <c>x[index]</c>, <c>x.*</c>.</summary>
/// <param name="Target">Of what.</param>
/// <param name="Index">Which; null for <c>*</c>.</param>
/// <param name="Offset">Where the target begins.</param>
public sealed record IndexNode(ExpressionNode Target, ExpressionNode? Index, int Offset) : ExpressionNode(Offset)
{
    /// <inheritdoc/>
    public override IEnumerable<ExpressionNode> Children => Index is null ? [Target] : [Target, Index];
}

/// <summary>A call: <c>name(…)</c>.</summary>
public sealed record CallNode(string Name, IReadOnlyList<ExpressionNode> Arguments, int Offset) : ExpressionNode(Offset)
{
    /// <inheritdoc/>
    public override IEnumerable<ExpressionNode> Children => Arguments;
}

/// <summary><c>!x</c>.</summary>
public sealed record NotNode(ExpressionNode Operand, int Offset) : ExpressionNode(Offset)
{
    /// <inheritdoc/>
    public override IEnumerable<ExpressionNode> Children => [Operand];
}

/// <summary>What compares.</summary>
public enum ComparisonOperator
{
    /// <summary><c>==</c></summary>
    Equal,

    /// <summary><c>!=</c></summary>
    NotEqual,

    /// <summary><c>&gt;</c></summary>
    Greater,

    /// <summary><c>&gt;=</c></summary>
    GreaterOrEqual,

    /// <summary><c>&lt;</c></summary>
    Less,

    /// <summary><c>&lt;=</c></summary>
    LessOrEqual,
}

/// <summary>A comparison.</summary>
public sealed record ComparisonNode(ExpressionNode Left, ComparisonOperator Operator, ExpressionNode Right, int Offset) : ExpressionNode(Offset)
{
    /// <inheritdoc/>
    public override IEnumerable<ExpressionNode> Children => [Left, Right];
}

/// <summary><c>a &amp;&amp; b</c> or <c>a || b</c>; gives the operand that decided.</summary>
public sealed record LogicalNode(bool IsAnd, IReadOnlyList<ExpressionNode> Operands, int Offset) : ExpressionNode(Offset)
{
    /// <inheritdoc/>
    public override IEnumerable<ExpressionNode> Children => Operands;
}
