using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Capstan.Yaml;

/// <summary>One key of a map with its value.</summary>
/// <param name="Key">The key; keys of other types are strings here, as in JSON.</param>
/// <param name="Value">The value; never the C# null, which <see cref="YamlScalar.Null"/> stands for.</param>
/// <param name="KeyPosition">Where the key begins in its file.</param>
public readonly record struct YamlEntry(string Key, YamlNode Value, Position KeyPosition = default)
{
    /// <summary>Takes key and value apart.</summary>
    public void Deconstruct(out string key, out YamlNode value) => (key, value) = (Key, Value);
}

/// <summary>A map from strings to nodes that keeps the order in which its keys were written.</summary>
public sealed class YamlMap : YamlNode, IReadOnlyList<YamlEntry>
{
    /// <summary>The map without keys.</summary>
    public static readonly YamlMap Empty = new([]);

    // Small maps are the rule in manifests, and a scan of a few keys beats hashing; large ones (ConfigMap data) get an index.
    private const int IndexFrom = 12;

    private readonly YamlEntry[] _entries;
    private Dictionary<string, int>? _index;

    /// <summary>Makes a map; it takes the array over. Keys must differ.</summary>
    internal YamlMap(YamlEntry[] entries, Position position = default)
        : base(position) => _entries = entries;

    /// <summary>How many keys there are.</summary>
    public int Count => _entries.Length;

    /// <inheritdoc/>
    public override string Description => "a map";

    /// <summary>The entry at an index from 0, in the order written.</summary>
    public YamlEntry this[int index] => _entries[index];

    /// <summary>The value of a key, or null when the map lacks it. A key whose value is null gives <see cref="YamlScalar.Null"/>.</summary>
    public YamlNode? this[string key]
    {
        get
        {
            var index = IndexOf(key);
            return index < 0 ? null : _entries[index].Value;
        }
    }

    /// <summary>The keys in the order written.</summary>
    public IEnumerable<string> Keys
    {
        get
        {
            foreach (var entry in _entries)
            {
                yield return entry.Key;
            }
        }
    }

    /// <summary>Makes a map of these pairs; the last of equal keys wins.</summary>
    public static YamlMap Of(params ReadOnlySpan<(string Key, YamlNode Value)> pairs)
    {
        var builder = new YamlMapBuilder(pairs.Length);
        foreach (var (key, value) in pairs)
        {
            builder.Set(key, value);
        }

        return builder.ToMap();
    }

    /// <summary>Whether the map has the key, also with a null value.</summary>
    public bool ContainsKey(string key) => IndexOf(key) >= 0;

    /// <summary>The value of a key, when the map has it.</summary>
    public bool TryGetValue(string key, [NotNullWhen(true)] out YamlNode? value)
    {
        value = this[key];
        return value is not null;
    }

    /// <summary>The entry of a key, with its position, or null when the map lacks it.</summary>
    public YamlEntry? Entry(string key)
    {
        var index = IndexOf(key);
        return index < 0 ? null : _entries[index];
    }

    /// <summary>The node at the end of a path of keys, or null when any of them is absent or no map.</summary>
    public YamlNode? At(params ReadOnlySpan<string> path)
    {
        YamlNode? node = this;
        foreach (var key in path)
        {
            node = (node as YamlMap)?[key];
        }

        return node;
    }

    /// <summary>The map with this key set; a new key goes to the end, a known one keeps its place.</summary>
    public YamlMap With(string key, YamlNode value)
    {
        var index = IndexOf(key);
        if (index < 0)
        {
            return new YamlMap([.. _entries, new YamlEntry(key, value)], Position);
        }

        if (ReferenceEquals(_entries[index].Value, value))
        {
            return this;
        }

        var entries = _entries.AsSpan().ToArray();
        entries[index] = entries[index] with { Value = value };
        return new YamlMap(entries, Position);
    }

    /// <summary>The map with the node at this path set; maps that are missing on the way (or are no maps) are made.</summary>
    public YamlMap WithAt(ReadOnlySpan<string> path, YamlNode value) => path.Length switch
    {
        0 => throw new ArgumentException("The path must have at least one key.", nameof(path)),
        1 => With(path[0], value),
        _ => With(path[0], (this[path[0]] as YamlMap ?? Empty).WithAt(path[1..], value)),
    };

    /// <summary>The map without this key.</summary>
    public YamlMap Without(string key)
    {
        var index = IndexOf(key);
        return index < 0 ? this : new YamlMap([.. _entries.AsSpan(0, index), .. _entries.AsSpan(index + 1)], Position);
    }

    /// <summary>The map without the key at this path; maps that become empty on the way stay.</summary>
    public YamlMap WithoutAt(params ReadOnlySpan<string> path)
    {
        if (path.Length == 1)
        {
            return Without(path[0]);
        }

        return this[path[0]] is YamlMap inner ? With(path[0], inner.WithoutAt(path[1..])) : this;
    }

    /// <summary>The entries, without a copy.</summary>
    public ReadOnlySpan<YamlEntry> AsSpan() => _entries;

    /// <summary>A builder that starts with this map's entries.</summary>
    public YamlMapBuilder ToBuilder() => new(this);

    /// <summary>Walks the entries in order.</summary>
    public TreeEnumerator<YamlEntry> GetEnumerator() => new(_entries);

    IEnumerator<YamlEntry> IEnumerable<YamlEntry>.GetEnumerator() => ((IEnumerable<YamlEntry>)_entries).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _entries.GetEnumerator();

    private int IndexOf(string key)
    {
        var entries = _entries;
        if (entries.Length < IndexFrom)
        {
            for (var i = 0; i < entries.Length; i++)
            {
                if (entries[i].Key == key)
                {
                    return i;
                }
            }

            return -1;
        }

        // Two threads may build the index at the same time; both build the same one.
        var index = _index;
        if (index is null)
        {
            index = new Dictionary<string, int>(entries.Length, StringComparer.Ordinal);
            for (var i = 0; i < entries.Length; i++)
            {
                index[entries[i].Key] = i;
            }

            _index = index;
        }

        return index.TryGetValue(key, out var found) ? found : -1;
    }

    private protected override bool ContentEquals(YamlNode other)
    {
        if (other is not YamlMap map || map.Count != Count)
        {
            return false;
        }

        for (var i = 0; i < _entries.Length; i++)
        {
            // The same order is the rule, so the other map is first asked at the same place.
            ref readonly var entry = ref _entries[i];
            var match = map._entries[i].Key == entry.Key ? map._entries[i].Value : map[entry.Key];
            if (match is null || !entry.Value.Equals(match))
            {
                return false;
            }
        }

        return true;
    }

    private protected override int ContentHash()
    {
        var hash = Count;
        foreach (var entry in _entries)
        {
            // Order does not count, so the entries' hashes are added.
            hash += HashCode.Combine(entry.Key, entry.Value.GetHashCode());
        }

        return hash;
    }
}
