using System.Diagnostics.CodeAnalysis;

namespace Capstan.Yaml;

/// <summary>Collects the entries of a map. Not for use by several threads.</summary>
public sealed class YamlMapBuilder
{
    // A scan of a few keys is cheaper than an index, and nearly all maps of manifests are small.
    private const int IndexFrom = 12;

    private YamlEntry[] _entries;
    private int _count;
    private Dictionary<string, int>? _index;

    /// <summary>Starts with nothing.</summary>
    public YamlMapBuilder(int capacity = 4) => _entries = capacity == 0 ? [] : new YamlEntry[capacity];

    /// <summary>Starts with a map's entries.</summary>
    public YamlMapBuilder(YamlMap map)
    {
        _entries = map.AsSpan().ToArray();
        _count = _entries.Length;
        IndexWhenLarge();
    }

    /// <summary>How many keys there are by now.</summary>
    public int Count => _count;

    /// <summary>Adds an entry at the end.</summary>
    /// <returns>False when the key is there already; then nothing changed.</returns>
    public bool Add(YamlEntry entry)
    {
        if (IndexOf(entry.Key) >= 0)
        {
            return false;
        }

        if (_count == _entries.Length)
        {
            Array.Resize(ref _entries, Math.Max(4, _count * 2));
        }

        _entries[_count] = entry;
        _index?.Add(entry.Key, _count);
        _count++;
        IndexWhenLarge();
        return true;
    }

    /// <summary>Sets a key; a new one goes to the end, a known one keeps its place.</summary>
    public YamlMapBuilder Set(string key, YamlNode value, Position keyPosition = default)
    {
        var index = IndexOf(key);
        if (index < 0)
        {
            Add(new YamlEntry(key, value, keyPosition));
        }
        else
        {
            _entries[index] = new YamlEntry(key, value, keyPosition.IsKnown ? keyPosition : _entries[index].KeyPosition);
        }

        return this;
    }

    /// <summary>Takes a key away, when it is there.</summary>
    public bool Remove(string key)
    {
        var index = IndexOf(key);
        if (index < 0)
        {
            return false;
        }

        _count--;
        Array.Copy(_entries, index + 1, _entries, index, _count - index);
        _entries[_count] = default;
        if (_index is not null)
        {
            _index.Remove(key);
            for (var i = index; i < _count; i++)
            {
                _index[_entries[i].Key] = i;
            }
        }

        return true;
    }

    /// <summary>The value of a key, when it is there.</summary>
    public bool TryGetValue(string key, [NotNullWhen(true)] out YamlNode? value)
    {
        var index = IndexOf(key);
        value = index < 0 ? null : _entries[index].Value;
        return value is not null;
    }

    /// <summary>The map as it is now.</summary>
    public YamlMap ToMap(Position position = default) =>
        _count == 0 && !position.IsKnown ? YamlMap.Empty : new YamlMap(_entries.AsSpan(0, _count).ToArray(), position);

    /// <summary>Begins anew, in the room that it has.</summary>
    internal void Clear()
    {
        _count = 0;
        _index = null;
    }

    /// <summary>The entry of a key that is there.</summary>
    internal YamlEntry Entry(string key) => _entries[IndexOf(key)];

    private int IndexOf(string key)
    {
        if (_index is not null)
        {
            return _index.TryGetValue(key, out var found) ? found : -1;
        }

        for (var i = 0; i < _count; i++)
        {
            if (_entries[i].Key == key)
            {
                return i;
            }
        }

        return -1;
    }

    private void IndexWhenLarge()
    {
        if (_index is not null || _count < IndexFrom)
        {
            return;
        }

        _index = new Dictionary<string, int>(_count * 2, StringComparer.Ordinal);
        for (var i = 0; i < _count; i++)
        {
            _index.Add(_entries[i].Key, i);
        }
    }
}
