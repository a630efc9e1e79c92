using Capstan.Kustomize.Spec;

namespace Capstan.Kustomize.Edits;

/// <summary>Applies edits to a kustomization that was read.</summary>
internal sealed class EditedKustomization(KustomizeEdits edits)
{
    private const string Source = "(settings of the application)";

    public Kustomization Of(Kustomization spec)
    {
        var edited = spec with
        {
            NamePrefix = Or(edits.NamePrefix, spec.NamePrefix),
            NameSuffix = Or(edits.NameSuffix, spec.NameSuffix),
            Namespace = Or(edits.Namespace, spec.Namespace),
            Images = Images(spec),
            Replicas = [.. spec.Replicas.Where(r => !edits.Replicas.Any(e => e.Name == r.Name)), .. edits.Replicas.Select(e => new ReplicaSpec(e.Name, e.Count, default))],
            Components = [.. spec.Components, .. edits.Components.Select(path => new SpecText(path, default, edits.IgnoreMissingComponents))],
            Patches = [.. spec.Patches, .. edits.Patches.Select(Patch)],
        };
        return Labelled(edited) with
        {
            Edited = Edited(),
            CommonAnnotations = Union(spec.CommonAnnotations, edits.CommonAnnotations, edits.ForceCommonAnnotations, "annotation", spec.File),
        };
    }

    private HashSet<string> Edited()
    {
        (string Field, bool Changes)[] fields =
        [
            ("namePrefix", edits.NamePrefix.Length > 0), ("nameSuffix", edits.NameSuffix.Length > 0), ("namespace", edits.Namespace.Length > 0),
            ("images", edits.Images.Count + edits.ImageEntries.Count > 0), ("replicas", edits.Replicas.Count > 0), ("commonAnnotations", edits.CommonAnnotations.Count > 0),
            ("commonLabels", edits.CommonLabels.Count > 0 && !edits.LabelsWithoutSelector), ("labels", edits.CommonLabels.Count > 0 && edits.LabelsWithoutSelector),
        ];
        return [.. fields.Where(f => f.Changes).Select(f => f.Field)];
    }

    private static string Or(string edit, string own) => edit.Length > 0 ? edit : own;

    private static PatchSpec Patch(Yaml.YamlMap patch)
    {
        var map = new SpecMap(Source, patch, "a patch");
        var spec = SpecReaders.Patch(map);
        map.RefuseUnknown();
        return spec;
    }

    private static IReadOnlyDictionary<string, string>? Union(
        IReadOnlyDictionary<string, string>? own, IReadOnlyDictionary<string, string> added, bool force, string what, string file)
    {
        if (added.Count == 0)
        {
            return own;
        }

        var result = new SortedDictionary<string, string>(own?.ToDictionary() ?? [], StringComparer.Ordinal);
        foreach (var (key, value) in added)
        {
            if (!force && result.ContainsKey(key))
            {
                throw new KustomizeException($"{what} {key} already in kustomization file; set force to override it", file);
            }

            result[key] = value;
        }

        return result;
    }

    private Kustomization Labelled(Kustomization spec)
    {
        if (!edits.LabelsWithoutSelector || edits.CommonLabels.Count == 0)
        {
            return spec with { CommonLabels = Union(spec.CommonLabels, edits.CommonLabels, edits.ForceCommonLabels, "label", spec.File) };
        }

        // The labels go to the entry that has the same reach, or to a new one.
        var at = spec.Labels.Index().Where(l => !l.Item.IncludeSelectors && l.Item.IncludeTemplates == edits.LabelsIncludeTemplates)
            .Select(l => l.Index).DefaultIfEmpty(-1).First();
        var labels = spec.Labels.ToList();
        if (at < 0)
        {
            labels.Add(new LabelSpec(edits.CommonLabels, false, edits.LabelsIncludeTemplates, []));
        }
        else
        {
            labels[at] = labels[at] with { Pairs = Union(labels[at].Pairs, edits.CommonLabels, edits.ForceCommonLabels, "label", spec.File)! };
        }

        return spec with { Labels = labels };
    }

    private List<ImageSpec> Images(Kustomization spec)
    {
        var entries = spec.Images.ToList();
        foreach (var entry in edits.ImageEntries)
        {
            var map = new SpecMap(Source, entry, "an image");
            var image = SpecReaders.Image(map);
            map.RefuseUnknown();
            var at = entries.FindIndex(e => e.Name == image.Name);
            if (at < 0)
            {
                entries.Add(image);
            }
            else
            {
                entries[at] = image;
            }
        }

        if (edits.Images.Count == 0)
        {
            return entries;
        }

        // kustomize edit writes them in the order of their names.
        var images = new SortedDictionary<string, ImageSpec>(StringComparer.Ordinal);
        foreach (var image in entries.Concat(edits.Images.Select(ImageArgument.Parse)))
        {
            images[image.Name] = images.TryGetValue(image.Name, out var before) ? ImageArgument.Over(before, image) : image;
        }

        return [.. images.Values.Select(ImageArgument.WithoutStars)];
    }
}
