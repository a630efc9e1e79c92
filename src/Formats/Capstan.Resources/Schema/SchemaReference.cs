namespace Capstan.Resources;

/// <summary>A node that is looked up when it is first asked for, so that types may contain themselves and unused ones cost nothing.</summary>
internal sealed class SchemaReference
{
    private readonly Func<SchemaNode>? _resolve;
    private SchemaNode? _node;

    public SchemaReference(Func<SchemaNode> resolve) => _resolve = resolve;

    private SchemaReference(SchemaNode node) => _node = node;

    // Two threads may resolve at once; both find the same node.
    public SchemaNode Node => _node ??= _resolve!();

    public static SchemaReference To(SchemaNode node) => new(node);
}
