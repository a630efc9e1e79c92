using Capstan.Kustomize.Resources;
using Capstan.Kustomize.Spec;
using Capstan.Yaml;

namespace Capstan.Kustomize.Building;

/// <summary>The last touch: <c>buildMetadata</c>, and annotations as kustomize leaves them after it took its notes out of them.</summary>
internal static class BuildMetadata
{
    private const string ManagedBy = "app.kubernetes.io/managed-by";

    private const string Version = "kustomize-v5.7.1";

    public static void Apply(ResourceSet set, Kustomization spec)
    {
        if (spec.BuildMetadata.Contains("managedByLabel"))
        {
            foreach (var resource in set.All)
            {
                var labels = resource.Body.At("metadata", "labels") as YamlMap ?? YamlMap.Empty;
                resource.Body = resource.Body.WithAt(["metadata", "labels"], labels.With(ManagedBy, Version));
            }
        }

        foreach (var resource in set.All)
        {
            Settle(resource);
        }
    }

    // All values become texts, and an empty map goes away.
    private static void Settle(Resource resource)
    {
        if (resource.Body["metadata"] is YamlMap metadata && !metadata.ContainsKey("annotations"))
        {
            return;
        }

        resource.SetMeta("annotations", [.. resource.Meta("annotations")]);
    }
}
