using System.Text;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>Brings a desired and a live object into a form in which they can be compared.</summary>
internal static class Normalization
{
    private static readonly string[] MetadataThatCounts = ["labels", "annotations", "finalizers", "ownerReferences"];

    /// <summary>Only what a manifest can say: no status, no identity, nothing that the server or kubectl keeps for itself.</summary>
    public static YamlMap Normalize(KubernetesObject value, bool keepsStatus = false)
    {
        var body = WithDataOnly(value).Body;
        if (value.GroupKind == new GroupKind("rbac.authorization.k8s.io", "ClusterRole") && body["aggregationRule"] is YamlMap { Count: > 0 })
        {
            // The controller writes the rules of aggregated roles.
            body = body.Without("rules");
        }

        var metadata = new YamlMapBuilder();
        foreach (var key in MetadataThatCounts)
        {
            if (value.Metadata[key] is { } node)
            {
                metadata.Set(key, node is YamlMap map ? map.Without(LastApplied.Annotation) : node);
            }
        }

        body = body.Without("apiVersion").Without("kind").With("metadata", metadata.ToMap());
        return keepsStatus ? body : body.Without("status");
    }

    // The server moves stringData into data.
    private static KubernetesObject WithDataOnly(KubernetesObject value)
    {
        if (value.GroupKind != new GroupKind("", "Secret") || value.Body["stringData"] is not YamlMap texts)
        {
            return value;
        }

        var data = (value.Body["data"] as YamlMap ?? YamlMap.Empty).ToBuilder();
        foreach (var (key, text) in texts)
        {
            data.Set(key, Convert.ToBase64String(Encoding.UTF8.GetBytes(text.AsString() ?? "")));
        }

        return new KubernetesObject(value.Body.Without("stringData").With("data", data.ToMap()));
    }
}
