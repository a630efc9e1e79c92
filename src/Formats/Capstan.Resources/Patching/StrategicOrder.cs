using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>The directive <c>$setElementOrder/FIELD</c>: merges its list at once and puts it in the order that the patch wants.</summary>
internal static class StrategicOrder
{
    /// <summary>Merges every list that has an order; returns the patch without what was done.</summary>
    public static YamlMap Apply(YamlMapBuilder result, YamlMap patch, SchemaNode schema)
    {
        var rest = patch;
        foreach (var (key, value) in patch)
        {
            if (!key.StartsWith(StrategicMergePatch.OrderPrefix, StringComparison.Ordinal))
            {
                continue;
            }

            var name = key[StrategicMergePatch.OrderPrefix.Length..];
            var order = value as YamlList ?? throw PatchException.Malformed($"{key} must be a list, it is {value.Description}");
            var field = PatchField.Of(schema, name);
            var deleted = patch[StrategicMergePatch.DeletePrefix + name] as YamlList;
            ApplyOne(result, field, order, patch[name] as YamlList, deleted);
            rest = rest.Without(key);
            if (patch[name] is YamlList)
            {
                rest = rest.Without(name);
            }
        }

        return rest;
    }

    private static void ApplyOne(YamlMapBuilder result, PatchField field, YamlList order, YamlList? patch, YamlList? deleted)
    {
        var original = result.TryGetValue(field.Name, out var node) ? node as YamlList : null;
        var merged = (original, patch) switch
        {
            (null, null) => null,
            (null, _) => (YamlList)StrategicMergePatch.Added(patch),
            (_, null) => original,
            _ => StrategicLists.Merge(original, patch, field),
        };
        if (merged is null)
        {
            return;
        }

        Check(patch, order, field);
        var kept = deleted is null ? merged : new YamlList(merged.Where(i => !deleted.Contains(i)));
        result.Set(field.Name, StrategicLists.Order(kept, order, original ?? YamlList.Empty, field.MergeKey));
    }

    private static void Check(YamlList? patch, YamlList order, PatchField field)
    {
        var named = order.Select(i => StrategicLists.Identity(i, field.MergeKey)).ToHashSet();
        foreach (var item in patch ?? YamlList.Empty)
        {
            var deletes = (item as YamlMap)?[StrategicMergePatch.Directive] is not null;
            if (!deletes && !named.Contains(StrategicLists.Identity(item, field.MergeKey)))
            {
                throw PatchException.Malformed(
                    $"the order in {StrategicMergePatch.OrderPrefix}{field.Name} does not match the items of the patch's {field.Name}");
            }
        }
    }
}
