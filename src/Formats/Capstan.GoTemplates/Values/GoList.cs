using System.Text;

namespace Capstan.GoTemplates;

/// <summary>A Go slice. Its items do not change.</summary>
public abstract class GoList
{
    private protected GoList(GoType type) => Type = type;

    /// <summary>The type of the slice.</summary>
    public GoType Type { get; }

    /// <summary>How many items there are.</summary>
    public abstract int Count { get; }

    /// <summary>Whether this is Go's nil slice, which JSON writes as null.</summary>
    public virtual bool IsNil => false;

    /// <summary>The item at an index from 0.</summary>
    public abstract object? this[int index] { get; }

    /// <summary>The items from one index to before another.</summary>
    internal abstract GoList Slice(int from, int to);
}

/// <summary>A slice of any items.</summary>
public sealed class GoArray : GoList
{
    /// <summary>The nil slice of <c>[]interface {}</c>.</summary>
    public static readonly GoArray Nil = new([], GoType.ListOfAny, isNil: true);

    private readonly object?[] _items;

    /// <summary>Makes a slice; it takes the array over.</summary>
    public GoArray(object?[] items, GoType? type = null)
        : this(items, type ?? GoType.ListOfAny, isNil: false)
    {
    }

    private GoArray(object?[] items, GoType type, bool isNil)
        : base(type)
    {
        _items = items;
        IsNil = isNil;
    }

    /// <inheritdoc/>
    public override int Count => _items.Length;

    /// <inheritdoc/>
    public override bool IsNil { get; }

    /// <inheritdoc/>
    public override object? this[int index] => _items[index];

    /// <summary>The items, without a copy.</summary>
    public ReadOnlySpan<object?> AsSpan() => _items;

    /// <summary>A slice of strings.</summary>
    public static GoArray OfStrings(IEnumerable<string> items) => new([.. items], GoType.ListOfString);

    internal override GoList Slice(int from, int to) => new GoArray(_items[from..to], Type);
}

/// <summary>A slice of bytes.</summary>
public sealed class GoBytes(byte[] content) : GoList(GoType.Bytes)
{
    /// <inheritdoc/>
    public override int Count => content.Length;

    /// <inheritdoc/>
    public override object? this[int index] => content[index];

    /// <summary>The bytes, without a copy.</summary>
    public ReadOnlySpan<byte> AsSpan() => content;

    /// <summary>The bytes as a string.</summary>
    public string ToText() => GoText.FromBytes(content);

    internal override GoList Slice(int from, int to) => new GoBytes(content[from..to]);

    /// <inheritdoc/>
    public override string ToString() => Encoding.UTF8.GetString(content);
}
