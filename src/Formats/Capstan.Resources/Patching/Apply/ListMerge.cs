using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>
/// Merges two keyed lists or sets. Items of both stand in the applied order; items that only the live list has keep their place before the
/// live item that follows them.
/// </summary>
internal sealed class ListMerge
{
    private readonly SchemaNode _schema;
    private readonly YamlList _live;
    private readonly YamlList _applied;
    private readonly PathElement[] _liveKeys;
    private readonly PathElement[] _appliedKeys;
    private readonly Dictionary<PathElement, YamlNode?> _liveItems;
    private readonly Dictionary<PathElement, YamlNode?> _appliedItems;
    private readonly HashSet<PathElement> _done = [];
    private readonly Queue<PathElement> _shared;
    private readonly List<YamlNode> _result = [];

    public ListMerge(YamlList live, YamlList applied, SchemaNode schema)
    {
        (_live, _applied, _schema) = (live, applied, schema);
        (_liveKeys, _liveItems) = Index(live);
        (_appliedKeys, _appliedItems) = Index(applied);
        _shared = new Queue<PathElement>(_appliedKeys.Where(_liveItems.ContainsKey));
    }

    public YamlNode Run()
    {
        _shared.TryDequeue(out var nextShared);
        var (l, a) = (0, 0);
        while (l < _live.Count || a < _applied.Count)
        {
            if (l < _live.Count && a < _applied.Count && _liveKeys[l] == _appliedKeys[a])
            {
                Take(_liveKeys[l], _liveItems[_liveKeys[l]], _applied[a]);
                (l, a) = (l + 1, a + 1);
                _shared.TryDequeue(out nextShared);
                continue;
            }

            if (l < _live.Count)
            {
                var key = _liveKeys[l];
                if (a < _applied.Count && _appliedItems.ContainsKey(key) && nextShared is not null && nextShared != key)
                {
                    // The applied order has it elsewhere.
                    l++;
                    continue;
                }

                if (!_appliedItems.ContainsKey(key))
                {
                    _result.Add(_live[l++]);
                    continue;
                }

                l += _done.Contains(key) ? 1 : 0;
            }

            if (a < _applied.Count)
            {
                var key = _appliedKeys[a];
                Take(key, _liveItems.GetValueOrDefault(key), _applied[a++]);
                if (nextShared == key)
                {
                    _shared.TryDequeue(out nextShared);
                }
            }
        }

        return new YamlList(_result, _live.Position);
    }

    private void Take(PathElement key, YamlNode? live, YamlNode applied)
    {
        _done.Add(key);
        if (TypedMerge.Merge(live, applied, _schema.Items) is { } merged)
        {
            _result.Add(merged);
        }
    }

    // An item that is there twice has no value to merge with.
    private (PathElement[] Keys, Dictionary<PathElement, YamlNode?> Items) Index(YamlList list)
    {
        var keys = new PathElement[list.Count];
        var items = new Dictionary<PathElement, YamlNode?>(list.Count);
        for (var i = 0; i < list.Count; i++)
        {
            keys[i] = ListKeys.TryOf(list[i], _schema.List!) ?? PathElement.Index(i);
            items[keys[i]] = items.ContainsKey(keys[i]) ? null : list[i];
        }

        return (keys, items);
    }
}
