using System.Runtime.CompilerServices;

namespace Capstan.Resources;

/// <summary>Union, intersection and difference of field sets: merges of sorted lists, all the way down.</summary>
internal static class FieldSetAlgebra
{
    public static FieldSet Union(FieldSet left, FieldSet right)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var children = new List<FieldSetChild>(Math.Max(left.Children.Length, right.Children.Length));
        var (l, r) = (0, 0);
        while (l < left.Children.Length || r < right.Children.Length)
        {
            var order = Order(left.Children, l, right.Children, r);
            children.Add(order switch
            {
                < 0 => left.Children[l++],
                > 0 => right.Children[r++],
                _ => new FieldSetChild(left.Children[l].Element, left.Children[l++].Set.Union(right.Children[r++].Set)),
            });
        }

        return new FieldSet(Merge(left.Members, right.Members, true, true, true), [.. children]);
    }

    public static FieldSet Intersect(FieldSet left, FieldSet right)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var children = new List<FieldSetChild>();
        foreach (var child in left.Children)
        {
            if (right.TryChild(child.Element, out var other) && Intersect(child.Set, other) is { IsEmpty: false } both)
            {
                children.Add(new FieldSetChild(child.Element, both));
            }
        }

        return Make(Merge(left.Members, right.Members, false, true, false), children);
    }

    /// <summary>The difference; recursive when a path of the right takes away what lies beneath it too.</summary>
    public static FieldSet Except(FieldSet left, FieldSet right, bool beneath)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var children = new List<FieldSetChild>();
        foreach (var child in left.Children)
        {
            if (beneath && right.HasMember(child.Element))
            {
                continue;
            }

            var rest = right.TryChild(child.Element, out var other) ? Except(child.Set, other, beneath) : child.Set;
            if (!rest.IsEmpty)
            {
                children.Add(new FieldSetChild(child.Element, rest));
            }
        }

        return Make(Merge(left.Members, right.Members, true, false, false), children);
    }

    /// <summary>Members and every named field of a struct beneath which there is a path: these cannot be removed on their own.</summary>
    public static FieldSet WithNamedFields(FieldSet set, SchemaNode schema)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var members = new SortedSet<PathElement>(set.Members.ToArray());
        var children = new List<FieldSetChild>(set.Children.Length);
        foreach (var (element, below) in set.Children)
        {
            if (element.Kind == PathElementKind.Field && schema.Map?.Fields.ContainsKey(element.Name) == true)
            {
                members.Add(element);
            }

            var type = element.Kind == PathElementKind.Field ? schema.Field(element.Name) : schema.Items;
            children.Add(new FieldSetChild(element, WithNamedFields(below, type)));
        }

        return Make([.. members], children);
    }

    private static FieldSet Make(PathElement[] members, List<FieldSetChild> children) =>
        members.Length == 0 && children.Count == 0 ? FieldSet.Empty : new FieldSet(members, [.. children]);

    private static int Order(ReadOnlySpan<FieldSetChild> left, int l, ReadOnlySpan<FieldSetChild> right, int r) =>
        l == left.Length ? 1 : r == right.Length ? -1 : left[l].Element.CompareTo(right[r].Element);

    private static PathElement[] Merge(ReadOnlySpan<PathElement> left, ReadOnlySpan<PathElement> right, bool onlyLeft, bool both, bool onlyRight)
    {
        var result = new List<PathElement>(left.Length);
        var (l, r) = (0, 0);
        while (l < left.Length || r < right.Length)
        {
            var order = l == left.Length ? 1 : r == right.Length ? -1 : left[l].CompareTo(right[r]);
            if (order < 0 ? onlyLeft : order > 0 ? onlyRight : both)
            {
                result.Add(order <= 0 ? left[l] : right[r]);
            }

            l += order <= 0 ? 1 : 0;
            r += order >= 0 ? 1 : 0;
        }

        return [.. result];
    }
}
