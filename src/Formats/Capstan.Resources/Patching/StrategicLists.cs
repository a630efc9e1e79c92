using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>How lists merge in a strategic merge patch.</summary>
internal static class StrategicLists
{
    public static YamlList Merge(YamlList before, YamlList patch, PatchField field)
    {
        if (!field.Merges)
        {
            // A replaced list may still begin with the directive that says so.
            return new YamlList(patch.Where(i => (i as YamlMap)?[StrategicMergePatch.Directive] is null), patch.Position);
        }

        return field.MergeKey.Length == 0 ? MergeScalars(before, patch) : MergeMaps(before, patch, field);
    }

    /// <summary>Items that the patch names in the order of the patch, the others in the order they had, woven together.</summary>
    public static YamlList Order(IReadOnlyList<YamlNode> merged, YamlList patchOrder, YamlList serverOrder, string mergeKey)
    {
        var patchAt = Index(patchOrder, mergeKey);
        var serverAt = Index(serverOrder, mergeKey);
        int At(Dictionary<YamlNode, int> index, YamlNode item) => index.GetValueOrDefault(Identity(item, mergeKey), -1);

        var fromPatch = new Queue<YamlNode>(merged.Where(i => At(patchAt, i) >= 0).OrderBy(i => At(patchAt, i)));
        var serverOnly = new Queue<YamlNode>(merged.Where(i => At(patchAt, i) < 0).OrderBy(i => At(serverAt, i)));
        var result = new List<YamlNode>(merged.Count);
        while (fromPatch.Count > 0 && serverOnly.Count > 0)
        {
            var (left, right) = (At(serverAt, serverOnly.Peek()), At(serverAt, fromPatch.Peek()));
            result.Add((left >= 0 && right >= 0 && left < right ? serverOnly : fromPatch).Dequeue());
        }

        return new YamlList([.. result, .. serverOnly, .. fromPatch], serverOrder.Position);
    }

    /// <summary>What tells an item from others: the value of the merge key, or the scalar itself.</summary>
    public static YamlNode Identity(YamlNode item, string mergeKey)
    {
        if (mergeKey.Length == 0)
        {
            return item;
        }

        return (item as YamlMap)?[mergeKey]
            ?? throw PatchException.Malformed($"an item of the list has no {mergeKey}, by which the list merges: {item.Description}");
    }

    private static YamlList MergeScalars(YamlList before, YamlList patch)
    {
        var seen = new HashSet<YamlNode>();
        var merged = before.Concat(patch).Where(seen.Add).ToList();
        return Order(merged, patch, before, "");
    }

    private static YamlList MergeMaps(YamlList before, YamlList patch, PatchField field)
    {
        var gone = new HashSet<YamlNode>();
        var plain = new List<YamlMap>(patch.Count);
        var replace = false;
        foreach (var item in patch)
        {
            var map = item as YamlMap ?? throw PatchException.Malformed($"the items of {field.Name} must be maps, one is {item.Description}");
            switch (map[StrategicMergePatch.Directive])
            {
                case null:
                    plain.Add(map);
                    break;
                case YamlScalar { Text: "delete" }:
                    gone.Add(Identity(map, field.MergeKey));
                    break;
                case YamlScalar { Text: "replace" }:
                    replace = true;
                    break;
                case YamlScalar { Text: "merge" }:
                    plain.Add(map.Without(StrategicMergePatch.Directive));
                    break;
                case var directive:
                    throw StrategicMergePatch.UnknownDirective(directive);
            }
        }

        if (replace)
        {
            return new YamlList(plain, patch.Position);
        }

        var kept = before.Where(i => !gone.Contains((i as YamlMap)?[field.MergeKey] ?? YamlScalar.Null)).ToList();
        var merged = MergeItems(kept, plain, field);
        return Order(merged, new YamlList(plain), before, field.MergeKey);
    }

    private static List<YamlNode> MergeItems(List<YamlNode> kept, List<YamlMap> plain, PatchField field)
    {
        var at = new Dictionary<YamlNode, int>();
        for (var i = 0; i < kept.Count; i++)
        {
            at.TryAdd(Identity(kept[i], field.MergeKey), i);
        }

        foreach (var item in plain)
        {
            var key = Identity(item, field.MergeKey);
            if (at.TryGetValue(key, out var index))
            {
                kept[index] = StrategicMergePatch.Apply((YamlMap)kept[index], item, field.Items);
            }
            else
            {
                at[key] = kept.Count;
                kept.Add(StrategicMergePatch.Added(item));
            }
        }

        return kept;
    }

    private static Dictionary<YamlNode, int> Index(YamlList list, string mergeKey)
    {
        var index = new Dictionary<YamlNode, int>(list.Count);
        for (var i = 0; i < list.Count; i++)
        {
            index.TryAdd(Identity(list[i], mergeKey), i);
        }

        return index;
    }
}
