using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>What a scalar of an object's schema may be.</summary>
public enum ScalarType : byte
{
    /// <summary>Any scalar.</summary>
    Any,

    /// <summary>A string.</summary>
    String,

    /// <summary>An integer of 32 bits.</summary>
    Integer,

    /// <summary>An integer of 64 bits.</summary>
    Long,

    /// <summary>A number.</summary>
    Number,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A quantity: a string such as <c>100m</c> or <c>1Gi</c>, or a number.</summary>
    Quantity,

    /// <summary>An integer or a string (a port's name, a percentage).</summary>
    IntOrString,

    /// <summary>A point in time, RFC 3339.</summary>
    Time,

    /// <summary>Bytes as base64.</summary>
    Bytes,

    /// <summary>A duration as Go writes it: <c>1h30m</c>.</summary>
    Duration,
}

/// <summary>
/// How one place of an object is structured, as far as merging needs it. A place may be of several shapes (untyped content is a scalar, a
/// list or a map), and which one holds is told by the value found there.
/// </summary>
public sealed class SchemaNode
{
    /// <summary>Untyped content: scalars, atomic lists, and maps that merge key by key.</summary>
    public static readonly SchemaNode Deduced = MakeUntyped(atomic: false);

    /// <summary>Any content, taken as one value.</summary>
    public static readonly SchemaNode AtomicAny = MakeUntyped(atomic: true);

    internal SchemaNode(ScalarType? scalar, ListShape? list, MapShape? map) => (Scalar, List, Map) = (scalar, list, map);

    /// <summary>The name of the type in Kubernetes' API, as in <c>core.v1.PodSpec</c>; empty for what is no type of its own.</summary>
    public string Name { get; internal init; } = "";

    /// <summary>The scalar that may stand here; null when none may.</summary>
    public ScalarType? Scalar { get; private init; }

    /// <summary>The list that may stand here; null when none may.</summary>
    public ListShape? List { get; private init; }

    /// <summary>The map or struct that may stand here; null when none may.</summary>
    public MapShape? Map { get; private set; }

    /// <summary>True where anything may stand.</summary>
    public bool IsUntyped => Scalar is not null && Map is not null;

    /// <summary>The node for a key of the map that stands here; untyped where the schema says nothing.</summary>
    public SchemaNode Field(string key) => Map?.TypeOf(key) ?? Deduced;

    /// <summary>The node of the items of the list that stands here.</summary>
    public SchemaNode Items => List?.Items ?? Deduced;

    /// <summary>The node at the end of a path of keys (list items are skipped over by <c>[]</c>).</summary>
    public SchemaNode At(params ReadOnlySpan<string> path)
    {
        var node = this;
        foreach (var key in path)
        {
            node = key == "[]" ? node.Items : node.Field(key);
        }

        return node;
    }

    private static SchemaNode MakeUntyped(bool atomic)
    {
        var node = new SchemaNode(ScalarType.Any, ListShape.AtomicAny, null);
        node.Map = new MapShape(null, SchemaReference.To(node), atomic);
        return node;
    }
}

/// <summary>How the items of a list belong together.</summary>
public enum ListType : byte
{
    /// <summary>The list is one value: who writes it writes all of it.</summary>
    Atomic,

    /// <summary>Scalars, each at most once.</summary>
    Set,

    /// <summary>Maps, told apart by the values of some of their keys.</summary>
    Map,
}

/// <summary>A list in a schema.</summary>
public sealed class ListShape
{
    internal static readonly ListShape AtomicAny = new(ListType.Atomic, [], null);

    private readonly SchemaReference? _items;

    internal ListShape(ListType type, string[] keys, SchemaReference? items) => (Type, Keys, _items) = (type, keys, items);

    /// <summary>Whether nothing is known of the items.</summary>
    internal bool IsDeduced => _items is null;

    /// <summary>How the items belong together.</summary>
    public ListType Type { get; }

    /// <summary>The keys that tell items apart, sorted; empty unless <see cref="Type"/> is <see cref="ListType.Map"/>.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>The schema of each item.</summary>
    public SchemaNode Items => _items?.Node ?? SchemaNode.Deduced;

    /// <summary>The value that a missing key field stands for; null when it has no default.</summary>
    public YamlNode? DefaultOfKey(string key) => Items.Map?.Fields is { } fields && fields.TryGetValue(key, out var field) ? field.Default : null;
}

/// <summary>A map or struct in a schema.</summary>
public sealed class MapShape
{
    private static readonly Dictionary<string, SchemaField> None = [];

    private readonly SchemaReference? _element;

    internal MapShape(Dictionary<string, SchemaField>? fields, SchemaReference? element, bool atomic)
    {
        Fields = fields ?? None;
        _element = element;
        IsAtomic = atomic;
    }

    /// <summary>The named fields of a struct; empty for maps with free keys.</summary>
    public IReadOnlyDictionary<string, SchemaField> Fields { get; }

    /// <summary>The schema of values under free keys; null when only named fields may occur.</summary>
    public SchemaNode? Element => _element?.Node;

    /// <summary>Whether it is one value: who writes it writes all of it.</summary>
    public bool IsAtomic { get; }

    /// <summary>The schema of the value under a key; null when the schema does not know the key.</summary>
    public SchemaNode? TypeOf(string key) => Fields.TryGetValue(key, out var field) ? field.Type : Element;
}

/// <summary>What stands for a field in which nothing is set.</summary>
public enum EmptyForm : byte
{
    /// <summary>Nothing.</summary>
    Absent,

    /// <summary>An empty struct: <c>resources: {}</c>.</summary>
    Struct,

    /// <summary>A null, as for lists that every object of the kind has.</summary>
    Null,
}

/// <summary>A named field of a struct.</summary>
public sealed class SchemaField
{
    private readonly SchemaReference _type;

    internal SchemaField(string name, SchemaReference type) => (Name, _type) = (name, type);

    /// <summary>The field's name.</summary>
    public string Name { get; }

    /// <summary>The schema of its value.</summary>
    public SchemaNode Type => _type.Node;

    /// <summary>The value that a missing field stands for when it is a key of a list of maps; null when there is none.</summary>
    public YamlNode? Default { get; init; }

    /// <summary>Whether an object without it is invalid.</summary>
    public bool Required { get; init; }

    /// <summary>What API servers write for the field when nothing is set in it.</summary>
    public EmptyForm WhenEmpty { get; init; }

    /// <summary>Whether a strategic merge patch merges the value (<c>patchStrategy: merge</c>) instead of replacing it, for lists.</summary>
    public bool PatchMerges { get; init; }

    /// <summary>Whether a strategic merge patch may say which keys stay (<c>patchStrategy: retainKeys</c>).</summary>
    public bool PatchRetainsKeys { get; init; }

    /// <summary>The key by which a strategic merge patch tells the items of the list apart; empty for lists of scalars.</summary>
    public string PatchMergeKey { get; init; } = "";
}
