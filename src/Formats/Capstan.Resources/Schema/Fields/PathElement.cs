using System.Globalization;
using System.Text;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>What a step of a field path names.</summary>
public enum PathElementKind : byte
{
    /// <summary>A field of a struct or a key of a map: <c>.spec</c>.</summary>
    Field,

    /// <summary>An item of a list, by the values of its keys: <c>[name="web"]</c>.</summary>
    Key,

    /// <summary>An item of a set, by its value: <c>[="a"]</c>.</summary>
    Value,

    /// <summary>An item of a list, by its index: <c>[0]</c>.</summary>
    Index,
}

/// <summary>One step of a field path, as <c>metadata.managedFields</c> has it. Compares in the order in which Kubernetes writes them.</summary>
public sealed class PathElement : IComparable<PathElement>, IEquatable<PathElement>
{
    private readonly int _hash;
    private string? _key;

    private PathElement(PathElementKind kind, string name, YamlNode? value, YamlMap? keys, int index)
    {
        (Kind, Name, ItemValue, Keys, ItemIndex) = (kind, name, value, keys, index);
        _hash = HashCode.Combine(kind, name, value, keys, index);
    }

    /// <summary>What the step names.</summary>
    public PathElementKind Kind { get; }

    /// <summary>The name of the field; empty for other kinds.</summary>
    public string Name { get; }

    /// <summary>The keys of a list item with their values, sorted; null for other kinds.</summary>
    public YamlMap? Keys { get; }

    /// <summary>The value of an item of a set; null for other kinds.</summary>
    public YamlNode? ItemValue { get; }

    /// <summary>The index of an item; 0 for other kinds.</summary>
    public int ItemIndex { get; }

    /// <summary>A field or map key.</summary>
    public static PathElement Field(string name) => PathElements.Field(name);

    /// <summary>A list item by its keys.</summary>
    public static PathElement Key(YamlMap keys) => new(PathElementKind.Key, "", null, SortedKeys(keys), 0);

    /// <summary>An item of a set.</summary>
    public static PathElement Value(YamlNode value) => new(PathElementKind.Value, "", value, null, 0);

    /// <summary>A list item by its index.</summary>
    public static PathElement Index(int index) => new(PathElementKind.Index, "", null, null, index);

    /// <summary>Reads the form of managedFields: <c>f:spec</c>, <c>k:{"name":"web"}</c>, <c>v:"a"</c>, <c>i:0</c>.</summary>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static PathElement Parse(string text) => PathElements.Find(text) ?? PathElements.Keep(text, Read(text));

    /// <summary>The form of managedFields.</summary>
    public string ToManagedFieldsKey() => _key ??= Kind switch
    {
        PathElementKind.Field => "f:" + Name,
        PathElementKind.Key => "k:" + GoJson(Keys!),
        PathElementKind.Value => "v:" + GoJson(ItemValue!),
        _ => "i:" + ItemIndex.ToString(CultureInfo.InvariantCulture),
    };

    internal static PathElement NewField(string name) => new(PathElementKind.Field, name, null, null, 0);

    private static PathElement Read(string text)
    {
        if (text.Length < 2 || text[1] != ':')
        {
            throw new FormatException($"\"{text}\" is no step of a field path");
        }

        var rest = text[2..];
        return text[0] switch
        {
            'f' => Field(rest),
            'k' => Key(JsonText.Read(rest) as YamlMap ?? throw new FormatException($"the keys in \"{text}\" must be a map")),
            'v' => Value(JsonText.Read(rest)),
            'i' when int.TryParse(rest, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) => Index(index),
            _ => throw new FormatException($"\"{text}\" is no step of a field path"),
        };
    }

    /// <summary>As in messages: <c>.spec</c>, <c>[name="web"]</c>, <c>[="a"]</c>, <c>[0]</c>.</summary>
    public override string ToString() => Kind switch
    {
        PathElementKind.Field => "." + Name,
        PathElementKind.Key => "[" + string.Join(',', Keys!.Select(k => $"{k.Key}={JsonText.Write(k.Value)}")) + "]",
        PathElementKind.Value => "[=" + JsonText.Write(ItemValue!) + "]",
        _ => "[" + ItemIndex.ToString(CultureInfo.InvariantCulture) + "]",
    };

    /// <inheritdoc/>
    public int CompareTo(PathElement? other)
    {
        if (other is null)
        {
            return 1;
        }

        if (Kind != other.Kind)
        {
            return Kind.CompareTo(other.Kind);
        }

        return Kind switch
        {
            PathElementKind.Field => string.CompareOrdinal(Name, other.Name),
            PathElementKind.Key => CompareKeys(Keys!, other.Keys!),
            PathElementKind.Value => ValueOrder.Compare(ItemValue!, other.ItemValue!),
            _ => ItemIndex.CompareTo(other.ItemIndex),
        };
    }

    /// <inheritdoc/>
    public bool Equals(PathElement? other) => other is not null && _hash == other._hash && CompareTo(other) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PathElement);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <summary>Orders as <see cref="CompareTo"/>.</summary>
    public static bool operator <(PathElement left, PathElement right) => left.CompareTo(right) < 0;

    /// <summary>Orders as <see cref="CompareTo"/>.</summary>
    public static bool operator >(PathElement left, PathElement right) => left.CompareTo(right) > 0;

    /// <summary>Orders as <see cref="CompareTo"/>.</summary>
    public static bool operator <=(PathElement left, PathElement right) => left.CompareTo(right) <= 0;

    /// <summary>Orders as <see cref="CompareTo"/>.</summary>
    public static bool operator >=(PathElement left, PathElement right) => left.CompareTo(right) >= 0;

    /// <summary>Whether both name the same.</summary>
    public static bool operator ==(PathElement? left, PathElement? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether both name something else.</summary>
    public static bool operator !=(PathElement? left, PathElement? right) => !(left == right);

    private static int CompareKeys(YamlMap left, YamlMap right)
    {
        for (var i = 0; i < left.Count && i < right.Count; i++)
        {
            var name = string.CompareOrdinal(left[i].Key, right[i].Key);
            var order = name != 0 ? name : ValueOrder.Compare(left[i].Value, right[i].Value);
            if (order != 0)
            {
                return order;
            }
        }

        return left.Count.CompareTo(right.Count);
    }

    private static YamlMap SortedKeys(YamlMap keys)
    {
        var builder = new YamlMapBuilder(keys.Count);
        foreach (var (key, value) in keys.OrderBy(k => k.Key, StringComparer.Ordinal))
        {
            builder.Set(key, value);
        }

        return builder.ToMap();
    }

    // Go's JSON encoder escapes what is special in HTML; stored field sets must have the same text.
    private static string GoJson(YamlNode node) => new StringBuilder(JsonText.Write(node))
        .Replace("<", "\\u003c").Replace(">", "\\u003e").Replace("&", "\\u0026").ToString();
}
