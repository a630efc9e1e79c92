using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>Typed objects hold no nulls: a null in a configuration is an absent field.</summary>
internal static class Nulls
{
    public static YamlMap Drop(YamlMap map, SchemaNode schema) => (YamlMap)DropIn(map, schema);

    private static YamlNode DropIn(YamlNode node, SchemaNode schema)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (schema.IsUntyped)
        {
            return node;
        }

        switch (node)
        {
            case YamlMap map:
                var result = map;
                foreach (var (key, value) in map)
                {
                    result = value.IsNull ? result.Without(key) : result.With(key, DropIn(value, schema.Field(key)));
                }

                return result;
            case YamlList list:
                for (var i = 0; i < list.Count; i++)
                {
                    list = list.WithItem(i, DropIn(list[i], schema.Items));
                }

                return list;
            default:
                return node;
        }
    }
}
