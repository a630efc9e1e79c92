using System.Collections;
using System.Runtime.CompilerServices;

namespace Capstan.Yaml;

/// <summary>A list of nodes.</summary>
[CollectionBuilder(typeof(YamlList), nameof(Create))]
public sealed class YamlList : YamlNode, IReadOnlyList<YamlNode>
{
    /// <summary>The list without items.</summary>
    public static readonly YamlList Empty = new([]);

    private readonly YamlNode[] _items;

    /// <summary>Makes a list; it takes the array over, which must not be changed afterwards.</summary>
    internal YamlList(YamlNode[] items, Position position = default)
        : base(position) => _items = items;

    /// <summary>Makes a list of these items.</summary>
    public YamlList(IEnumerable<YamlNode> items, Position position = default)
        : this(items.ToArray(), position)
    {
    }

    /// <summary>How many items there are.</summary>
    public int Count => _items.Length;

    /// <inheritdoc/>
    public override string Description => "a list";

    /// <summary>The item at an index from 0.</summary>
    public YamlNode this[int index] => _items[index];

    /// <summary>Makes a list of these items (for collection expressions).</summary>
    public static YamlList Create(ReadOnlySpan<YamlNode> items) => items.IsEmpty ? Empty : new(items.ToArray());

    /// <summary>The items, without a copy.</summary>
    public ReadOnlySpan<YamlNode> AsSpan() => _items;

    /// <summary>The list with one item replaced.</summary>
    public YamlList WithItem(int index, YamlNode item)
    {
        if (ReferenceEquals(_items[index], item))
        {
            return this;
        }

        var items = _items.AsSpan().ToArray();
        items[index] = item;
        return new YamlList(items, Position);
    }

    /// <summary>The list with one more item at its end.</summary>
    public YamlList Append(YamlNode item) => new([.. _items, item], Position);

    /// <summary>Walks the items in order.</summary>
    public TreeEnumerator<YamlNode> GetEnumerator() => new(_items);

    IEnumerator<YamlNode> IEnumerable<YamlNode>.GetEnumerator() => ((IEnumerable<YamlNode>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();

    private protected override bool ContentEquals(YamlNode other)
    {
        if (other is not YamlList list || list.Count != Count)
        {
            return false;
        }

        for (var i = 0; i < _items.Length; i++)
        {
            if (!_items[i].Equals(list._items[i]))
            {
                return false;
            }
        }

        return true;
    }

    private protected override int ContentHash()
    {
        var hash = new HashCode();
        foreach (var item in _items)
        {
            hash.Add(item.GetHashCode());
        }

        return hash.ToHashCode();
    }
}
