using Capstan.Kustomize.Edits;
using Capstan.Kustomize.Spec;
using Capstan.Yaml;

namespace Capstan.Kustomize;

/// <summary>Changes of a kustomization before it is built, as if <c>kustomize edit</c> had been called. What is empty changes nothing.</summary>
public sealed record KustomizeEdits
{
    /// <summary>Stands in place of the kustomization's own prefix.</summary>
    public string NamePrefix { get; init; } = "";

    /// <summary>Stands in place of the kustomization's own suffix.</summary>
    public string NameSuffix { get; init; } = "";

    /// <summary>Stands in place of the kustomization's own namespace.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Images as <c>kustomize edit set image</c> takes them: <c>name=newName:tag</c>, <c>name:tag</c>, <c>name@sha256:…</c>.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>Replicas of workloads by name.</summary>
    public IReadOnlyList<(string Name, long Count)> Replicas { get; init; } = [];

    /// <summary>Labels to add.</summary>
    public IReadOnlyDictionary<string, string> CommonLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the labels stay out of selectors.</summary>
    public bool LabelsWithoutSelector { get; init; }

    /// <summary>Whether labels that stay out of selectors are put into templates.</summary>
    public bool LabelsIncludeTemplates { get; init; }

    /// <summary>Whether labels that the kustomization has already are overridden; otherwise they are an error.</summary>
    public bool ForceCommonLabels { get; init; }

    /// <summary>Annotations to add.</summary>
    public IReadOnlyDictionary<string, string> CommonAnnotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether annotations that the kustomization has already are overridden; otherwise they are an error.</summary>
    public bool ForceCommonAnnotations { get; init; }

    /// <summary>Patches to add, each as an entry of <c>patches</c>: <c>path</c> or <c>patch</c>, <c>target</c>, <c>options</c>.</summary>
    public IReadOnlyList<YamlMap> Patches { get; init; } = [];

    /// <summary>Components to add.</summary>
    public IReadOnlyList<string> Components { get; init; } = [];

    /// <summary>Whether components among those that are not there are passed over. Components that the kustomization names itself must be there.</summary>
    public bool IgnoreMissingComponents { get; init; }

    /// <summary>Images as entries of <c>images</c>: each takes the place of the entry of its name, or is added.</summary>
    public IReadOnlyList<YamlMap> ImageEntries { get; init; } = [];

    internal Kustomization Apply(Kustomization spec) => new EditedKustomization(this).Of(spec);
}
