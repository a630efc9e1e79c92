using Capstan.Kustomize.Building;
using Capstan.Kustomize.Files;
using Capstan.Kustomize.References;
using Capstan.Kustomize.Resources;
using Capstan.Kustomize.Transformers.Hashing;
using Capstan.Kustomize.Transformers.Sorting;
using Capstan.Resources;

namespace Capstan.Kustomize;

/// <summary>Builds kustomizations: the same resources, in the same order and bytes, as kustomize 5.7.1.</summary>
public static class KustomizeBuild
{
    private const string LocalConfig = "config.kubernetes.io/local-config";

    /// <summary>Builds a kustomization. Pure: everything it reads comes from the request.</summary>
    /// <exception cref="KustomizeException">The kustomization cannot be built; the message says what, where and why.</exception>
    public static KustomizeResult Run(KustomizeRequest request)
    {
        try
        {
            return Build(request);
        }
        catch (InsufficientExecutionStackException error)
        {
            throw new KustomizeException("maps and lists are nested too deep", kind: KustomizeProblem.TooLarge, inner: error);
        }
    }

    private static KustomizeResult Build(KustomizeRequest request)
    {
        var session = new BuildSession(request);
        var rules = new FileRules(request.LoadRestriction == LoadRestriction.OwnFolder, request.Limits.MaxDepth, request.Limits.MaxFileBytes);
        var folder = KustomizeFolder.Start(request.Tree, request.Path, rules);
        var target = KustomizationTarget.LoadFirst(session, folder, request.Edits is { } edits ? edits.Apply : spec => spec);
        var accumulated = new Accumulated();
        target.Accumulate(accumulated);

        var set = accumulated.Resources;
        NameHash.Apply(set);
        Note("name hash");
        new NameReferences(set, accumulated.Fields.NameReferences).Fix();
        Note("name reference");
        var unused = accumulated.Variables.Resolve(set, accumulated.Fields.VarReferences);
        Note("vars");
        if (unused.Count > 0)
        {
            session.Warnings.Add($"well-defined vars that were never replaced: {string.Join(',', unused)}");
        }

        DropLocal(set);
        SortTransformer.Apply(set, target.Spec.Sort ?? SortTransformer.Default, target.Spec.File);

        BuildMetadata.Apply(set, target.Spec);
        Note("buildMetadata");
        return new KustomizeResult([.. set.All.Select(Manifest)], session.Warnings)
        {
            Origins = session.Tracker is { } tracker ? [.. set.All.Select(tracker.Of)] : [],
        };

        void Note(string by) => session.Tracker?.Note(set, new FieldOrigin(target.Spec.File, target.Spec.Lines.GetValueOrDefault(by, 1), by));
    }

    private static void DropLocal(ResourceSet set)
    {
        var local = set.All.Where(IsLocal).ToHashSet();
        if (local.Count > 0)
        {
            set.Keep([.. set.All.Where(r => !local.Contains(r))]);
        }
    }

    private static bool IsLocal(Resource resource) =>
        resource.Annotation(LocalConfig) is not (null or "false");

    private static Manifest Manifest(Resource resource) => new(new KubernetesObject(resource.Body), new Origin(resource.File, resource.Line));
}
