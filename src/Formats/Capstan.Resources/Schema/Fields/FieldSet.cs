using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>
/// A set of field paths, as managers own them (<c>fieldsV1</c>). Immutable. A path being in the set says nothing of the paths below it.
/// </summary>
public sealed class FieldSet : IEquatable<FieldSet>
{
    /// <summary>The set without paths.</summary>
    public static readonly FieldSet Empty = new([], []);

    // Both sorted.
    private readonly PathElement[] _members;
    private readonly FieldSetChild[] _children;

    internal FieldSet(PathElement[] members, FieldSetChild[] children) => (_members, _children) = (members, children);

    /// <summary>Whether there is no path.</summary>
    public bool IsEmpty => _members.Length == 0 && _children.Length == 0;

    /// <summary>How many paths there are.</summary>
    public int Count => _members.Length + _children.Sum(c => c.Set.Count);

    internal ReadOnlySpan<PathElement> Members => _members;

    internal ReadOnlySpan<FieldSetChild> Children => _children;

    /// <summary>A set of these paths.</summary>
    public static FieldSet Of(params IEnumerable<FieldPath> paths)
    {
        var builder = new FieldSetBuilder();
        foreach (var path in paths)
        {
            builder.Insert(path.Elements);
        }

        return builder.ToSet();
    }

    /// <summary>Reads <c>fieldsV1</c>.</summary>
    /// <exception cref="FormatException">It is no field set.</exception>
    public static FieldSet Parse(YamlNode fieldsV1) => FieldSetJson.Parse(fieldsV1);

    /// <summary>Every field of an object, as its schema takes it apart.</summary>
    public static FieldSet From(YamlNode node, SchemaNode schema) => FieldSetOfValue.Of(node, schema);

    /// <summary>Writes <c>fieldsV1</c>, in Kubernetes' order.</summary>
    public YamlMap ToFieldsV1() => FieldSetJson.Write(this);

    /// <summary>Whether the path itself is in the set.</summary>
    public bool Has(FieldPath path)
    {
        var set = this;
        for (var i = 0; i < path.Elements.Count - 1; i++)
        {
            if (!set.TryChild(path.Elements[i], out set))
            {
                return false;
            }
        }

        return path.Elements.Count > 0 && set.HasMember(path.Elements[^1]);
    }

    /// <summary>The paths beneath a step, without that step.</summary>
    public FieldSet Below(PathElement element) => TryChild(element, out var child) ? child : Empty;

    /// <summary>The paths beneath a path.</summary>
    public FieldSet Below(FieldPath path) => path.Elements.Aggregate(this, (set, element) => set.Below(element));

    /// <summary>Paths that are in one of both.</summary>
    public FieldSet Union(FieldSet other) => other.IsEmpty ? this : IsEmpty ? other : FieldSetAlgebra.Union(this, other);

    /// <summary>Paths that are in both.</summary>
    public FieldSet Intersect(FieldSet other) => FieldSetAlgebra.Intersect(this, other);

    /// <summary>Paths that are in this set only.</summary>
    public FieldSet Except(FieldSet other) => other.IsEmpty ? this : FieldSetAlgebra.Except(this, other, false);

    /// <summary>Paths that are neither in the other set nor beneath a path of it.</summary>
    public FieldSet ExceptBeneath(FieldSet other) => other.IsEmpty ? this : FieldSetAlgebra.Except(this, other, true);

    /// <summary>Every path, in order.</summary>
    public IEnumerable<FieldPath> Paths() => Paths(FieldPath.Root);

    /// <summary>The paths beneath which the set has no further path.</summary>
    public IEnumerable<FieldPath> Leaves() => Paths().Where(p => Below(p).IsEmpty);

    internal bool HasMember(PathElement element) => Array.BinarySearch(_members, element) >= 0;

    internal bool TryChild(PathElement element, out FieldSet child)
    {
        var (low, high) = (0, _children.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = _children[middle].Element.CompareTo(element);
            if (order == 0)
            {
                child = _children[middle].Set;
                return true;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        child = Empty;
        return false;
    }

    private IEnumerable<FieldPath> Paths(FieldPath prefix)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        foreach (var member in _members)
        {
            yield return prefix.Then(member);
        }

        foreach (var child in _children)
        {
            foreach (var path in child.Set.Paths(prefix.Then(child.Element)))
            {
                yield return path;
            }
        }
    }

    /// <inheritdoc/>
    public bool Equals(FieldSet? other)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        return other is not null && _members.AsSpan().SequenceEqual(other._members)
            && _children.AsSpan().SequenceEqual(other._children);
    }

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as FieldSet);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_members.Length, _children.Length, _members.FirstOrDefault());

    /// <summary>The paths, one a line.</summary>
    public override string ToString() => string.Join('\n', Paths());
}

/// <summary>What a set has beneath one step; never empty.</summary>
internal readonly record struct FieldSetChild(PathElement Element, FieldSet Set);
