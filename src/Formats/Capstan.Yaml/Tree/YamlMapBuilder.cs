using System.Diagnostics.CodeAnalysis;

namespace Capstan.Yaml;

/// <summary>Collects the entries of a map. Not for use by several threads.</summary>
public sealed class YamlMapBuilder
{
    private readonly List<YamlEntry> _entries;
    private readonly Dictionary<string, int> _index;

    /// <summary>Starts with nothing.</summary>
    public YamlMapBuilder(int capacity = 4)
    {
        _entries = new List<YamlEntry>(capacity);
        _index = new Dictionary<string, int>(capacity, StringComparer.Ordinal);
    }

    /// <summary>Starts with a map's entries.</summary>
    public YamlMapBuilder(YamlMap map)
        : this(map.Count)
    {
        foreach (var entry in map.AsSpan())
        {
            Add(entry);
        }
    }

    /// <summary>How many keys there are by now.</summary>
    public int Count => _index.Count;

    /// <summary>Adds an entry at the end.</summary>
    /// <returns>False when the key is there already; then nothing changed.</returns>
    public bool Add(YamlEntry entry)
    {
        if (!_index.TryAdd(entry.Key, _entries.Count))
        {
            return false;
        }

        _entries.Add(entry);
        return true;
    }

    /// <summary>Sets a key; a new one goes to the end, a known one keeps its place.</summary>
    public YamlMapBuilder Set(string key, YamlNode value, Position keyPosition = default)
    {
        if (_index.TryGetValue(key, out var index))
        {
            var known = _entries[index];
            _entries[index] = new YamlEntry(key, value, keyPosition.IsKnown ? keyPosition : known.KeyPosition);
        }
        else
        {
            Add(new YamlEntry(key, value, keyPosition));
        }

        return this;
    }

    /// <summary>Takes a key away, when it is there.</summary>
    public bool Remove(string key)
    {
        if (!_index.Remove(key, out var index))
        {
            return false;
        }

        _entries.RemoveAt(index);
        for (var i = index; i < _entries.Count; i++)
        {
            _index[_entries[i].Key] = i;
        }

        return true;
    }

    /// <summary>The value of a key, when it is there.</summary>
    public bool TryGetValue(string key, [NotNullWhen(true)] out YamlNode? value)
    {
        value = _index.TryGetValue(key, out var index) ? _entries[index].Value : null;
        return value is not null;
    }

    /// <summary>The map as it is now.</summary>
    public YamlMap ToMap(Position position = default) =>
        _entries.Count == 0 && !position.IsKnown ? YamlMap.Empty : new YamlMap(_entries.ToArray(), position);
}
