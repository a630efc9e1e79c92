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
internal sealed class BuiltInTransformers(Accumulated accumulated, KustomizeFolder folder, Kustomization spec, BuildSession session, BuildOrigin? origin)
{
    private readonly ResourceSet _set = accumulated.Resources;

    public void Apply()
    {
        session.Tracker?.See(_set);
        var fields = accumulated.Fields;
        var patches = new PatchTransformer(_set, folder, () => session.Schema, spec.File);
        foreach (var patch in spec.PatchesStrategicMerge)
        {
            patches.ApplyStrategic(patch);
            NotePatch(patch.Text, patch.Position);
        }

        Mark("PatchStrategicMergeTransformer", spec.PatchesStrategicMerge.Count > 0);
        foreach (var patch in spec.Patches)
        {
            patches.Apply(patch);
            NotePatch(patch.Path, patch.Position);
            Mark("PatchTransformer");
        }

        if (spec.Namespace.Length > 0)
        {
            new NamespaceTransformer(spec.Namespace, fields.Namespace).Apply(_set);
            Note("namespace");
            Mark("NamespaceTransformer");
        }

        NameTransformer.ApplyPrefix(_set, spec.NamePrefix, fields.NamePrefix);
        Note("namePrefix");
        Mark("PrefixTransformer", spec.NamePrefix.Length > 0);
        NameTransformer.ApplySuffix(_set, spec.NameSuffix, fields.NameSuffix);
        Note("nameSuffix");
        Mark("SuffixTransformer", spec.NameSuffix.Length > 0);
        LabelTransformer.Apply(_set, spec, fields);
        Note(spec.CommonLabels is null ? "labels" : "commonLabels");
        MarkLabels();
        LabelTransformer.Apply(_set, spec.CommonAnnotations ?? new Dictionary<string, string>(), fields.CommonAnnotations);
        Note("commonAnnotations");
        Mark("AnnotationsTransformer", spec.CommonAnnotations is { Count: > 0 });
        foreach (var patch in spec.PatchesJson6902)
        {
            patches.ApplyJson6902(patch);
            NotePatch(patch.Path, patch.Position);
            Mark("PatchJson6902Transformer");
        }

        ReplicaTransformer.Apply(_set, spec.Replicas, fields.Replicas, spec.File);
        Note("replicas");
        ForEach(spec.Replicas, _ => Mark("ReplicaCountTransformer"));
        ForEach(spec.Images, image => new ImageTransformer(image).Apply(_set, fields.Images));
        Note("images");
        ForEach(spec.Images, _ => Mark("ImageTagTransformer"));
        new ReplacementTransformer(_set, folder, spec.File).Apply(spec.Replacements);
        Note("replacements");
        Mark("ReplacementTransformer", spec.Replacements.Count > 0);
    }

    // kustomize has one transformer for each entry of labels, and behind them the one of commonLabels even where there are none.
    private void MarkLabels()
    {
        ForEach(spec.Labels, _ => Mark("LabelTransformer"));
        Mark("LabelTransformer", spec.Labels.Count > 0 || spec.CommonLabels is { Count: > 0 });
    }

    private void Mark(string kind, bool isThere = true)
    {
        if (isThere)
        {
            origin?.MarkTransformed(_set, BuildOrigin.BuiltIn(kind));
        }
    }

    private void Note(string by) => session.Tracker?.Note(_set, spec.OriginOf(by));

    // A patch in a file brings the lines of that file along; one that stands in the kustomization is there.
    private void NotePatch(string path, Yaml.Position position)
    {
        if (session.Tracker is not { } tracker)
        {
            return;
        }

        var file = path.Length == 0 || path.Contains('\n', StringComparison.Ordinal) || folder.Find(path) is not { Kind: Trees.TreeEntryKind.File } found ? null : folder.Place + found.Path;
        tracker.Note(_set, file is not null ? new FieldOrigin(file, 0, "patch") : position.IsKnown ? new FieldOrigin(spec.File, position.Line, "patch") : new FieldOrigin("", 0, "patch"));
    }

    private static void ForEach<T>(IReadOnlyList<T> items, Action<T> apply)
    {
        foreach (var item in items)
        {
            apply(item);
        }
    }
}
