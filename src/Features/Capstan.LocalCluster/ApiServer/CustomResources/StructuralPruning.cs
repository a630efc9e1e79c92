using System.Runtime.CompilerServices;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.CustomResources;

/// <summary>Drops what a structural schema does not describe, unless it says to preserve unknown fields.</summary>
internal static class StructuralPruning
{
    public static YamlMap Root(YamlMap tree, YamlMap schema, List<string> unknown)
    {
        var (version, kind, metadata) = (tree["apiVersion"], tree["kind"], tree["metadata"]);
        var pruned = (YamlMap)Node(tree.Without("apiVersion").Without("kind").Without("metadata"), schema, "", unknown);
        var result = YamlMap.Of(("apiVersion", version ?? ""), ("kind", kind ?? ""), ("metadata", metadata ?? YamlMap.Empty));
        foreach (var (key, value) in pruned)
        {
            result = result.With(key, value);
        }

        return result;
    }

    private static YamlNode Node(YamlNode node, YamlMap schema, string path, List<string> unknown)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (node is YamlList list && schema["items"] is YamlMap items)
        {
            for (var i = 0; i < list.Count; i++)
            {
                list = list.WithItem(i, Node(list[i], items, $"{path}[{i}]", unknown));
            }

            return list;
        }

        if (node is not YamlMap map)
        {
            return node;
        }

        var properties = schema.MapAt("properties");
        var additional = schema["additionalProperties"];
        var preserves = schema.IsTrue("x-kubernetes-preserve-unknown-fields") || additional is YamlScalar { Text: "true" };
        var embedded = schema.IsTrue("x-kubernetes-embedded-resource");
        foreach (var (key, value) in map)
        {
            var field = path.Length == 0 ? key : $"{path}.{key}";
            if ((properties[key] ?? additional) is YamlMap inner)
            {
                map = map.With(key, Node(value, inner, field, unknown));
            }
            else if (!preserves && !(embedded && key is "apiVersion" or "kind" or "metadata"))
            {
                map = map.Without(key);
                unknown.Add(field);
            }
        }

        return map;
    }
}
