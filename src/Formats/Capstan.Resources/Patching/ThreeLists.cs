using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>A list that merges by key in its three states, and the directives that bring the live one to the wanted one.</summary>
internal sealed class ThreeLists(string name, YamlList last, YamlList wanted, YamlList live, SchemaField field)
{
    public void WriteTo(YamlMapBuilder patch, Func<YamlMap, YamlMap, YamlMap, YamlMap> diff)
    {
        var changed = field.PatchMergeKey.Length == 0 ? WriteScalars(patch) : WriteMaps(patch, diff);
        if (!changed && IsOrdered())
        {
            return;
        }

        var order = field.PatchMergeKey.Length == 0
            ? wanted
            : new YamlList(wanted.Select(i => YamlMap.Of((field.PatchMergeKey, Identity(i)))));
        patch.Set(StrategicMergePatch.OrderPrefix + name, order);
    }

    private bool WriteScalars(YamlMapBuilder patch)
    {
        var added = wanted.Where(i => !live.Contains(i)).ToList();
        var gone = last.Where(i => !wanted.Contains(i) && live.Contains(i)).ToList();
        if (added.Count > 0)
        {
            patch.Set(name, new YamlList(added));
        }

        if (gone.Count > 0)
        {
            patch.Set(StrategicMergePatch.DeletePrefix + name, new YamlList(gone));
        }

        return added.Count + gone.Count > 0;
    }

    private bool WriteMaps(YamlMapBuilder patch, Func<YamlMap, YamlMap, YamlMap, YamlMap> diff)
    {
        var (before, now, kept) = (ByKey(last), ByKey(live), ByKey(wanted));
        var items = new List<YamlNode>();
        foreach (var item in wanted)
        {
            var key = Identity(item);
            if (!now.TryGetValue(key, out var current))
            {
                items.Add(item);
                continue;
            }

            var change = diff(before.GetValueOrDefault(key, YamlMap.Empty), (YamlMap)item, current);
            if (change.Count > 0)
            {
                items.Add(change.With(field.PatchMergeKey, key));
            }
        }

        foreach (var (key, _) in before)
        {
            if (!kept.ContainsKey(key) && now.ContainsKey(key))
            {
                items.Add(YamlMap.Of((StrategicMergePatch.Directive, "delete"), (field.PatchMergeKey, key)));
            }
        }

        if (items.Count > 0)
        {
            patch.Set(name, new YamlList(items));
        }

        return items.Count > 0;
    }

    private bool IsOrdered()
    {
        var known = wanted.Select(Identity).ToList();
        return live.Select(Identity).Where(known.ToHashSet().Contains).SequenceEqual(known);
    }

    private Dictionary<YamlNode, YamlMap> ByKey(YamlList list)
    {
        var result = new Dictionary<YamlNode, YamlMap>();
        foreach (var item in list)
        {
            result.TryAdd(Identity(item), item as YamlMap ?? YamlMap.Empty);
        }

        return result;
    }

    private YamlNode Identity(YamlNode item) => StrategicLists.Identity(item, field.PatchMergeKey);
}
