namespace Capstan.Cel;

/// <summary>A map, or an object with fields. Others than <see cref="CelTable"/> make their values when they are asked for.</summary>
public abstract class CelMap : CelValue
{
    /// <summary>How many entries there are.</summary>
    public abstract int Count { get; }

    /// <summary>The keys, in no order that counts.</summary>
    public abstract IEnumerable<CelValue> Keys { get; }

    /// <inheritdoc/>
    public override string TypeName => "map";

    /// <summary>The value of a key; null when there is none.</summary>
    public abstract CelValue? Find(CelValue key);
}

/// <summary>A map of values that are there.</summary>
public sealed class CelTable(IReadOnlyDictionary<CelValue, CelValue> entries) : CelMap
{
    /// <summary>The map without entries.</summary>
    public static readonly CelTable Empty = new(new Dictionary<CelValue, CelValue>());

    /// <inheritdoc/>
    public override int Count => entries.Count;

    /// <inheritdoc/>
    public override IEnumerable<CelValue> Keys => entries.Keys;

    /// <inheritdoc/>
    public override CelValue? Find(CelValue key) => entries.GetValueOrDefault(key);
}
