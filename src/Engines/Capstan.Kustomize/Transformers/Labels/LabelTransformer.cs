using Capstan.Kustomize.Fields;
using Capstan.Kustomize.Identity;
using Capstan.Kustomize.Resources;
using Capstan.Kustomize.Spec;

namespace Capstan.Kustomize.Transformers.Labels;

/// <summary>Adds labels (and annotations, which are the same to it) to the fields that specifications name.</summary>
internal static class LabelTransformer
{
    private static readonly FieldSpec Metadata = new(Gvk.Any, "metadata/labels", true);

    /// <summary><c>labels</c> and <c>commonLabels</c>.</summary>
    public static void Apply(ResourceSet set, Kustomization spec, TransformerFields fields)
    {
        foreach (var label in spec.Labels)
        {
            Apply(set, label.Pairs, FieldsOf(label, fields), areLabels: true);
        }

        if (spec.CommonLabels is { Count: > 0 } common)
        {
            Apply(set, common, fields.CommonLabels, areLabels: true);
        }
    }

    /// <summary>Sets the pairs in the maps that the specifications lead to.</summary>
    /// <param name="set">The resources.</param>
    /// <param name="pairs">The pairs.</param>
    /// <param name="fields">The specifications.</param>
    /// <param name="areLabels">Whether the texts are shared by all fields of a resource; those of annotations lose that with kustomize's notes.</param>
    public static void Apply(ResourceSet set, IReadOnlyDictionary<string, string> pairs, IEnumerable<FieldSpec> fields, bool areLabels = false)
    {
        if (pairs.Count == 0)
        {
            return;
        }

        var setter = new PairSetter(pairs);
        var walks = fields.Select(field => new FieldWalk(field, setter.Set, CreatedKind.Map)).ToArray();
        foreach (var resource in set.All)
        {
            setter.Begin(areLabels ? resource : null);
            foreach (var walk in walks)
            {
                walk.Apply(resource);
                setter.Settle();
            }
        }
    }

    private static List<FieldSpec> FieldsOf(LabelSpec label, TransformerFields fields)
    {
        var own = FieldSpecs.Merge(label.Fields, fields.Labels);
        if (label.IncludeSelectors)
        {
            return FieldSpecs.Merge(own, fields.CommonLabels);
        }

        return FieldSpecs.Merge(label.IncludeTemplates ? FieldSpecs.Merge(own, fields.TemplateLabels) : own, [Metadata]);
    }
}
