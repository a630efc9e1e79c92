using System.Collections.Frozen;
using Capstan.Kustomize.Resources;
using Capstan.Kustomize.Spec;
using Capstan.Yaml;

namespace Capstan.Kustomize.Building;

/// <summary>The last touch: <c>buildMetadata</c>, and annotations as kustomize leaves them after it took its notes out of them.</summary>
internal static class BuildMetadata
{
    private const string ManagedBy = "app.kubernetes.io/managed-by";

    private const string Version = "kustomize-v5.7.1";

    private static readonly FrozenSet<string> Notes = ((string[])
    [
        .. ((string[])
        [
            "previousKinds", "previousNames", "previousNamespaces", "prefixes", "suffixes", "allowNameChange", "allowKindChange", "refBy", "generatorBehavior",
            "needsHashSuffix", "path", "index", "seqindent", "id", "annotations-migration-resource-id",
        ]).Select(n => "internal.config.kubernetes.io/" + n),
        "config.kubernetes.io/path", "config.kubernetes.io/index", "config.k8s.io/id",
    ]).ToFrozenSet(StringComparer.Ordinal);

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
            DropUnless(spec, "originAnnotations", resource, BuildOrigin.OriginAnnotation);
            DropUnless(spec, "transformerAnnotations", resource, BuildOrigin.TransformationsAnnotation);
        }
    }

    private static void DropUnless(Kustomization spec, string option, Resource resource, string annotation)
    {
        if (!spec.BuildMetadata.Contains(option))
        {
            BuildOrigin.Drop(resource, annotation);
        }
    }

    private static bool IsNote(string annotation) => Notes.Contains(annotation);

    // All values become texts, an empty map goes away, and so does what kustomize keeps its own notes in, whoever wrote it.
    private static void Settle(Resource resource)
    {
        if (resource.Body["metadata"] is YamlMap metadata && !metadata.ContainsKey("annotations"))
        {
            return;
        }

        resource.SetMeta("annotations", [.. resource.Meta("annotations").Where(a => !IsNote(a.Key))]);
    }
}
