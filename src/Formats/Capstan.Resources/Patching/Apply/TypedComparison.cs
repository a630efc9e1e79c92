using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>Which fields differ between two states of an object.</summary>
/// <param name="Removed">Fields of the first that the second lacks.</param>
/// <param name="Modified">Fields of both with another value.</param>
/// <param name="Added">Fields of the second that the first lacks.</param>
internal sealed record TypedComparison(FieldSet Removed, FieldSet Modified, FieldSet Added)
{
    public FieldSet Changed => Modified.Union(Added);

    public static TypedComparison Of(YamlNode before, YamlNode after, SchemaNode schema)
    {
        var walk = new Walk();
        walk.Compare(before, after, schema);
        return new(walk.Removed.ToSet(), walk.Modified.ToSet(), walk.Added.ToSet());
    }

    /// <summary>Without fields that do not count.</summary>
    public TypedComparison Without(FieldSet fields) => fields.IsEmpty
        ? this
        : new(Removed.ExceptBeneath(fields), Modified.ExceptBeneath(fields), Added.ExceptBeneath(fields));

    private sealed class Walk
    {
        private readonly List<PathElement> _path = [];

        public FieldSetBuilder Removed { get; } = new();

        public FieldSetBuilder Modified { get; } = new();

        public FieldSetBuilder Added { get; } = new();

        public void Compare(YamlNode? before, YamlNode? after, SchemaNode schema)
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            var leaf = true;
            var (left, right) = (Shapes.Of(schema, before), Shapes.Of(schema, after));
            if (before is not null && after is not null && left != right)
            {
                // The place changed its shape: what it had goes, and what it has comes.
                leaf = Visit(left, before, after, schema) & Visit(right, before, after, schema);
            }
            else
            {
                leaf = Visit(after is null ? left : right, before, after, schema);
            }

            if (!leaf && before is null)
            {
                Added.Insert(_path);
            }
            else if (!leaf && after is null)
            {
                Removed.Insert(_path);
            }
        }

        // True when the place was compared as one value.
        private bool Visit(Shape shape, YamlNode? before, YamlNode? after, SchemaNode schema)
        {
            switch (shape)
            {
                case Shape.Map when !schema.Map!.IsAtomic && (before is YamlMap { Count: > 0 } || after is YamlMap { Count: > 0 }):
                    Maps(before as YamlMap ?? YamlMap.Empty, after as YamlMap ?? YamlMap.Empty, schema);
                    return false;
                case Shape.List when schema.List!.Type != ListType.Atomic && (before is YamlList { Count: > 0 } || after is YamlList { Count: > 0 }):
                    Lists(before as YamlList ?? YamlList.Empty, after as YamlList ?? YamlList.Empty, schema);
                    return false;
                default:
                    Leaf(before, after);
                    return true;
            }
        }

        private void Leaf(YamlNode? before, YamlNode? after)
        {
            if (before is null)
            {
                Added.Insert(_path);
            }
            else if (after is null)
            {
                Removed.Insert(_path);
            }
            else if (!before.Equals(after))
            {
                Modified.Insert(_path);
            }
        }

        private void Maps(YamlMap before, YamlMap after, SchemaNode schema)
        {
            foreach (var (key, value) in before)
            {
                Step(PathElement.Field(key), value, after[key], schema.Field(key));
            }

            foreach (var (key, value) in after)
            {
                if (!before.ContainsKey(key))
                {
                    Step(PathElement.Field(key), null, value, schema.Field(key));
                }
            }
        }

        private void Lists(YamlList before, YamlList after, SchemaNode schema)
        {
            var (left, right) = (ByKey(before, schema), ByKey(after, schema));
            foreach (var (key, was) in left)
            {
                Items(key, was, right.GetValueOrDefault(key, []), schema);
            }

            foreach (var (key, now) in right)
            {
                if (!left.ContainsKey(key))
                {
                    Items(key, [], now, schema);
                }
            }
        }

        // Items that are there twice or more are compared as one value.
        private void Items(PathElement key, List<YamlNode> was, List<YamlNode> now, SchemaNode schema)
        {
            if (was.Count <= 1 && now.Count <= 1)
            {
                Step(key, was.FirstOrDefault(), now.FirstOrDefault(), schema.Items);
            }
            else if (was.Count >= 2 && now.Count >= 2)
            {
                if (!was.SequenceEqual(now))
                {
                    Modified.Insert([.. _path, key]);
                }
            }
            else if (was.Count >= 2)
            {
                StepIfAny(key, null, now.FirstOrDefault(), schema);
                Removed.Insert([.. _path, key]);
            }
            else
            {
                StepIfAny(key, was.FirstOrDefault(), null, schema);
                Added.Insert([.. _path, key]);
            }
        }

        private void StepIfAny(PathElement key, YamlNode? before, YamlNode? after, SchemaNode schema)
        {
            if (before is not null || after is not null)
            {
                Step(key, before, after, schema.Items);
            }
        }

        private void Step(PathElement element, YamlNode? before, YamlNode? after, SchemaNode schema)
        {
            if (ReferenceEquals(before, after))
            {
                return;
            }

            _path.Add(element);
            Compare(before, after, schema);
            _path.RemoveAt(_path.Count - 1);
        }

        private static Dictionary<PathElement, List<YamlNode>> ByKey(YamlList list, SchemaNode schema)
        {
            var result = new Dictionary<PathElement, List<YamlNode>>(list.Count);
            foreach (var item in list)
            {
                if (ListKeys.TryOf(item, schema.List!) is not { } key)
                {
                    continue;
                }

                if (result.TryGetValue(key, out var items))
                {
                    items.Add(item);
                }
                else
                {
                    result[key] = [item];
                }
            }

            return result;
        }
    }
}
