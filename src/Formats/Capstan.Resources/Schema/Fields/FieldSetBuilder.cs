using System.Runtime.CompilerServices;

namespace Capstan.Resources;

/// <summary>Collects the paths of a set.</summary>
internal sealed class FieldSetBuilder
{
    private readonly HashSet<PathElement> _members = [];
    private readonly Dictionary<PathElement, FieldSetBuilder> _children = [];

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

    public void AddMember(PathElement element) => _members.Add(element);

    public FieldSetBuilder Child(PathElement element)
    {
        if (!_children.TryGetValue(element, out var child))
        {
            _children[element] = child = new FieldSetBuilder();
        }

        return child;
    }

    public FieldSet ToSet()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var children = new List<FieldSetChild>(_children.Count);
        foreach (var (element, builder) in _children.OrderBy(c => c.Key))
        {
            var set = builder.ToSet();
            if (!set.IsEmpty)
            {
                children.Add(new FieldSetChild(element, set));
            }
        }

        return _members.Count == 0 && children.Count == 0 ? FieldSet.Empty : new FieldSet([.. _members.Order()], [.. children]);
    }
}
