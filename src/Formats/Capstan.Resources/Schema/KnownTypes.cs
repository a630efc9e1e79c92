namespace Capstan.Resources;

/// <summary>Types of Kubernetes' own within custom resources, by Argo CD's names for them: <c>core/Quantity</c>, <c>core/v1/PodSpec</c>.</summary>
public static class KnownTypes
{
    private static readonly SchemaNode Quantity = new(ScalarType.Quantity, null, null);
    private static readonly SchemaNode Duration = new(ScalarType.Duration, null, null);

    /// <summary>Whether there is a type of this name.</summary>
    public static bool Contains(string type) => Find(type) is not null;

    /// <summary>The schema in which a field is of a type; the same one where the type is not known.</summary>
    /// <param name="schema">The schema of the kind.</param>
    /// <param name="path">The keys that lead to the field; lists are gone through by themselves.</param>
    /// <param name="type">The type's name.</param>
    public static ObjectSchema With(this ObjectSchema schema, IReadOnlyList<string> path, string type) =>
        Find(type) is { } node ? schema with { Root = Graft(schema.Root, path, 0, node) } : schema;

    private static SchemaNode? Find(string type) => type switch
    {
        "core/Quantity" or "core/v1/Quantity" => Quantity,
        "meta/v1/Duration" => Duration,
        _ => BuiltInSchemas.FindType(type.Replace('/', '.')),
    };

    private static SchemaNode Graft(SchemaNode node, IReadOnlyList<string> path, int depth, SchemaNode type)
    {
        if (depth == path.Count)
        {
            return type;
        }

        var name = path[depth];
        var fields = node.Map?.Fields.ToDictionary(f => f.Key, f => f.Value, StringComparer.Ordinal) ?? [];
        var inner = fields.TryGetValue(name, out var known) ? known.Type : node.Map?.Element ?? SchemaNode.Deduced;
        fields[name] = new SchemaField(name, SchemaReference.To(Graft(inner, path, depth + 1, type)));
        var element = node.Map?.Element is { } any ? SchemaReference.To(any) : null;
        var list = node.List is { } shape && !shape.IsDeduced ? new ListShape(shape.Type, [.. shape.Keys], SchemaReference.To(Graft(shape.Items, path, depth, type))) : node.List;
        return new SchemaNode(node.Scalar, list, new MapShape(fields, element, node.Map?.IsAtomic == true));
    }
}
