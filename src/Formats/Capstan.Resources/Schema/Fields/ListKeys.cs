using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>What tells the items of lists apart.</summary>
internal static class ListKeys
{
    /// <summary>The path element of an item of a set or a list of maps; null when it has none, and then why.</summary>
    public static PathElement? TryOf(YamlNode item, ListShape shape, out string problem)
    {
        problem = "";
        if (shape.Type == ListType.Set)
        {
            if (item is YamlScalar { Kind: not ScalarKind.Null })
            {
                return PathElement.Value(item);
            }

            problem = item switch
            {
                YamlMap => "associative list without keys has an element that's a map type",
                YamlList => "not supported: associative list with lists as elements",
                _ => "associative list without keys has an element that's an explicit null",
            };
            return null;
        }

        if (item is not YamlMap map)
        {
            problem = item.IsNull ? "associative list with keys may not have a null element" : "associative list with keys may not have non-map elements";
            return null;
        }

        var keys = new YamlMapBuilder(shape.Keys.Count);
        foreach (var key in shape.Keys)
        {
            if ((map[key] ?? shape.DefaultOfKey(key)) is { } value)
            {
                keys.Set(key, value);
            }
        }

        if (keys.Count > 0)
        {
            return PathElement.Key(keys.ToMap());
        }

        var names = string.Join(' ', shape.Keys.Select(k => $"\"{k}\""));
        problem = $"associative list with keys has an element that omits all key fields [{names}] (and doesn't have default values for any key fields)";
        return null;
    }

    public static PathElement? TryOf(YamlNode item, ListShape shape) => TryOf(item, shape, out _);
}
