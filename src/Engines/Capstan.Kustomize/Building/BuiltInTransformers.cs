using Capstan.Kustomize.Files;
using Capstan.Kustomize.Resources;
using Capstan.Kustomize.Spec;
using Capstan.Kustomize.Transformers.Images;
using Capstan.Kustomize.Transformers.Labels;
using Capstan.Kustomize.Transformers.Names;
using Capstan.Kustomize.Transformers.Namespaces;
using Capstan.Kustomize.Transformers.Patches;
using Capstan.Kustomize.Transformers.Replacements;
using Capstan.Kustomize.Transformers.Replicas;

namespace Capstan.Kustomize.Building;

/// <summary>The transformers that a kustomization's fields ask for, in kustomize's order.</summary>
internal sealed class BuiltInTransformers(Accumulated accumulated, KustomizeFolder folder, Kustomization spec, BuildSession session)
{
    private readonly ResourceSet _set = accumulated.Resources;

    public void Apply()
    {
        var fields = accumulated.Fields;
        var patches = new PatchTransformer(_set, folder, () => session.Schema, spec.File);
        ForEach(spec.PatchesStrategicMerge, patches.ApplyStrategic);
        ForEach(spec.Patches, patches.Apply);
        if (spec.Namespace.Length > 0)
        {
            new NamespaceTransformer(spec.Namespace, fields.Namespace).Apply(_set);
        }

        NameTransformer.ApplyPrefix(_set, spec.NamePrefix, fields.NamePrefix);
        NameTransformer.ApplySuffix(_set, spec.NameSuffix, fields.NameSuffix);
        LabelTransformer.Apply(_set, spec, fields);
        LabelTransformer.Apply(_set, spec.CommonAnnotations ?? new Dictionary<string, string>(), fields.CommonAnnotations);
        ForEach(spec.PatchesJson6902, patches.ApplyJson6902);
        ReplicaTransformer.Apply(_set, spec.Replicas, fields.Replicas, spec.File);
        ForEach(spec.Images, image => new ImageTransformer(image).Apply(_set, fields.Images));
        new ReplacementTransformer(_set, folder, spec.File).Apply(spec.Replacements);
    }

    private static void ForEach<T>(IReadOnlyList<T> items, Action<T> apply)
    {
        foreach (var item in items)
        {
            apply(item);
        }
    }
}
