using Capstan.Yaml;
using CsCheck;

namespace Capstan.Resources.Tests;

/// <summary>Random trees and field sets for laws.</summary>
internal static class Trees
{
    private static readonly Gen<string> Keys = Of("a", "b", "c", "d/e", "~f");

    private static readonly Gen<YamlNode> Scalars = Gen.OneOf(
        Gen.Int[0, 3].Select(i => (YamlNode)YamlScalar.Integer(i)), Of("", "x", "y<z").Select(t => (YamlNode)YamlScalar.String(t)), Gen.Bool.Select(b => (YamlNode)YamlScalar.Boolean(b)));

    public static readonly Gen<YamlNode> Any = Node(3);

    public static readonly Gen<YamlMap> Maps = Map(3);

    // An applied empty map or list says nothing of what it would hold, so laws of apply leave them out, as structured-merge-diff does.
    private static readonly Gen<YamlMap> Filled = Map(3, 1);

    public static readonly Gen<FieldSet> Sets = Maps.Select(m => FieldSet.From(m, SchemaNode.Deduced));

    public static readonly SchemaNode Widget = CrdSchema.From(ApplySequences.WidgetSchema);

    public static readonly ObjectSchema WidgetSchema = new(new("judge.capstan.dev", "v1", "Widget"), Widget, true);

    public static readonly Gen<KubernetesObject> Widgets =
        Gen.Select(Gen.Int[0, 2], Of("a", "b", "c").List[1, 3], Gen.Select(Of("x", "y"), Of("wheel", "door"), Gen.Int[0, 2]).List[1, 3], Filled)
            .Select((size, tags, parts, free) => new KubernetesObject(YamlMap.Of(
                ("apiVersion", "judge.capstan.dev/v1"), ("kind", "Widget"), ("metadata", YamlMap.Of(("name", "w"))),
                ("spec", YamlMap.Of(
                    ("size", YamlScalar.Integer(size)),
                    ("tags", new YamlList(tags.Distinct().Select(t => YamlScalar.String(t)))),
                    ("parts", new YamlList(parts.DistinctBy(p => (p.Item1, p.Item2)).Select(p => YamlMap.Of(("name", p.Item1), ("kind", p.Item2), ("count", YamlScalar.Integer(p.Item3)))))),
                    ("free", free))))));

    private static Gen<string> Of(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);

    private static Gen<YamlNode> Node(int depth, int fewest = 0) => depth == 0
        ? Scalars
        : Gen.OneOf(Scalars, Map(depth - 1, fewest).Select(m => (YamlNode)m), Node(depth - 1, fewest).List[fewest, 3].Select(l => (YamlNode)new YamlList(l)));

    private static Gen<YamlMap> Map(int depth, int fewest = 0) => Gen.Select(Keys, Node(Math.Max(0, depth - 1), fewest)).List[fewest, 4].Select(entries => YamlMap.Of([.. entries]));
}
