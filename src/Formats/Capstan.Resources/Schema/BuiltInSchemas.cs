using System.Diagnostics.CodeAnalysis;

namespace Capstan.Resources;

/// <summary>The structure of the kinds that come with Kubernetes.</summary>
public static class BuiltInSchemas
{
    private static readonly Lazy<SchemaTable> Table = new(SchemaTable.ReadEmbedded);

    /// <summary>Every kind there is a schema for.</summary>
    public static IEnumerable<GroupVersionKind> Kinds => Table.Value.Kinds;

    /// <summary>The schema of <c>metadata</c> of every kind.</summary>
    public static SchemaNode ObjectMeta => Table.Value.Type("meta.v1.ObjectMeta");

    /// <summary>A type that built-in kinds are made of, as in <c>core.v1.PodSpec</c>; null for a name that is none.</summary>
    internal static SchemaNode? FindType(string name) => Table.Value.Find(name);

    /// <summary>The schema of a built-in kind, or an untyped one for a kind that is not built in.</summary>
    public static ObjectSchema For(GroupVersionKind kind) => TryGet(kind, out var schema) ? schema : ObjectSchema.Untyped(kind);

    /// <summary>The schema of a built-in kind.</summary>
    public static bool TryGet(GroupVersionKind kind, [NotNullWhen(true)] out ObjectSchema? schema)
    {
        schema = Table.Value.Root(kind) is { } root ? new ObjectSchema(kind, root, true) : null;
        return schema is not null;
    }
}
