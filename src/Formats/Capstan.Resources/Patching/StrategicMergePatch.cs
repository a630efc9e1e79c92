using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>
/// Strategic merge patches, as the API server applies them: a merge patch in which lists merge by the keys of the schema, and in which
/// directives delete, replace, order and retain.
/// </summary>
public static class StrategicMergePatch
{
    internal const string Directive = "$patch";
    internal const string RetainKeys = "$retainKeys";
    internal const string OrderPrefix = "$setElementOrder/";
    internal const string DeletePrefix = "$deleteFromPrimitiveList/";

    /// <summary>Applies a patch to an object.</summary>
    /// <param name="target">The object.</param>
    /// <param name="patch">The patch.</param>
    /// <param name="schema">The schema of the object, which says how lists merge.</param>
    /// <exception cref="PatchException">The patch is malformed: an unknown directive, an item without its merge key …</exception>
    public static YamlMap Apply(YamlMap target, YamlMap patch, SchemaNode schema)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (patch[Directive] is { } directive)
        {
            switch (directive.AsString())
            {
                case "replace":
                    return patch.Without(Directive);
                case "delete":
                    return YamlMap.Empty;
                case "merge":
                    patch = patch.Without(Directive);
                    break;
                default:
                    throw UnknownDirective(directive);
            }
        }

        var result = target.ToBuilder();
        Retain(result, patch);
        var changes = StrategicOrder.Apply(result, patch, schema);
        foreach (var (key, change) in changes)
        {
            MergeKey(result, key, change, schema);
        }

        return result.ToMap(target.Position);
    }

    private static void MergeKey(YamlMapBuilder result, string key, YamlNode change, SchemaNode schema)
    {
        if (key == RetainKeys)
        {
            return;
        }

        if (key.StartsWith(DeletePrefix, StringComparison.Ordinal))
        {
            var field = key[DeletePrefix.Length..];
            if (result.TryGetValue(field, out var list) && list is YamlList items && change is YamlList gone)
            {
                result.Set(field, new YamlList(items.Where(i => !gone.Contains(i)), items.Position));
            }

            return;
        }

        if (change.IsNull)
        {
            result.Remove(key);
            return;
        }

        result.TryGetValue(key, out var old);
        result.Set(key, (old, change) switch
        {
            (YamlMap before, YamlMap map) => Apply(before, map, schema.Field(key)),
            (YamlList before, YamlList list) => StrategicLists.Merge(before, list, PatchField.Of(schema, key)),
            _ => Added(change),
        });
    }

    private static void Retain(YamlMapBuilder result, YamlMap patch)
    {
        if (patch[RetainKeys] is not { } directive)
        {
            return;
        }

        if (directive is not YamlList list)
        {
            throw PatchException.Malformed($"{RetainKeys} must be a list of keys, it is {directive.Description}");
        }

        var kept = list.Select(k => k.AsString() ?? "").ToHashSet(StringComparer.Ordinal);
        foreach (var (key, value) in patch)
        {
            if (key[0] != '$' && !value.IsNull && !kept.Contains(key))
            {
                throw PatchException.Malformed($"the patch sets {key}, which its {RetainKeys} list does not have");
            }
        }

        foreach (var key in result.ToMap().Keys.Where(k => !kept.Contains(k)))
        {
            result.Remove(key);
        }
    }

    /// <summary>What a patch adds where nothing was: its content without nulls and directives.</summary>
    internal static YamlNode Added(YamlNode node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (node)
        {
            case YamlMap map:
                var result = new YamlMapBuilder(map.Count);
                foreach (var (key, value) in map)
                {
                    if (!value.IsNull && !IsDirective(key))
                    {
                        result.Set(key, Added(value));
                    }
                }

                return result.ToMap(map.Position);
            case YamlList list:
                return new YamlList(list.Where(i => i is not YamlMap map || map[Directive]?.AsString() is not ("delete" or "replace")).Select(Added), list.Position);
            default:
                return node;
        }
    }

    internal static PatchException UnknownDirective(YamlNode directive) =>
        PatchException.Malformed($"Unknown patch type found: {JsonText.Write(directive)}; {Directive} is replace, delete or merge");

    private static bool IsDirective(string key) =>
        key is Directive or RetainKeys || key.StartsWith(OrderPrefix, StringComparison.Ordinal) || key.StartsWith(DeletePrefix, StringComparison.Ordinal);
}

/// <summary>How a strategic merge patch treats one list.</summary>
internal readonly record struct PatchField(string Name, bool Merges, string MergeKey, SchemaNode Items)
{
    public static PatchField Of(SchemaNode parent, string key)
    {
        var field = parent.Map?.Fields.GetValueOrDefault(key);
        return new(key, field?.PatchMerges ?? false, field?.PatchMergeKey ?? "", parent.Field(key).Items);
    }
}
