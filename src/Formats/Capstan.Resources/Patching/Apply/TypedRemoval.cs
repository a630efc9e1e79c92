using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>Takes fields out of a value.</summary>
internal static class TypedRemoval
{
    /// <summary>The value without the fields; null when nothing is left of it.</summary>
    public static YamlNode? Remove(YamlNode node, FieldSet gone, SchemaNode schema)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return Shapes.Of(schema, node) switch
        {
            Shape.Map => node is YamlMap { Count: > 0 } map && !schema.Map!.IsAtomic ? FromMap(map, gone, schema) : null,
            Shape.List => node is YamlList { Count: > 0 } list && schema.List!.Type != ListType.Atomic ? FromList(list, gone, schema) : null,
            _ => node,
        };
    }

    private static YamlMap? FromMap(YamlMap map, FieldSet gone, SchemaNode schema)
    {
        var result = new YamlMapBuilder(map.Count);
        foreach (var entry in map)
        {
            var element = PathElement.Field(entry.Key);
            if (gone.HasMember(element))
            {
                continue;
            }

            var value = gone.TryChild(element, out var below) ? Remove(entry.Value, below, schema.Field(entry.Key)) : entry.Value;
            if (value is not null)
            {
                result.Add(entry with { Value = value });
            }
        }

        return result.Count > 0 ? result.ToMap(map.Position) : null;
    }

    private static YamlList? FromList(YamlList list, FieldSet gone, SchemaNode schema)
    {
        var result = new List<YamlNode>(list.Count);
        foreach (var item in list)
        {
            var element = ListKeys.TryOf(item, schema.List!);
            if (element is not null && gone.HasMember(element))
            {
                continue;
            }

            var value = element is not null && gone.TryChild(element, out var below) ? Remove(item, below, schema.Items) : item;
            if (value is not null)
            {
                result.Add(value);
            }
        }

        return result.Count > 0 ? new YamlList(result, list.Position) : null;
    }
}
