using System.Diagnostics.CodeAnalysis;

namespace Capstan.GoTemplates;

/// <summary>A Go map with strings as keys. Functions may change it, as in Go; not for use by several threads while that happens.</summary>
public class GoMap
{
    private readonly Dictionary<string, object?> _entries;
    private string[]? _sorted;

    /// <summary>Makes an empty map.</summary>
    public GoMap(GoType? type = null, int capacity = 0)
    {
        Type = type ?? GoType.MapOfAny;
        _entries = new Dictionary<string, object?>(capacity, StringComparer.Ordinal);
    }

    /// <summary>Makes a map with the same entries as another (not a deep copy).</summary>
    public GoMap(GoMap other, GoType? type = null)
    {
        other.Copying();
        Type = type ?? other.Type;
        _entries = new Dictionary<string, object?>(other._entries, StringComparer.Ordinal);
        _sorted = other._sorted;
    }

    /// <summary>The type of the map.</summary>
    public GoType Type { get; }

    /// <summary>Whether this stands for Go's nil map, which JSON writes as null; such a map stays empty.</summary>
    public bool IsNil { get; init; }

    /// <summary>How many keys there are.</summary>
    public int Count => _entries.Count;

    /// <summary>The value of a key, null when it is absent.</summary>
    public virtual object? this[string key]
    {
        get => _entries.GetValueOrDefault(key);
        set
        {
            var before = _entries.Count;
            _entries[key] = value;
            if (_entries.Count != before)
            {
                _sorted = null;
            }
        }
    }

    /// <summary>The keys in the order of their bytes. The array must not be changed.</summary>
    public string[] SortedKeys
    {
        get
        {
            if (_sorted is null)
            {
                var keys = new string[_entries.Count];
                _entries.Keys.CopyTo(keys, 0);
                Array.Sort(keys, GoText.Compare);
                _sorted = keys;
            }

            return _sorted;
        }
    }

    /// <summary>The value of a key, when the map has it (it may be nil).</summary>
    public virtual bool TryGetValue(string key, [MaybeNullWhen(false)] out object? value) => _entries.TryGetValue(key, out value);

    /// <summary>Whether the map has the key.</summary>
    public bool ContainsKey(string key) => _entries.ContainsKey(key);

    /// <summary>Takes a key away.</summary>
    public void Remove(string key)
    {
        if (_entries.Remove(key))
        {
            _sorted = null;
        }
    }

    /// <summary>Told before all values are copied.</summary>
    protected virtual void Copying()
    {
    }

    /// <summary>A method of the map's type, or null.</summary>
    public virtual GoFunction? Method(string name) => null;
}
