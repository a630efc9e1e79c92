using Capstan.Kustomize.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize.Merging;

/// <summary>
/// Merges lists with several keys, missing keys, doubled keys or directives, step for step as kustomize does, since what comes out then
/// follows from the steps: items are merged by key into a new list, and what is left of the target is put into that list by key.
/// </summary>
internal sealed class IrregularLists(StrategicMerge merge, MergeField item, string[] keys)
{
    public YamlNode Merge(YamlList targetList, YamlList? patchList)
    {
        var self = ReferenceEquals(targetList, patchList);
        var target = targetList.ToList();
        var patch = self ? target : patchList?.ToList();
        var tuples = Tuples(target, self ? null : patch);
        if (keys.Length > 1)
        {
            FillGaps(tuples);
        }

        // Keys that no item has are left out, unless no item has any.
        var used = Enumerable.Range(0, keys.Length).Where(i => tuples.Exists(t => t[i].Length > 0)).ToArray();
        var usedKeys = used.Length == 0 ? keys : [.. used.Select(i => keys[i])];
        var merged = new List<YamlNode>();
        foreach (var tuple in tuples)
        {
            var values = used.Length == 0 ? tuple : [.. used.Select(i => tuple[i])];
            MergeItem(usedKeys, values, target, self ? target : patch, merged);
        }

        if (tuples.Count == 0)
        {
            return targetList;
        }

        AppendRest(merged, target, usedKeys);
        return new YamlList(merged, targetList.Position);
    }

    private static string Value(YamlNode node, string key) => key.Length == 0 ? ScalarNodes.Source(node) : node is YamlMap map ? ScalarNodes.Value(map[key]) : "";

    private static bool TryMatch(string[] left, string[] right, out string[] union)
    {
        union = new string[left.Length];
        var common = false;
        for (var i = 0; i < left.Length; i++)
        {
            if (left[i] == right[i])
            {
                common = true;
                union[i] = left[i];
                continue;
            }

            if (left[i].Length > 0 && right[i].Length > 0)
            {
                return false;
            }

            union[i] = left[i].Length > 0 ? left[i] : right[i];
        }

        return common;
    }

    // A port without a protocol is the same as the one with a protocol.
    private static void FillGaps(List<string[]> tuples)
    {
        for (var i = 0; i < tuples.Count; i++)
        {
            var left = tuples[i];
            for (var j = 0; j < tuples.Count; j++)
            {
                if (TryMatch(left, tuples[j], out var union))
                {
                    tuples[i] = union;
                    tuples[j] = union;
                }
            }
        }
    }

    private static int Find(List<YamlNode> list, string[] keys, string[] values)
    {
        if (keys[0].Length == 0)
        {
            return list.FindIndex(node => ScalarNodes.Source(node) == values[0]);
        }

        return list.FindIndex(node => node is YamlMap map && keys.Index().All(k => map[k.Item] is { } value && ScalarNodes.Source(value) == values[k.Index]));
    }

    // Replaces what has the keys' values, or appends; without an element it takes away. An empty value matches any item that has the key.
    private static void Set(List<YamlNode> list, string[] keys, string[] values, YamlNode? element)
    {
        var found = false;
        var kept = new List<YamlNode>(list.Count + 1);
        foreach (var node in list)
        {
            if (node.IsNull || node is YamlMap { Count: 0 })
            {
                continue;
            }

            if (node is not YamlMap && keys[0].Length > 0 && values is [{ Length: > 0 }, ..])
            {
                kept.Add(node);
                continue;
            }

            if (!Matches(node, keys, values))
            {
                if (values.Length > 0)
                {
                    kept.Add(node);
                }

                continue;
            }

            found = true;
            if (element is not null)
            {
                kept.Add(element);
            }
        }

        if (element is not null && !element.IsNull && !found)
        {
            kept.Add(element);
        }

        list.Clear();
        list.AddRange(kept);
    }

    private static bool Matches(YamlNode node, string[] keys, string[] values)
    {
        if (values.Length == 0)
        {
            return false;
        }

        for (var i = 0; i < keys.Length && i < values.Length; i++)
        {
            var value = keys[i].Length == 0 ? node : (node as YamlMap)?[keys[i]];
            if (value is null || ((values[i].Length > 0 || keys[i].Length == 0) && ScalarNodes.Source(value) != values[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static void AppendRest(List<YamlNode> merged, List<YamlNode> target, string[] keys)
    {
        foreach (var element in target.ToArray())
        {
            if (keys[0].Length == 0)
            {
                Set(merged, keys, [ScalarNodes.Source(element)], element);
                continue;
            }

            var values = new List<string>();
            foreach (var key in keys)
            {
                if ((element as YamlMap)?[key] is { } value)
                {
                    values.Add(ScalarNodes.Source(value));
                }
                else
                {
                    merged.Add(element);
                }
            }

            if (keys.Length > 1)
            {
                Set(merged, keys, [.. values], null);
            }

            Set(merged, keys, [.. values], element);
        }
    }

    private List<string[]> Tuples(List<YamlNode> target, List<YamlNode>? patch)
    {
        var tuples = new List<string[]>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in (patch ?? []).Concat(target))
        {
            string[] values = [.. keys.Select(key => Value(node, key))];
            if (seen.Add(string.Join('\0', values)))
            {
                tuples.Add(values);
            }
        }

        return tuples;
    }

    private void MergeItem(string[] usedKeys, string[] values, List<YamlNode> target, List<YamlNode>? patch, List<YamlNode> merged)
    {
        var given = Enumerable.Range(0, usedKeys.Length).Where(i => values[i].Length > 0).ToArray();
        string[] givenKeys = given.Length == 0 ? usedKeys : [.. given.Select(i => usedKeys[i])];
        string[] givenValues = given.Length == 0 ? values : [.. given.Select(i => values[i])];
        var at = Find(target, givenKeys, givenValues);
        var old = at < 0 ? null : target[at];
        var self = ReferenceEquals(target, patch);
        var change = self ? old : patch is null || Find(patch, givenKeys, givenValues) is not (>= 0 and var p) ? null : patch[p];
        var value = merge.Walk(item, old, change);
        if (value is null || value.IsNull || value is YamlMap { Count: 0 })
        {
            Set(target, usedKeys, values, null);
            return;
        }

        value = WithKeys(value, usedKeys, values);
        var replaced = !self && change is YamlMap map && PatchDirectives.Of(map).Directive == PatchDirective.Replace;
        if (at >= 0 && !replaced)
        {
            target[at] = value;
        }

        Set(merged, usedKeys, values, value);
    }

    private static YamlNode WithKeys(YamlNode value, string[] usedKeys, string[] values)
    {
        for (var i = 0; i < usedKeys.Length; i++)
        {
            if (usedKeys[i].Length > 0 && values[i].Length > 0 && value is YamlMap map && !map.ContainsKey(usedKeys[i]))
            {
                value = map.With(usedKeys[i], ScalarNodes.Text(values[i]));
            }
        }

        return value;
    }
}
