using Capstan.Kustomize.Fields;
using Capstan.Kustomize.Identity;
using Capstan.Kustomize.Resources;
using Capstan.Kustomize.Spec;
using Capstan.Yaml;

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
            Apply(set, label.Pairs, FieldsOf(label, fields));
        }

        if (spec.CommonLabels is { Count: > 0 } common)
        {
            Apply(set, common, fields.CommonLabels);
        }
    }

    /// <summary>Sets the pairs in the maps that the specifications lead to.</summary>
    public static void Apply(ResourceSet set, IReadOnlyDictionary<string, string> pairs, IEnumerable<FieldSpec> fields)
    {
        if (pairs.Count == 0)
        {
            return;
        }

        var walks = fields.Select(field => new FieldWalk(field, node => Set(node, pairs), CreatedKind.Map)).ToArray();
        foreach (var resource in set.All)
        {
            foreach (var walk in walks)
            {
                walk.Apply(resource);
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

    private static YamlNode Set(YamlNode node, IReadOnlyDictionary<string, string> pairs)
    {
        if (node.IsNull)
        {
            return node;
        }

        if (node is not YamlMap map)
        {
            throw new KustomizeException($"wrong node kind: expected a map of labels or annotations, found {node.Description}");
        }

        var builder = map.ToBuilder();
        foreach (var (key, value) in pairs)
        {
            builder.Set(key, Scalars.Text(value, map[key]));
        }

        return builder.ToMap(map.Position);
    }
}
