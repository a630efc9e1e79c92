namespace Capstan.Cel;

/// <summary>A list. Others than <see cref="CelArray"/> make their items when they are asked for.</summary>
public abstract class CelList : CelValue
{
    /// <summary>How many items there are.</summary>
    public abstract int Count { get; }

    /// <inheritdoc/>
    public override string TypeName => "list";

    /// <summary>The item at an index from 0.</summary>
    public abstract CelValue this[int index] { get; }

    /// <summary>What makes an item of a set, or of a map written as a list, the one that it is; null for a plain list. With it order does not count, and <c>+</c> joins.</summary>
    public virtual Func<CelValue, CelValue>? Identity => null;
}

/// <summary>A list of values that are there.</summary>
public sealed class CelArray(IReadOnlyList<CelValue> items) : CelList
{
    /// <summary>The list without items.</summary>
    public static readonly CelArray Empty = new([]);

    /// <inheritdoc/>
    public override int Count => items.Count;

    /// <inheritdoc/>
    public override CelValue this[int index] => items[index];
}
