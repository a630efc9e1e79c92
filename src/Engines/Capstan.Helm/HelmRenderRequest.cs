using Capstan.GoTemplates;
using Capstan.Helm.Rendering;
using Capstan.Helm.Repositories;
using Capstan.Trees;

namespace Capstan.Helm;

/// <summary>A setting of one value, as a flag of <c>helm template</c> gives it.</summary>
/// <param name="Kind">Which flag it is.</param>
/// <param name="Text">The flag's argument: <c>a.b=c</c>.</param>
public sealed record HelmSetting(HelmSettingKind Kind, string Text);

/// <summary>The flags that set single values.</summary>
public enum HelmSettingKind
{
    /// <summary><c>--set-json</c>.</summary>
    Json,

    /// <summary><c>--set</c>.</summary>
    Set,

    /// <summary><c>--set-string</c>.</summary>
    SetString,

    /// <summary><c>--set-file</c>.</summary>
    SetFile,

    /// <summary><c>--set-literal</c>.</summary>
    SetLiteral,
}

/// <summary>A file of values.</summary>
/// <param name="Name">Its name, for messages.</param>
/// <param name="Content">Its bytes.</param>
public sealed record HelmValuesFile(string Name, ReadOnlyMemory<byte> Content);

/// <summary>What to render and how. The defaults are those of <c>helm template</c>.</summary>
public sealed record HelmRenderRequest
{
    /// <summary>Where the chart lies.</summary>
    public required SourceTree Tree { get; init; }

    /// <summary>The chart's folder or .tgz in the tree.</summary>
    public TreePath ChartPath { get; init; } = TreePath.Root;

    /// <summary><c>.Release.Name</c>.</summary>
    public string ReleaseName { get; init; } = "release-name";

    /// <summary><c>.Release.Namespace</c>.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Files of values, later ones over earlier ones.</summary>
    public IReadOnlyList<HelmValuesFile> ValuesFiles { get; init; } = [];

    /// <summary>Single values; they are applied kind by kind in Helm's order, within a kind in this order.</summary>
    public IReadOnlyList<HelmSetting> Settings { get; init; } = [];

    /// <summary>Reads the files that <see cref="HelmSettingKind.SetFile"/> names; without it such a setting is refused.</summary>
    public Func<string, ReadOnlyMemory<byte>>? ReadFile { get; init; }

    /// <summary>The version of Kubernetes; null for Helm's default.</summary>
    public string? KubeVersion { get; init; }

    /// <summary>API versions besides the known ones.</summary>
    public IReadOnlyList<string> ApiVersions { get; init; } = [];

    /// <summary>Whether <c>.Release.IsUpgrade</c> is true instead of IsInstall.</summary>
    public bool IsUpgrade { get; init; }

    /// <summary>Whether the files of crds/ are part of the output.</summary>
    public bool IncludeCrds { get; init; }

    /// <summary>Whether hooks for tests are left out.</summary>
    public bool SkipTests { get; init; }

    /// <summary>Whether all hooks are left out.</summary>
    public bool NoHooks { get; init; }

    /// <summary>Whether values are not checked against values.schema.json.</summary>
    public bool SkipSchemaValidation { get; init; }

    /// <summary>Templates to show alone, by path or pattern in the chart; empty for all.</summary>
    public IReadOnlyList<string> ShowOnly { get; init; } = [];

    /// <summary>Objects of a cluster for <c>lookup</c>; null when there is no cluster.</summary>
    public HelmLookup? Lookup { get; init; }

    /// <summary>The charts that the chart needs and does not hold, as they were fetched; see <see cref="ChartDependencies"/>. Null leaves it at Helm's error.</summary>
    public IReadOnlyDictionary<NeededChart, FetchedChart>? Dependencies { get; init; }

    /// <summary>Whether the ranges of dependencies were resolved anew although there is a lock.</summary>
    public bool UpdateDependencies { get; init; }

    /// <summary>Turns what was rendered into something else before it is sorted: the documents as one stream.</summary>
    public Func<string, string>? PostRenderer { get; init; }

    /// <summary>Whether each manifest tells for each line which template line and value it came from. Costs nothing when it is not asked for.</summary>
    public bool SourceMap { get; init; }

    /// <summary>What the templates may use.</summary>
    public TemplateLimits Limits { get; init; } = TemplateLimits.Default;

    /// <summary>The clock for <c>now</c> and for limits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>What came of a rendering.</summary>
/// <param name="Output">The bytes of <c>helm template</c> as text; empty after an error.</param>
/// <param name="Manifests">The manifests in the order of the output.</param>
/// <param name="Hooks">The hooks in the order of the output.</param>
/// <param name="Crds">The files of crds/, whether or not they are part of the output.</param>
/// <param name="Notes">The chart's NOTES.txt.</param>
/// <param name="Warnings">What was odd but no error.</param>
/// <param name="Error">Why there is no output; null when there is.</param>
public sealed record HelmRenderResult(
    string Output,
    IReadOnlyList<HelmManifest> Manifests,
    IReadOnlyList<HelmManifest> Hooks,
    IReadOnlyList<HelmCrdFile> Crds,
    string Notes,
    IReadOnlyList<string> Warnings,
    HelmError? Error);

/// <summary>A file of crds/.</summary>
/// <param name="File">Its path: <c>chart/crds/file.yaml</c>.</param>
/// <param name="Content">Its text.</param>
public sealed record HelmCrdFile(string File, string Content)
{
    /// <summary>Where the file lies, from the folder of the outermost chart.</summary>
    public string Path { get; init; } = "";
}

/// <summary>Why a chart could not be rendered.</summary>
/// <param name="Message">Helm's own text, without <c>Error: </c>.</param>
/// <param name="Place">Where it happened in a template; null when it was elsewhere.</param>
/// <param name="WhileRendering">Whether templates were already being executed, which Helm follows with a hint at --debug.</param>
public sealed record HelmError(string Message, TemplatePlace? Place, bool WhileRendering)
{
    /// <summary>What Helm prints on stderr.</summary>
    public string HelmText => $"Error: {Message}{(WhileRendering ? "\n\nUse --debug flag to render out invalid YAML" : "")}\n";

    /// <summary>The value that was nil where one was needed, as the template writes it: <c>.Values.image</c>; empty when that was not the reason.</summary>
    public string NilValue => Place is null ? "" : NilValues.Find(Message, Place.Expression);

    /// <summary>Chart, file, line, column, the value that was nil, and the line with a caret, to print below Helm's text; empty when there is no place.</summary>
    public string Excerpt => Place is null
        ? ""
        : $"chart {Chart}: {Place.Template}:{Place.Line}:{Place.Column}{(NilValue.Length > 0 ? $": {NilValue} is nil" : "")}\n  {Place.SourceLine}\n  {new string(' ', Math.Min(Place.Column, Place.SourceLine.Length))}^\n";

    // chart/charts/subchart/templates/file: the innermost chart is the template's own.
    private string Chart => Place!.Template.Split("/templates/")[0].Split("/charts/")[^1].Split('/')[0];
}
