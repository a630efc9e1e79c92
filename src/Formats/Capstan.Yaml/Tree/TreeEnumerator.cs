namespace Capstan.Yaml;

/// <summary>Walks the entries of a map or the items of a list; trees are walked so often that an object for each walk would be felt.</summary>
public struct TreeEnumerator<T>
{
    private readonly T[] _items;
    private int _at;

    internal TreeEnumerator(T[] items)
    {
        _items = items;
        _at = -1;
    }

    /// <summary>Where the walk stands.</summary>
    public readonly T Current => _items[_at];

    /// <summary>Goes on; false at the end.</summary>
    public bool MoveNext() => ++_at < _items.Length;
}
