using Capstan.Kustomize.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize.Merging;

/// <summary>What <c>$patch</c> asks for.</summary>
internal enum PatchDirective
{
    Merge,
    Replace,
    Delete,
}

/// <summary>Finds and takes away <c>$patch</c> directives.</summary>
internal static class PatchDirectives
{
    public const string Key = "$patch";

    /// <summary>The directive of a map, and the map without it.</summary>
    public static (PatchDirective Directive, YamlMap Patch) Of(YamlMap patch) =>
        patch[Key] is { } value ? (Parse(ScalarNodes.Source(value), value.Position), patch.Without(Key)) : (PatchDirective.Merge, patch);

    /// <summary>The directive of a list (an item that has nothing but <c>$patch</c>), and the list without it.</summary>
    public static (PatchDirective Directive, YamlList Patch) Of(YamlList patch)
    {
        if (patch.FirstOrDefault(item => item is YamlMap map && map.ContainsKey(Key)) is not YamlMap { Count: 1 } first)
        {
            return (PatchDirective.Merge, patch);
        }

        var text = ScalarNodes.Source(first[Key]);
        var directive = Parse(text, first.Position);
        return (directive, new YamlList(patch.Where(item => !IsGone(item, text)), patch.Position));
    }

    private static bool IsGone(YamlNode item, string directive) =>
        item.IsNull || item is YamlMap { Count: 0 } || (item is YamlMap map && map.ContainsKey(Key) && ScalarNodes.Source(map[Key]) == directive);

    private static PatchDirective Parse(string text, Position position) => text switch
    {
        "merge" => PatchDirective.Merge,
        "replace" => PatchDirective.Replace,
        "delete" => PatchDirective.Delete,
        _ => throw new KustomizeException($"{(position.IsKnown ? $"line {position.Line}: " : "")}unknown patch strategy '{text}'; $patch is merge, replace or delete"),
    };
}
