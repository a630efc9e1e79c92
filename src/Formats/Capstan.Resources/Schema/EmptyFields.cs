using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>
/// The fields that API servers write even when they are empty. They decide which maps an updater owns: one that was always there was not
/// added by anybody.
/// </summary>
public static class EmptyFields
{
    /// <summary>An object of the kind in which nothing is set.</summary>
    public static YamlMap Of(ObjectSchema schema) =>
        Fill(YamlMap.Of(("apiVersion", schema.Kind.ApiVersion), ("kind", schema.Kind.Kind)), schema.Root, true);

    /// <summary>The object with the empty structs that an API server would show: <c>status: {}</c>, <c>resources: {}</c> …</summary>
    public static YamlMap Fill(YamlMap value, SchemaNode schema) => Fill(value, schema, false);

    private static YamlMap Fill(YamlMap value, SchemaNode schema, bool nulls)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        foreach (var (name, field) in schema.Map?.Fields ?? new Dictionary<string, SchemaField>())
        {
            var isStruct = field.Type.Map is { Fields.Count: > 0 };
            switch (value[name])
            {
                case YamlMap map when isStruct:
                    value = value.With(name, Fill(map, field.Type, nulls));
                    break;
                case YamlList list when field.Type.Items.Map is { Fields.Count: > 0 }:
                    value = value.With(name, FillItems(list, field.Type.Items, nulls));
                    break;
                case null when field.WhenEmpty == EmptyForm.Struct:
                    value = value.With(name, Fill(YamlMap.Empty, field.Type, nulls));
                    break;
                case null when field.WhenEmpty == EmptyForm.Null && nulls:
                    value = value.With(name, YamlScalar.Null);
                    break;
                default:
                    break;
            }
        }

        return value;
    }

    private static YamlList FillItems(YamlList list, SchemaNode items, bool nulls)
    {
        for (var i = 0; i < list.Count; i++)
        {
            list = list[i] is YamlMap map ? list.WithItem(i, Fill(map, items, nulls)) : list;
        }

        return list;
    }
}
