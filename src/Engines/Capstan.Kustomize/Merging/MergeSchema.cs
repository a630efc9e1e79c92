using Capstan.Kustomize.Identity;

namespace Capstan.Kustomize.Merging;

/// <summary>What is known of how the fields of a type merge.</summary>
internal sealed class MergeType
{
    public static readonly MergeType Plain = new();

    private readonly Dictionary<string, MergeField> _fields = new(StringComparer.Ordinal);

    /// <summary>The rule for a field; null when the type says nothing of it.</summary>
    public MergeField? this[string field] => _fields.GetValueOrDefault(field) ?? AnyField;

    /// <summary>The rule for the values of a map with free keys.</summary>
    public MergeField? AnyField { get; set; }

    public void Add(string name, MergeField field) => _fields[name] = field;
}

/// <summary>How one field merges.</summary>
/// <param name="Type">The type of its value, or of the items of its list.</param>
/// <param name="Keys">The keys that tell the items of a merging list apart (none for a list of scalars); null when it is no merging list.</param>
internal sealed record MergeField(MergeType Type, string[]? Keys);

/// <summary>The types of resources as far as merging patches needs them.</summary>
internal abstract class MergeSchema
{
    /// <summary>The type of a kind; null when nothing is known of it, and its lists are replaced.</summary>
    public abstract MergeType? For(Gvk gvk);
}
