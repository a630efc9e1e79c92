using CsCheck;

namespace Capstan.Expressions.Tests;

/// <summary>Expressions made by chance: mostly well-formed ones, some with a piece left out or too much.</summary>
internal static class MadeUp
{
    private static readonly Gen<string> Leaf = OneOf(
        "true", "false", "null", "0", "1", "-1", "1.5", "'a'", "'A'", "''", "'1'", "' 2 '", "NaN", "'Object'", "'push'",
        "github.ref", "github.event_name", "github.event.commits", "github.event.commits.*.id", "github", "matrix.os", "matrix.os[0]", "matrix.version",
        "matrix.nested.*.*", "needs.*.result", "inputs.flag", "inputs.count", "env.empty", "env.missing", "fromJSON('[1,\"a\",null]')", "fromJSON('{\"a\":1}')");

    private static readonly Gen<string> Operator = OneOf("==", "!=", "<", "<=", ">", ">=", "&&", "||");

    private static readonly Gen<string> Mistake = OneOf("", "", "", "", "", "", "", "", "", "(", ")", "]", " 1", " &&", ".", ",", "'", "!");

    public static readonly Gen<string> Expression = Gen.Select(Tree(4), Mistake, (tree, mistake) => tree + mistake);

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static Gen<string> Tree(int depth)
    {
        if (depth == 0) return Leaf;
        var below = Tree(depth - 1);
        return Gen.Frequency(
            (3, Leaf),
            (3, Gen.Select(below, Operator, below, (l, o, r) => $"{l} {o} {r}")),
            (1, below.Select(x => $"({x})")),
            (1, below.Select(x => $"!{x}")),
            (1, Gen.Select(below, below, (a, b) => $"contains({a}, {b})")),
            (1, Gen.Select(below, below, (a, b) => $"startsWith({a}, {b})")),
            (1, Gen.Select(below, below, (a, b) => $"format('<{{0}}|{{1}}>', {a}, {b})")),
            (1, Gen.Select(below, below, (a, b) => $"join({a}, {b})")),
            (1, below.Select(x => $"toJSON({x})")),
            (1, Gen.Select(below, below, (a, b) => $"({a})[{b}]")),
            (1, below.Select(x => $"({x}).*")));
    }
}
