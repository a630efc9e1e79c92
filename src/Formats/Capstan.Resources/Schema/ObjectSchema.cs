namespace Capstan.Resources;

/// <summary>The structure of one kind of object in one version.</summary>
/// <param name="Kind">Which kind.</param>
/// <param name="Root">The schema of the whole object.</param>
/// <param name="IsTyped">False when nothing is known of the kind: lists are atomic then, maps merge key by key.</param>
public sealed record ObjectSchema(GroupVersionKind Kind, SchemaNode Root, bool IsTyped)
{
    /// <summary>A schema for a kind of which nothing is known: as the API server treats a custom resource without a schema.</summary>
    public static ObjectSchema Untyped(GroupVersionKind kind) => new(kind, CrdSchema.UntypedRoot, false);
}
