namespace Capstan.Resources;

/// <summary>Who writes an object, and how.</summary>
/// <param name="Manager">The name of the field manager.</param>
/// <param name="Schema">The schema of the object's kind in the version in which it is written.</param>
/// <param name="Now">The time of the write.</param>
/// <param name="Subresource">Through which subresource, as in <c>status</c>; empty for the object itself.</param>
public sealed record WriteContext(string Manager, ObjectSchema Schema, DateTimeOffset Now, string Subresource = "")
{
    /// <summary>Fields that this write cannot change and so never owns, as <c>status</c> when the object itself is written.</summary>
    public FieldSet Reset { get; init; } = FieldSet.Empty;

    internal ManagedEntry Entry(ManagedOperation operation, FieldSet fields) =>
        new(Manager.Length == 0 ? "unknown" : Manager, operation, Schema.Kind.ApiVersion, Subresource, Now, fields);
}
