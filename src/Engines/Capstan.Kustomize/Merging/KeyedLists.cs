using Capstan.Kustomize.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize.Merging;

/// <summary>
/// Merges lists whose items are told apart by keys (or, without keys, by their own text): the patch's items come first, in its order, then
/// the target's other items.
/// </summary>
internal sealed class KeyedLists(StrategicMerge merge, MergeField field, string[] listKeys)
{
    // The rules for irregular lists look at each pair of items.
    private const int MostIrregular = 5_000;

    private readonly MergeField _item = new(field.Type, null);
    private readonly string[] _keys = listKeys.Length == 0 ? [""] : listKeys;

    /// <summary>Merges; patch is null where only the target has the list, and the same object as the target where the list is new.</summary>
    public YamlNode Merge(YamlList target, YamlList? patch)
    {
        if (TryRegular(target, patch) is { } regular)
        {
            return regular;
        }

        return target.Count + (patch?.Count ?? 0) > MostIrregular
            ? throw new KustomizeException(
                $"a list with keys has more than {MostIrregular:N0} items and items without a key, or with one twice", kind: KustomizeProblem.TooLarge)
            : new IrregularLists(merge, _item, _keys).Merge(target, patch);
    }

    // Nearly all lists: one key, each item a map that has it, no key twice, and no directives. Linear.
    private YamlList? TryRegular(YamlList target, YamlList? patch)
    {
        var self = ReferenceEquals(target, patch);
        if (_keys.Length != 1 || Index(target) is not { } targets || (self ? targets : patch is null ? [] : Index(patch)) is not { } patches)
        {
            return null;
        }

        var result = new List<YamlNode>(target.Count + patches.Count);
        foreach (var item in patch ?? YamlList.Empty)
        {
            var found = targets.GetValueOrDefault(KeyOf(item)!);
            if (merge.Walk(_item, found, item) is not { } merged || ScalarNodes.IsNilOrEmpty(merged))
            {
                return null;
            }

            result.Add(merged);
        }

        foreach (var item in self ? YamlList.Empty : target)
        {
            if (!patches.ContainsKey(KeyOf(item)!))
            {
                if (merge.Walk(_item, item, null) is not { } merged || ScalarNodes.IsNilOrEmpty(merged))
                {
                    return null;
                }

                result.Add(merged);
            }
        }

        return result.Count == target.Count && result.Zip(target).All(pair => ReferenceEquals(pair.First, pair.Second)) ? target : new YamlList(result, target.Position);
    }

    private Dictionary<string, YamlNode>? Index(YamlList list)
    {
        var index = new Dictionary<string, YamlNode>(list.Count, StringComparer.Ordinal);
        foreach (var item in list)
        {
            if (KeyOf(item) is not { Length: > 0 } key || !index.TryAdd(key, item) || (item is YamlMap map && map.ContainsKey(PatchDirectives.Key)))
            {
                return null;
            }
        }

        return index;
    }

    private string? KeyOf(YamlNode item) => (item, _keys[0]) switch
    {
        (YamlScalar { Kind: not ScalarKind.Null } scalar, "") => scalar.Source,
        (YamlMap map, not "") when map[_keys[0]] is YamlScalar { Kind: not ScalarKind.Null } scalar => scalar.Source,
        _ => null,
    };
}
