using Capstan.Kustomize.Identity;

namespace Capstan.Kustomize.Fields;

/// <summary>The kinds of resources that others refer to by name, and where.</summary>
internal sealed record NameReference(Gvk Target, IReadOnlyList<FieldSpec> Referrers);

/// <summary>Which fields the transformers change: the built-in ones, and what <c>configurations</c> and <c>crds</c> add.</summary>
internal sealed record TransformerFields
{
    private static readonly Lazy<TransformerFields> Shared = new(FieldTable.ReadEmbedded);

    public static readonly TransformerFields None = new();

    public static TransformerFields Default => Shared.Value;

    public IReadOnlyList<FieldSpec> NamePrefix { get; init; } = [];

    public IReadOnlyList<FieldSpec> NameSuffix { get; init; } = [];

    public IReadOnlyList<FieldSpec> Namespace { get; init; } = [];

    public IReadOnlyList<FieldSpec> CommonLabels { get; init; } = [];

    public IReadOnlyList<FieldSpec> Labels { get; init; } = [];

    public IReadOnlyList<FieldSpec> TemplateLabels { get; init; } = [];

    public IReadOnlyList<FieldSpec> CommonAnnotations { get; init; } = [];

    public IReadOnlyList<NameReference> NameReferences { get; init; } = [];

    public IReadOnlyList<FieldSpec> VarReferences { get; init; } = [];

    public IReadOnlyList<FieldSpec> Images { get; init; } = [];

    public IReadOnlyList<FieldSpec> Replicas { get; init; } = [];

    private bool HasDefault { get; init; }

    /// <summary>Both together, sorted.</summary>
    public TransformerFields Merge(TransformerFields other)
    {
        // Everything is merged with the defaults again and again; they add nothing then.
        if (ReferenceEquals(other, None) || (ReferenceEquals(other, Default) && (HasDefault || ReferenceEquals(this, Default))))
        {
            return this;
        }

        if (ReferenceEquals(this, None) && ReferenceEquals(other, Default))
        {
            return other;
        }

        return new TransformerFields
        {
            NamePrefix = Merge(NamePrefix, other.NamePrefix),
            NameSuffix = Merge(NameSuffix, other.NameSuffix),
            Namespace = Merge(Namespace, other.Namespace),
            CommonLabels = Merge(CommonLabels, other.CommonLabels),
            Labels = Merge(Labels, other.Labels),
            TemplateLabels = Merge(TemplateLabels, other.TemplateLabels),
            CommonAnnotations = Merge(CommonAnnotations, other.CommonAnnotations),
            VarReferences = Merge(VarReferences, other.VarReferences),
            NameReferences = MergeReferences(NameReferences, other.NameReferences),
            Images = Merge(Images, other.Images),
            Replicas = Merge(Replicas, other.Replicas),
            HasDefault = HasDefault || other.HasDefault || ReferenceEquals(this, Default) || ReferenceEquals(other, Default),
        };
    }

    internal static List<NameReference> SortReferences(IEnumerable<NameReference> references) =>
        [.. references.OrderBy(r => r.Target, Comparer<Gvk>.Create(Gvk.CompareForFields))];

    private static List<FieldSpec> Merge(IReadOnlyList<FieldSpec> first, IReadOnlyList<FieldSpec> second) => FieldSpecs.Sort(FieldSpecs.Merge(first, second));

    private static List<NameReference> MergeReferences(IReadOnlyList<NameReference> first, IReadOnlyList<NameReference> second)
    {
        var result = first.ToList();
        foreach (var reference in second)
        {
            var at = result.FindIndex(r => r.Target == reference.Target);
            if (at < 0)
            {
                result.Add(reference);
            }
            else
            {
                result[at] = result[at] with { Referrers = FieldSpecs.Merge(result[at].Referrers, reference.Referrers) };
            }
        }

        return SortReferences(result);
    }
}
