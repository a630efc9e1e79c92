using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>Whether a configuration fits its schema well enough to be merged: known fields, right shapes, keys of list items.</summary>
internal static class TypedCheck
{
    public static IReadOnlyList<string> Problems(YamlNode node, SchemaNode schema)
    {
        var walk = new Walk();
        walk.Check(node, schema);
        return walk.Problems;
    }

    private sealed class Walk
    {
        // A hostile object could name a problem in each of its fields; the first ones are enough to act on.
        private const int Most = 100;

        private readonly List<PathElement> _path = [];

        public List<string> Problems { get; } = [];

        public void Check(YamlNode node, SchemaNode schema)
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            // A value that is one piece and of which nothing is known may hold anything (the items of a definition's schema).
            if (Problems.Count >= Most || node.IsNull || (schema.IsUntyped && schema.Map!.IsAtomic))
            {
                return;
            }

            switch (Shapes.Of(schema, node))
            {
                case Shape.Map when node is YamlMap map:
                    Map(map, schema);
                    break;
                case Shape.Map:
                    Add($"expected map, got &{{{GoText(node)}}}");
                    break;
                case Shape.List when node is YamlList list:
                    List(list, schema);
                    break;
                case Shape.List:
                    Add($"expected list, got &{{{GoText(node)}}}");
                    break;
                default:
                    Scalar(node, schema.Scalar!.Value);
                    break;
            }
        }

        private void Map(YamlMap map, SchemaNode schema)
        {
            foreach (var (key, value) in map)
            {
                _path.Add(PathElement.Field(key));
                if (schema.Map!.TypeOf(key) is { } type)
                {
                    Check(value, type);
                }
                else
                {
                    Add("field not declared in schema");
                }

                _path.RemoveAt(_path.Count - 1);
            }
        }

        private void List(YamlList list, SchemaNode schema)
        {
            var seen = new HashSet<PathElement>();
            for (var i = 0; i < list.Count; i++)
            {
                var element = PathElement.Index(i);
                if (schema.List!.Type != ListType.Atomic)
                {
                    if (ListKeys.TryOf(list[i], schema.List, out var problem) is not { } key)
                    {
                        Add($"element {i}: {problem}");
                        continue;
                    }

                    if (!seen.Add(key))
                    {
                        Add($"duplicate entries for key {key}");
                    }

                    element = key;
                }

                _path.Add(element);
                Check(list[i], schema.Items);
                _path.RemoveAt(_path.Count - 1);
            }
        }

        private void Scalar(YamlNode node, ScalarType type)
        {
            var kind = (node as YamlScalar)?.Kind;
            var expected = type switch
            {
                ScalarType.String or ScalarType.Time or ScalarType.Bytes or ScalarType.Duration => kind == ScalarKind.String ? null : "string",
                ScalarType.Integer or ScalarType.Long or ScalarType.Number => kind is ScalarKind.Integer or ScalarKind.Float ? null : "numeric (int or float)",
                ScalarType.Boolean => kind == ScalarKind.Boolean ? null : "boolean",
                _ => kind is null ? "a scalar" : null,
            };
            if (expected is not null)
            {
                Add($"expected {expected}, got &{{{GoText(node)}}}");
            }
        }

        // As Go's fmt prints the value, since clients and people compare these messages.
        private static string GoText(YamlNode node)
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            return node switch
            {
                YamlMap map => $"map[{string.Join(' ', map.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}:{GoText(e.Value)}"))}]",
                YamlList list => $"[{string.Join(' ', list.Select(GoText))}]",
                _ => node.IsNull ? "<nil>" : ((YamlScalar)node).Text,
            };
        }

        private void Add(string problem) => Problems.Add(_path.Count == 0 ? problem : $"{string.Concat(_path)}: {problem}");
    }
}
