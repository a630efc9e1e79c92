using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>The few ways in which the server edits objects.</summary>
internal static class Tree
{
    /// <summary>The map with a key set when it is absent.</summary>
    public static YamlMap Default(this YamlMap map, string key, YamlNode value) => map.ContainsKey(key) ? map : map.With(key, value);

    /// <summary>The map with the map under a key changed; nothing happens when there is none.</summary>
    public static YamlMap Change(this YamlMap map, string key, Func<YamlMap, YamlMap> change) =>
        map[key] is YamlMap inner ? map.With(key, change(inner)) : map;

    /// <summary>The map with each map in the list under a key changed.</summary>
    public static YamlMap ChangeEach(this YamlMap map, string key, Func<YamlMap, YamlMap> change) => map[key] is YamlList list
        ? map.With(key, new YamlList(list.Select(item => item is YamlMap inner ? change(inner) : item)))
        : map;

    public static IEnumerable<YamlMap> Maps(this YamlMap map, params ReadOnlySpan<string> path) =>
        (map.At(path) as YamlList ?? YamlList.Empty).OfType<YamlMap>();

    public static string Text(this YamlMap map, params ReadOnlySpan<string> path) => map.At(path)?.AsString() ?? "";

    public static long? Number(this YamlMap map, params ReadOnlySpan<string> path) =>
        map.At(path) is YamlScalar scalar && scalar.TryGetInteger(out var number) ? number : null;

    public static bool IsTrue(this YamlMap map, params ReadOnlySpan<string> path) =>
        map.At(path) is YamlScalar { Kind: ScalarKind.Boolean, Text: "true" };

    public static YamlMap MapAt(this YamlMap map, params ReadOnlySpan<string> path) => map.At(path) as YamlMap ?? YamlMap.Empty;

    /// <summary>The map with the key as the other map has it: set, or absent.</summary>
    public static YamlMap Like(this YamlMap map, YamlMap other, string key) =>
        other[key] is { } value ? map.With(key, value) : map.Without(key);

    /// <summary>The tree without keys whose value is null: a null means that the field is not there.</summary>
    public static YamlMap WithoutNulls(this YamlMap map)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        YamlMapBuilder? changed = null;
        foreach (ref readonly var entry in map.AsSpan())
        {
            if (entry.Value.IsNull)
            {
                (changed ??= map.ToBuilder()).Remove(entry.Key);
                continue;
            }

            var value = WithoutNulls(entry.Value);
            if (!ReferenceEquals(value, entry.Value))
            {
                (changed ??= map.ToBuilder()).Set(entry.Key, value);
            }
        }

        return changed?.ToMap() ?? map;
    }

    private static YamlNode WithoutNulls(YamlNode node)
    {
        switch (node)
        {
            case YamlMap map:
                return map.WithoutNulls();
            case YamlList list:
                for (var i = 0; i < list.Count; i++)
                {
                    list = list.WithItem(i, WithoutNulls(list[i]));
                }

                return list;
            default:
                return node;
        }
    }
}
