using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>Merges what is applied into what is live, by schema: maps key by key, keyed lists item by item, all else is replaced.</summary>
internal static class TypedMerge
{
    /// <summary>The merged value; null when nothing is left of it.</summary>
    public static YamlNode? Merge(YamlNode? live, YamlNode? applied, SchemaNode schema)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (applied is null || live is null)
        {
            return applied ?? live;
        }

        // Where a place changes its shape, the applied one wins.
        return Shapes.Of(schema, applied) switch
        {
            Shape.Map when !schema.Map!.IsAtomic => MergeMaps(live, applied, schema),
            Shape.List when schema.List!.Type != ListType.Atomic => MergeLists(live, applied, schema),
            _ => applied,
        };
    }

    private static YamlNode? MergeMaps(YamlNode live, YamlNode applied, SchemaNode schema)
    {
        var (left, right) = (live as YamlMap ?? YamlMap.Empty, applied as YamlMap ?? YamlMap.Empty);
        if (left.Count == 0 && right.Count == 0)
        {
            return applied;
        }

        var result = left.ToBuilder();
        foreach (var (key, value) in right)
        {
            if (Merge(left[key], value, schema.Field(key)) is { } merged)
            {
                result.Set(key, merged);
            }
        }

        return result.ToMap(left.Position);
    }

    private static YamlNode? MergeLists(YamlNode live, YamlNode applied, SchemaNode schema)
    {
        var (left, right) = (live as YamlList ?? YamlList.Empty, applied as YamlList ?? YamlList.Empty);
        return left.Count == 0 && right.Count == 0 ? applied : new ListMerge(left, right, schema).Run();
    }
}
