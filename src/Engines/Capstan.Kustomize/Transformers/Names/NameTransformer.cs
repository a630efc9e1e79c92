using Capstan.Kustomize.Fields;
using Capstan.Kustomize.Identity;
using Capstan.Kustomize.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize.Transformers.Names;

/// <summary>Adds a prefix or a suffix to names.</summary>
internal static class NameTransformer
{
    public static void ApplyPrefix(ResourceSet set, string prefix, IReadOnlyList<FieldSpec> fields) =>
        Apply(set, fields, resource => resource.AddPrefix(prefix), text => prefix + text, prefix.Length > 0);

    public static void ApplySuffix(ResourceSet set, string suffix, IReadOnlyList<FieldSpec> fields) =>
        Apply(set, fields, resource => resource.AddSuffix(suffix), text => text + suffix, suffix.Length > 0);

    private static void Apply(ResourceSet set, IReadOnlyList<FieldSpec> fields, Action<Resource> note, Func<string, string> change, bool changes)
    {
        var walks = fields.Select(f => (Field: f, Walk: new FieldWalk(f, node => Change(node, change), CreatedKind.Scalar))).ToArray();
        foreach (var resource in set.All)
        {
            var id = resource.OriginalId;
            if (!changes || KeepsItsName(id.Gvk))
            {
                continue;
            }

            foreach (var (field, walk) in walks)
            {
                if (!id.Gvk.IsSelectedBy(field.Gvk))
                {
                    continue;
                }

                if (field.Path == "metadata/name")
                {
                    note(resource);
                    resource.RememberId();
                }

                walk.Apply(resource);
            }
        }
    }

    private static bool KeepsItsName(Gvk gvk) =>
        gvk.Kind is "CustomResourceDefinition" or "Namespace" || (gvk is { Group: "apiregistration.k8s.io", Kind: "APIService" });

    private static YamlScalar Change(YamlNode node, Func<string, string> change) => node is YamlScalar
        ? ScalarNodes.Untagged(change(ScalarNodes.Source(node)), node)
        : throw new KustomizeException($"a name must be a scalar, found {node.Description}");
}
