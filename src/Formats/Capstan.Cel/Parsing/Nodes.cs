namespace Capstan.Cel.Parsing;

/// <summary>A part of a parsed expression.</summary>
/// <param name="Offset">Where its most telling character stands, from 0: the operator, the dot, the name.</param>
internal abstract record CelNode(int Offset);

internal sealed record LiteralNode(CelValue Value, int Offset) : CelNode(Offset);

/// <summary>A variable or a type.</summary>
internal sealed record NameNode(string Name, int Offset) : CelNode(Offset);

/// <summary><c>target.field</c>, <c>target.?field</c>, or <c>has(target.field)</c>.</summary>
internal sealed record SelectNode(CelNode Target, string Field, bool Optional, bool Test, int Offset) : CelNode(Offset);

/// <summary><c>target[index]</c> or <c>target[?index]</c>.</summary>
internal sealed record IndexNode(CelNode Target, CelNode Index, bool Optional, int Offset) : CelNode(Offset);

/// <summary>A call; the receiver is the first argument. <see cref="Functions"/> are those that it may mean.</summary>
internal sealed record CallNode(string Name, bool Member, IReadOnlyList<CelNode> Arguments, int Offset) : CelNode(Offset)
{
    public IReadOnlyList<CelFunction> Functions { get; init; } = [];
}

/// <summary><c>a &amp;&amp; b &amp;&amp; …</c> or <c>a || b || …</c>.</summary>
internal sealed record LogicalNode(bool IsAnd, IReadOnlyList<CelNode> Operands, int Offset) : CelNode(Offset);

internal sealed record ConditionalNode(CelNode Condition, CelNode Then, CelNode Else, int Offset) : CelNode(Offset);

/// <param name="Items">The items; an optional one is there only when its value is.</param>
/// <param name="Offset">Where it begins.</param>
internal sealed record ListNode(IReadOnlyList<(CelNode Value, bool Optional)> Items, int Offset) : CelNode(Offset);

internal sealed record MapNode(IReadOnlyList<(CelNode Key, CelNode Value, bool Optional)> Entries, int Offset) : CelNode(Offset);

/// <summary>A macro over the items of a list or the keys of a map, or over an optional value.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Target">Over what.</param>
/// <param name="First">The variable: an item or a key; with <paramref name="Second"/> an index or a key.</param>
/// <param name="Second">The variable of the value; null for macros of one variable.</param>
/// <param name="Filter">A condition on what is mapped; null for none.</param>
/// <param name="Body">What is evaluated for each.</param>
/// <param name="Offset">Where its name stands.</param>
internal sealed record MacroNode(MacroKind Kind, CelNode Target, string First, string? Second, CelNode? Filter, CelNode Body, int Offset) : CelNode(Offset);

internal enum MacroKind
{
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
    TransformMap,
    TransformMapEntry,
    OptionalMap,
    OptionalFlatMap,
}
