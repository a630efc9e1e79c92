namespace Capstan.Cel.Parsing;

/// <summary>The calls that are no calls: they bind names (the specification's Macros, and Google's extensions for optional values and two variables).</summary>
internal static class Macros
{
    /// <summary>The macro that a call is; null when it is a call.</summary>
    public static CelNode? Expand(CallNode call, string input)
    {
        if (!call.Member) return call is { Name: "has", Arguments: [var tested] } ? Has(tested, input) : null;
        var (target, rest) = (call.Arguments[0], call.Arguments.Skip(1).ToList());
        return (call.Name, rest.Count) switch
        {
            ("all", 2 or 3) => Over(MacroKind.All, target, rest, call, input),
            ("exists", 2 or 3) => Over(MacroKind.Exists, target, rest, call, input),
            ("exists_one" or "existsOne", 2 or 3) => Over(MacroKind.ExistsOne, target, rest, call, input),
            ("filter", 2) => Over(MacroKind.Filter, target, rest, call, input),
            ("map", 2) => Over(MacroKind.Map, target, rest, call, input),
            ("map", 3) => new MacroNode(MacroKind.Map, target, Variable(rest[0], input), null, rest[1], rest[2], call.Offset),
            ("transformList", 3) => Over(MacroKind.Map, target, rest, call, input),
            ("transformList", 4) => Filtered(MacroKind.Map, target, rest, call, input),
            ("transformMap", 3) => Over(MacroKind.TransformMap, target, rest, call, input),
            ("transformMap", 4) => Filtered(MacroKind.TransformMap, target, rest, call, input),
            ("transformMapEntry", 3) => Over(MacroKind.TransformMapEntry, target, rest, call, input),
            ("transformMapEntry", 4) => Filtered(MacroKind.TransformMapEntry, target, rest, call, input),
            ("optMap", 2) => Over(MacroKind.OptionalMap, target, rest, call, input),
            ("optFlatMap", 2) => Over(MacroKind.OptionalFlatMap, target, rest, call, input),
            _ => null,
        };
    }

    private static SelectNode Has(CelNode tested, string input) => tested is SelectNode { Test: false } select
        ? select with { Test = true }
        : throw new CelException("invalid argument to has() macro", input, tested.Offset);

    private static MacroNode Over(MacroKind kind, CelNode target, List<CelNode> rest, CallNode call, string input) => rest.Count == 2
        ? new MacroNode(kind, target, Variable(rest[0], input), null, null, rest[1], call.Offset)
        : new MacroNode(kind, target, Variable(rest[0], input), Second(rest, input), null, rest[2], call.Offset);

    private static MacroNode Filtered(MacroKind kind, CelNode target, List<CelNode> rest, CallNode call, string input) =>
        new(kind, target, Variable(rest[0], input), Second(rest, input), rest[2], rest[3], call.Offset);

    private static string Second(List<CelNode> rest, string input) => Variable(rest[1], input) is var second && second != Variable(rest[0], input) ? second
        : throw new CelException("duplicate variable name: " + second, input, rest[1].Offset);

    private static string Variable(CelNode node, string input) => node is NameNode name && !name.Name.StartsWith('.') ? name.Name
        : throw new CelException("argument must be a simple name", input, node.Offset);
}
