using System.Text;
using Capstan.Kustomize.Files;
using Capstan.Kustomize.Merging;
using Capstan.Kustomize.Resources;
using Capstan.Kustomize.Spec;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize.Transformers.Patches;

/// <summary>Applies <c>patches</c>, <c>patchesStrategicMerge</c> and <c>patchesJson6902</c>.</summary>
internal sealed class PatchTransformer(ResourceSet set, KustomizeFolder folder, Func<MergeSchema> schema, string file)
{
    /// <summary>One entry of <c>patches</c>.</summary>
    public void Apply(PatchSpec spec)
    {
        var patch = PatchTexts.Load(folder, spec, file);
        try
        {
            if (patch.Json is not null)
            {
                ApplyJson(patch, spec);
            }
            else if (spec.Target is not null)
            {
                ApplyToTargets(patch, spec);
            }
            else
            {
                foreach (var strategic in patch.Strategic)
                {
                    ApplyStrategic(FindTarget(strategic), strategic);
                }
            }
        }
        catch (KustomizeException error)
        {
            throw error.At(file, spec.Position);
        }

        set.DropDeleted();
    }

    /// <summary>One entry of <c>patchesStrategicMerge</c>: a patch, or the file of one.</summary>
    public void ApplyStrategic(SpecText entry)
    {
        foreach (var patch in LoadStrategic(entry))
        {
            try
            {
                ApplyStrategic(set.One(patch.Id), ForTarget(patch, set.One(patch.Id)));
                set.DropDeleted();
            }
            catch (KustomizeException error)
            {
                throw error.At(patch.File, new Position(patch.Line, 1));
            }
        }
    }

    /// <summary>One entry of <c>patchesJson6902</c>.</summary>
    public void ApplyJson6902(PatchSpec spec)
    {
        try
        {
            if (spec.Target is null || spec.Target.Id.Name.Length == 0)
            {
                throw new KustomizeException("must specify the target name");
            }

            if (spec.Path.Length == 0 == (spec.Patch.Length == 0))
            {
                throw new KustomizeException(spec.Path.Length == 0 ? "empty file path and empty jsonOp" : "must specify a file path or jsonOp, not both");
            }

            var operations = spec.Patch.Length > 0
                ? PatchTexts.ReadJson(Encoding.UTF8.GetBytes(spec.Patch), file)
                : folder.Load(spec.Path) is var (path, content) ? PatchTexts.ReadJson(content.Span, path) : YamlList.Empty;
            foreach (var resource in new ResourceSelector(spec.Target).Select(set))
            {
                ApplyJson(resource, operations, resource.HasBuildNotes);
            }
        }
        catch (KustomizeException error)
        {
            throw error.At(file, spec.Position);
        }
    }

    private List<Resource> LoadStrategic(SpecText entry)
    {
        try
        {
            if (ResourceReader.Read(file, Encoding.UTF8.GetBytes(entry.Text)) is { Count: > 0 } inline)
            {
                return inline;
            }
        }
        catch (KustomizeException) when (!entry.Text.Contains('\n', StringComparison.Ordinal))
        {
            // No patch in itself, so it is the path of one.
        }

        try
        {
            var (path, content) = folder.Load(entry.Text);
            return ResourceReader.Read(path, content.Span);
        }
        catch (KustomizeException error)
        {
            throw error.At(file, entry.Position);
        }
    }

    private Resource FindTarget(Resource patch)
    {
        try
        {
            return set.One(patch.Id);
        }
        catch (KustomizeException error)
        {
            throw new KustomizeException(
                $"no resource matches strategic merge patch \"{patch.Id}\": {error.Problem}", patch.File, new Position(patch.Line, 1), inner: error);
        }
    }

    private void ApplyToTargets(LoadedPatch patch, PatchSpec spec)
    {
        if (patch.Strategic is not [var only])
        {
            throw new KustomizeException(
                $"Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field: {patch.Source}");
        }

        foreach (var resource in new ResourceSelector(spec.Target!).Select(set))
        {
            ApplyStrategic(resource, ForTarget(only, resource));
        }

        if (spec.AllowNameChange || spec.AllowKindChange)
        {
            set.DropDeleted();
            set.RefuseDuplicates();
        }
    }

    // On its way to a target, a patch gets the target's version, and its labels and annotations become texts, even where they were null.
    private static Resource ForTarget(Resource patch, Resource target)
    {
        var copy = new Resource(patch.Body, patch.File) { Line = patch.Line, AllowNameChange = patch.AllowNameChange, AllowKindChange = patch.AllowKindChange };
        copy.SetMeta("labels", [.. patch.Meta("labels")]);
        copy.SetMeta("annotations", [.. patch.Meta("annotations")]);
        copy.SetNamespace(patch.Namespace);
        copy.Body = copy.Body.With("apiVersion", ScalarNodes.Text(target.Id.Gvk.ApiVersion));
        return copy;
    }

    private void ApplyStrategic(Resource resource, Resource patch)
    {
        var id = resource.Id;
        if (patch.AllowNameChange || patch.AllowKindChange)
        {
            resource.RememberId();
        }

        try
        {
            resource.Body = new StrategicMerge(schema()).Apply(resource.Body, patch.Body) ?? YamlMap.Empty;
        }
        catch (KustomizeException error) when (error.File is null)
        {
            throw new KustomizeException($"patching {id.ForPeople}: {error.Problem}", patch.File, new Position(patch.Line, 1), error.Kind, error);
        }

        if (resource.IsDeleted)
        {
            return;
        }

        if (!patch.AllowKindChange)
        {
            resource.SetKind(id.Gvk.Kind);
        }

        if (!patch.AllowNameChange)
        {
            resource.SetName(id.Name);
        }

        resource.SetNamespace(id.Namespace);
    }

    private void ApplyJson(LoadedPatch patch, PatchSpec spec)
    {
        if (spec.Target is null)
        {
            throw new KustomizeException($"must specify a target for JSON patch {patch.Source}");
        }

        foreach (var resource in new ResourceSelector(spec.Target).Select(set))
        {
            resource.RememberId();
            ApplyJson(resource, patch.Json!, hasNotes: true);
        }
    }

    // kustomize's notes are annotations at this time, so that there is a map of annotations where the resource has none.
    private static void ApplyJson(Resource resource, YamlNode operations, bool hasNotes)
    {
        var body = (YamlMap)ScalarNodes.ThroughJson(resource.Body);
        if (hasNotes && body.At("metadata", "annotations") is not YamlMap)
        {
            body = body.WithAt(["metadata", "annotations"], YamlMap.Empty);
        }

        try
        {
            resource.Body = ScalarNodes.ThroughJson(JsonOperations.Apply(body, operations)) as YamlMap
                ?? throw new KustomizeException($"the JSON patch makes {resource.Id.ForPeople} something that is no map");
        }
        catch (PatchException error)
        {
            throw new KustomizeException($"patching {resource.Id.ForPeople} ({resource.File}:{resource.Line}): {error.Message}", inner: error);
        }

        resource.SetMeta("annotations", [.. resource.Meta("annotations")]);
        resource.Shared = null;
    }
}
