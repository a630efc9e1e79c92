using Capstan.Kustomize.Fields;
using Capstan.Kustomize.Identity;
using Capstan.Kustomize.Resources;
using Capstan.Yaml;

namespace Capstan.Kustomize.Spec;

/// <summary>What a kustomization file says.</summary>
internal sealed record Kustomization
{
    public required string File { get; init; }

    /// <summary>The line at which the value of each field begins.</summary>
    public IReadOnlyDictionary<string, int> Lines { get; init; } = new Dictionary<string, int>();

    /// <summary>The fields that edits changed, so that they do not come from the file.</summary>
    public IReadOnlySet<string> Edited { get; init; } = new HashSet<string>();

    /// <summary>What a field of the kustomization set comes from: its line in the file, or edits.</summary>
    public FieldOrigin OriginOf(string field) => Edited.Contains(field) ? new FieldOrigin("", 0, field) : new FieldOrigin(File, Lines.GetValueOrDefault(field), field);

    public bool IsComponent { get; init; }

    public IReadOnlyList<SpecText> Resources { get; init; } = [];

    public IReadOnlyList<SpecText> Components { get; init; } = [];

    public IReadOnlyList<SpecText> Crds { get; init; } = [];

    public IReadOnlyList<SpecText> Configurations { get; init; } = [];

    public IReadOnlyList<SpecText> Generators { get; init; } = [];

    public IReadOnlyList<SpecText> Transformers { get; init; } = [];

    public IReadOnlyList<SpecText> Validators { get; init; } = [];

    public IReadOnlyDictionary<string, string>? OpenApi { get; init; }

    public string NamePrefix { get; init; } = "";

    public string NameSuffix { get; init; } = "";

    public string Namespace { get; init; } = "";

    public IReadOnlyDictionary<string, string>? CommonLabels { get; init; }

    public IReadOnlyList<LabelSpec> Labels { get; init; } = [];

    public IReadOnlyDictionary<string, string>? CommonAnnotations { get; init; }

    public IReadOnlyList<SpecText> PatchesStrategicMerge { get; init; } = [];

    public IReadOnlyList<PatchSpec> PatchesJson6902 { get; init; } = [];

    public IReadOnlyList<PatchSpec> Patches { get; init; } = [];

    public IReadOnlyList<ImageSpec> Images { get; init; } = [];

    public IReadOnlyList<ReplacementSpec> Replacements { get; init; } = [];

    public IReadOnlyList<ReplicaSpec> Replicas { get; init; } = [];

    public IReadOnlyList<VariableSpec> Vars { get; init; } = [];

    public SortSpec? Sort { get; init; }

    public IReadOnlyList<GeneratorSpec> ConfigMaps { get; init; } = [];

    public IReadOnlyList<GeneratorSpec> Secrets { get; init; } = [];

    public GeneratorOptions? GeneratorOptions { get; init; }

    public IReadOnlyList<YamlMap> HelmCharts { get; init; } = [];

    public YamlMap? HelmGlobals { get; init; }

    public IReadOnlyList<string> BuildMetadata { get; init; } = [];

    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>One entry of <c>labels</c>.</summary>
internal sealed record LabelSpec(
    IReadOnlyDictionary<string, string> Pairs, bool IncludeSelectors, bool IncludeTemplates, IReadOnlyList<FieldSpec> Fields);

/// <summary>One entry of <c>patches</c> or <c>patchesJson6902</c>.</summary>
internal sealed record PatchSpec(string Path, string Patch, SelectorSpec? Target, bool AllowNameChange, bool AllowKindChange, Position Position);

/// <summary>Which resources something is about. Texts are regular expressions in patches, and plain in replacements.</summary>
internal sealed record SelectorSpec(ResourceId Id, string Labels, string Annotations, Position Position);

/// <summary>One entry of <c>images</c>.</summary>
internal sealed record ImageSpec(string Name, string NewName, string NewTag, string TagSuffix, string Digest);

/// <summary>One entry of <c>replicas</c>.</summary>
internal sealed record ReplicaSpec(string Name, long Count, Position Position);

/// <summary>One entry of <c>vars</c>.</summary>
internal sealed record VariableSpec(string Name, ResourceId Target, string FieldPath, Position Position);

/// <summary><c>sortOptions</c>.</summary>
internal sealed record SortSpec(string Order, IReadOnlyList<string>? First, IReadOnlyList<string>? Last, bool HasLegacyOptions, Position Position);

/// <summary>One entry of <c>configMapGenerator</c> or <c>secretGenerator</c>.</summary>
internal sealed record GeneratorSpec(string Name, string Namespace, GenerationBehavior Behavior, string Type, Position Position)
{
    public IReadOnlyList<SpecText> Literals { get; init; } = [];

    public IReadOnlyList<SpecText> Files { get; init; } = [];

    public IReadOnlyList<SpecText> Envs { get; init; } = [];

    public GeneratorOptions? Options { get; init; }
}

/// <summary><c>generatorOptions</c>, and the options of one generator.</summary>
internal sealed record GeneratorOptions(
    IReadOnlyDictionary<string, string>? Labels, IReadOnlyDictionary<string, string>? Annotations, bool DisableHash, bool Immutable);

/// <summary>One replacement.</summary>
internal sealed record ReplacementSpec(string Path, ReplacementSource? Source, string? SourceValue, IReadOnlyList<ReplacementTarget>? Targets, Position Position);

/// <summary>Where a replacement takes its value from.</summary>
internal sealed record ReplacementSource(ResourceId Id, string FieldPath, ReplacementOptions? Options, Position Position);

/// <summary>Where a replacement puts its value.</summary>
internal sealed record ReplacementTarget(
    SelectorSpec? Select, IReadOnlyList<SelectorSpec> Reject, IReadOnlyList<string> FieldPaths, ReplacementOptions? Options, Position Position);

/// <summary>How a replacement cuts texts into pieces, and whether it makes missing fields.</summary>
internal sealed record ReplacementOptions(string Delimiter, long Index, bool Create);
