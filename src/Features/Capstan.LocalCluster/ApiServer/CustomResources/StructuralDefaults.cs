using System.Runtime.CompilerServices;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.CustomResources;

/// <summary>Fills in the defaults of a structural schema.</summary>
internal static class StructuralDefaults
{
    public static YamlNode Apply(YamlNode node, YamlMap schema)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (node)
        {
            case YamlMap map:
                foreach (var (key, value) in schema.MapAt("properties"))
                {
                    if (value is not YamlMap property)
                    {
                        continue;
                    }

                    if (map[key] is null && property["default"] is { } given)
                    {
                        map = map.With(key, given);
                    }

                    if (map[key] is { } present)
                    {
                        map = map.With(key, Apply(present, property));
                    }
                }

                if (schema["additionalProperties"] is YamlMap additional)
                {
                    foreach (var (key, value) in map)
                    {
                        map = map.With(key, Apply(value, additional));
                    }
                }

                return map;
            case YamlList list when schema["items"] is YamlMap items:
                for (var i = 0; i < list.Count; i++)
                {
                    list = list.WithItem(i, Apply(list[i], items));
                }

                return list;
            default:
                return node;
        }
    }
}
