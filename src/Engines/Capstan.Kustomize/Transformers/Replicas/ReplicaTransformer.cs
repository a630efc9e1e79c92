using System.Globalization;
using Capstan.Kustomize.Fields;
using Capstan.Kustomize.Resources;
using Capstan.Kustomize.Spec;
using Capstan.Yaml;

namespace Capstan.Kustomize.Transformers.Replicas;

/// <summary>Sets how many replicas workloads of a name have.</summary>
internal static class ReplicaTransformer
{
    public static void Apply(ResourceSet set, IReadOnlyList<ReplicaSpec> replicas, IReadOnlyList<FieldSpec> fields, string file)
    {
        if (replicas.Count == 0)
        {
            return;
        }

        var byName = new Dictionary<string, List<Resource>>(StringComparer.Ordinal);
        foreach (var resource in set.All)
        {
            foreach (var name in resource.AllIds().Select(id => id.Name).Distinct())
            {
                if (!byName.TryGetValue(name, out var list))
                {
                    byName[name] = list = [];
                }

                list.Add(resource);
            }
        }

        foreach (var replica in replicas)
        {
            Apply(replica, byName.GetValueOrDefault(replica.Name) ?? [], fields, file);
        }
    }

    private static void Apply(ReplicaSpec replica, List<Resource> named, IReadOnlyList<FieldSpec> fields, string file)
    {
        var found = false;
        var count = replica.Count.ToString(CultureInfo.InvariantCulture);
        foreach (var field in fields)
        {
            var walk = new FieldWalk(field, node => Set(node, count), CreatedKind.Scalar);
            foreach (var resource in named.Where(r => r.AllIds().Any(id => id.Name == replica.Name && id.Gvk.IsSelectedBy(field.Gvk))))
            {
                found = true;
                walk.Apply(resource);
            }
        }

        if (!found)
        {
            throw new KustomizeException(
                $"resource with name {replica.Name} does not match a config with the following GVK [{string.Join(' ', fields.Select(f => f.Gvk))}]", file, replica.Position);
        }
    }

    private static YamlNode Set(YamlNode node, string count) => node is YamlScalar
        ? ScalarNodes.Over(ReferenceEquals(node, YamlScalar.Empty) ? null : node, new YamlScalar(count, ScalarKind.Integer))
        : throw new KustomizeException($"replicas must be a scalar, found {node.Description}");
}
