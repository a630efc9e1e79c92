using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>The field set of a value: leaves, items of lists, keys of free maps, and maps and lists that are one value.</summary>
internal static class FieldSetOfValue
{
    public static FieldSet Of(YamlNode node, SchemaNode schema)
    {
        var builder = new FieldSetBuilder();
        Walk(node, schema, builder, null, null);
        return builder.ToSet();
    }

    // The node stands under `self` of `parent`; `here` collects what lies beneath it.
    private static void Walk(YamlNode node, SchemaNode schema, FieldSetBuilder here, FieldSetBuilder? parent, PathElement? self)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (Shapes.Of(schema, node))
        {
            case Shape.Map when !schema.Map!.IsAtomic:
                WalkMap(node as YamlMap ?? YamlMap.Empty, schema, here);
                break;
            case Shape.List when schema.List!.Type != ListType.Atomic:
                WalkList(node as YamlList ?? YamlList.Empty, schema, here);
                break;
            default:
                if (self is not null)
                {
                    parent!.AddMember(self);
                }

                break;
        }
    }

    // Leaves are most of an object: nothing is made for what would lie beneath them.
    private static void Step(YamlNode node, SchemaNode schema, FieldSetBuilder here, PathElement element)
    {
        if (Shapes.Of(schema, node) == Shape.Scalar)
        {
            here.AddMember(element);
            return;
        }

        Walk(node, schema, here.Child(element), here, element);
    }

    private static void WalkMap(YamlMap map, SchemaNode schema, FieldSetBuilder here)
    {
        foreach (var (key, value) in map)
        {
            var element = PathElement.Field(key);
            Step(value, schema.Field(key), here, element);
            if (value is YamlMap { Count: 0 } || value.IsNull || !schema.Map!.Fields.ContainsKey(key))
            {
                here.AddMember(element);
            }
        }
    }

    private static void WalkList(YamlList list, SchemaNode schema, FieldSetBuilder here)
    {
        var keyed = new Dictionary<PathElement, YamlNode?>(list.Count);
        foreach (var item in list)
        {
            if (ListKeys.TryOf(item, schema.List!) is { } element && !keyed.TryAdd(element, item))
            {
                // An item that is there twice is one value.
                keyed[element] = null;
            }
        }

        foreach (var (element, item) in keyed)
        {
            here.AddMember(element);
            if (item is not null)
            {
                Step(item, schema.Items, here, element);
            }
        }
    }
}

/// <summary>Which of the shapes of a schema holds for a value.</summary>
internal enum Shape : byte
{
    Map,
    Scalar,
    List,
}

/// <summary>Decides by the value where a schema leaves several shapes open, as structured-merge-diff does.</summary>
internal static class Shapes
{
    public static Shape Of(SchemaNode schema, YamlNode? value) => value switch
    {
        YamlScalar { Kind: not ScalarKind.Null } when schema.Scalar is not null => Shape.Scalar,
        YamlList when schema.List is not null => Shape.List,
        YamlMap when schema.Map is not null => Shape.Map,
        _ => schema.Map is not null ? Shape.Map : schema.Scalar is not null ? Shape.Scalar : Shape.List,
    };
}
