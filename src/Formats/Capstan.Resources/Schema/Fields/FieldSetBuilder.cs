using System.Runtime.CompilerServices;

namespace Capstan.Resources;

/// <summary>Collects the paths of a set. Most nodes are leaves, so nothing is allocated before it is needed.</summary>
internal sealed class FieldSetBuilder
{
    private HashSet<PathElement>? _members;
    private Dictionary<PathElement, FieldSetBuilder>? _children;

    public void Insert(IReadOnlyList<PathElement> path)
    {
        var node = this;
        for (var i = 0; i < path.Count - 1; i++)
        {
            node = node.Child(path[i]);
        }

        if (path.Count > 0)
        {
            node.AddMember(path[^1]);
        }
    }

    public void AddMember(PathElement element) => (_members ??= []).Add(element);

    public FieldSetBuilder Child(PathElement element)
    {
        _children ??= [];
        if (!_children.TryGetValue(element, out var child))
        {
            _children[element] = child = new FieldSetBuilder();
        }

        return child;
    }

    public FieldSet ToSet()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var children = Children();
        if (_members is null)
        {
            return children.Length == 0 ? FieldSet.Empty : new FieldSet([], children);
        }

        var members = new PathElement[_members.Count];
        _members.CopyTo(members);
        Array.Sort(members);
        return new FieldSet(members, children);
    }

    private FieldSetChild[] Children()
    {
        if (_children is null)
        {
            return [];
        }

        var children = new FieldSetChild[_children.Count];
        var count = 0;
        foreach (var (element, builder) in _children)
        {
            if (builder.ToSet() is { IsEmpty: false } set)
            {
                children[count++] = new FieldSetChild(element, set);
            }
        }

        Array.Resize(ref children, count);
        Array.Sort(children, static (a, b) => a.Element.CompareTo(b.Element));
        return children;
    }
}
