using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>A path to a field of an object: <c>.spec.template.spec.containers[name="web"].image</c>.</summary>
/// <param name="Elements">The steps from the object's root.</param>
public sealed record FieldPath(IReadOnlyList<PathElement> Elements)
{
    /// <summary>The path to the object itself.</summary>
    public static readonly FieldPath Root = new([]);

    /// <summary>A path of field names.</summary>
    public static FieldPath Of(params ReadOnlySpan<string> names)
    {
        var elements = new PathElement[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            elements[i] = PathElement.Field(names[i]);
        }

        return new FieldPath(elements);
    }

    /// <summary>The path one step further.</summary>
    public FieldPath Then(PathElement element) => new([.. Elements, element]);

    /// <summary>The path one field further.</summary>
    public FieldPath Then(string field) => Then(PathElement.Field(field));

    /// <summary>The node that the path names within an object, or null when there is none.</summary>
    /// <param name="root">The object.</param>
    /// <param name="schema">The object's schema, which tells the defaults of absent key fields.</param>
    public YamlNode? Find(YamlNode root, SchemaNode schema)
    {
        YamlNode? node = root;
        foreach (var element in Elements)
        {
            var shape = schema.List;
            (node, schema) = (node, element.Kind) switch
            {
                (YamlMap map, PathElementKind.Field) => (map[element.Name], schema.Field(element.Name)),
                (YamlList list, PathElementKind.Index) when element.ItemIndex < list.Count => (list[element.ItemIndex], schema.Items),
                (YamlList list, _) when shape is not null => (list.FirstOrDefault(i => ListKeys.TryOf(i, shape) == element), schema.Items),
                _ => (null, schema),
            };
        }

        return node;
    }

    /// <summary>Compares step by step.</summary>
    public bool Equals(FieldPath? other) => other is not null && Elements.SequenceEqual(other.Elements);

    /// <inheritdoc/>
    public override int GetHashCode() => Elements.Aggregate(0, HashCode.Combine);

    /// <summary>As in Kubernetes' messages.</summary>
    public override string ToString() => Elements.Count == 0 ? "." : string.Concat(Elements);
}
