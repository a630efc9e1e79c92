using Capstan.Kustomize.Fields;
using Capstan.Kustomize.Identity;
using Capstan.Kustomize.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize.Transformers.Namespaces;

/// <summary>Which subjects of role bindings get the namespace.</summary>
internal enum SubjectMode
{
    DefaultOnly,
    AllServiceAccounts,
    None,
}

/// <summary>Puts resources into a namespace.</summary>
internal sealed class NamespaceTransformer(string value, IEnumerable<FieldSpec> fields, bool unsetOnly = false, SubjectMode subjects = SubjectMode.DefaultOnly)
{
    private static readonly FieldSpec Metadata = new(Gvk.Any, "metadata/namespace", true);

    private readonly FieldSpec[] _fields = [.. fields];

    public void Apply(ResourceSet set)
    {
        foreach (var resource in set.All)
        {
            resource.RememberId();
            Apply(resource);
        }

        var seen = new Dictionary<ResourceId, Resource>(set.Count);
        foreach (var resource in set.All)
        {
            if (!seen.TryAdd(resource.Id.Key, resource))
            {
                var other = seen[resource.Id.Key];
                throw new KustomizeException(
                    $"namespace transformation produces ID conflict: {resource.Id.ForPeople} is {other.OriginalId.ForPeople} ({other.File}:{other.Line}) and {resource.OriginalId.ForPeople} ({resource.File}:{resource.Line})");
            }
        }
    }

    private void Apply(Resource resource)
    {
        if (!resource.Id.IsClusterScoped)
        {
            new FieldWalk(Metadata, Set, CreatedKind.Scalar).Apply(resource);
        }

        var isBinding = resource.Kind is "RoleBinding" or "ClusterRoleBinding";
        if (isBinding && subjects != SubjectMode.None && resource.Body["subjects"] is YamlList list)
        {
            resource.Body = resource.Body.With("subjects", new YamlList(list.Select(Subject), list.Position));
        }

        foreach (var field in _fields)
        {
            var isMeta = field.Path == "metadata/namespace" || (field.Path == "metadata/name" && ScalarNodes.Source(resource.Body["apiVersion"]) != "v1");
            var isSubjects = isBinding && field.Gvk.Kind is "RoleBinding" or "ClusterRoleBinding" && field.Path == "subjects/namespace";
            if (!isMeta && !(isBinding && isSubjects))
            {
                new FieldWalk(field, Set, CreatedKind.Scalar).Apply(resource);
            }
        }
    }

    private YamlNode Subject(YamlNode subject)
    {
        if (subject is not YamlMap map)
        {
            return subject;
        }

        var chosen = subjects == SubjectMode.AllServiceAccounts
            ? ScalarNodes.Value(map["kind"]) == "ServiceAccount"
            : ScalarNodes.Value(map["name"]) == "default";
        return chosen ? map.With("namespace", Set(map["namespace"] ?? YamlScalar.Empty)) : subject;
    }

    private YamlNode Set(YamlNode node)
    {
        if (node is not YamlScalar)
        {
            throw new KustomizeException($"namespace field specs must target scalar nodes, found {node.Description}");
        }

        return unsetOnly && ScalarNodes.Value(node).Length > 0 ? node : ScalarNodes.Text(value, node);
    }
}
