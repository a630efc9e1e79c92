using Capstan.Kustomize.Identity;
using Capstan.Kustomize.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize.References;

/// <summary>A resource whose references are being fixed, and which other resources it can refer to.</summary>
internal sealed class Referrer
{
    private readonly ResourceId _id;
    private readonly HashSet<string> _subjectNamespaces = new(StringComparer.Ordinal);

    public Referrer(Resource resource)
    {
        Resource = resource;
        _id = resource.Id;
        SeesAll = _id.IsClusterScoped;
        RoleRef = ReadRoleRef(resource.Body);
        if (resource.Kind == "RoleBinding" && resource.Body["subjects"] is YamlList subjects)
        {
            foreach (var subject in subjects.OfType<YamlMap>())
            {
                if (subject.ContainsKey("namespace") && ScalarNodes.Value(subject["kind"]) == "ServiceAccount")
                {
                    _subjectNamespaces.Add(ScalarNodes.Value(subject["namespace"]));
                }
            }
        }
    }

    public Resource Resource { get; }

    /// <summary>Whether it is cluster-scoped, and so can refer to anything.</summary>
    public bool SeesAll { get; }

    /// <summary>The kind that its <c>roleRef</c> names; null when it has none.</summary>
    public Gvk? RoleRef { get; }

    /// <summary>Whether another resource can be referred to at all.</summary>
    public bool Sees(Resource other) =>
        SeesAll || other.Id.IsClusterScoped || other.Id.EffectiveNamespace == _id.EffectiveNamespace || _subjectNamespaces.Contains(other.Namespace);

    public bool SeesNamespace(string value) => value == _id.EffectiveNamespace || _subjectNamespaces.Contains(value);

    /// <summary>Whether a name here can mean another resource: of the same namespace, but service accounts of any.</summary>
    public bool MayMean(Resource other) =>
        SeesAll || other.Id.IsClusterScoped || other.Kind == "ServiceAccount" || other.Id.EffectiveNamespace == _id.EffectiveNamespace;

    private static Gvk? ReadRoleRef(YamlMap body) => body["roleRef"] is YamlMap role && role["apiGroup"] is { } group && role["kind"] is { } kind
        ? new Gvk(ScalarNodes.Source(group), "", ScalarNodes.Source(kind))
        : null;
}
