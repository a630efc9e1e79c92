using Capstan.Helm.Charts;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Helm.Applications;

/// <summary>A value given by <c>source.helm.parameters</c> or <c>fileParameters</c>.</summary>
/// <param name="Name">The path of keys.</param>
/// <param name="Value">The value, or the file's path.</param>
/// <param name="ForceString">Whether the value is a string whatever it looks like.</param>
public sealed record ArgoHelmParameter(string Name, string Value, bool ForceString = false);

/// <summary>The fields of an Argo CD Application's <c>source.helm</c>.</summary>
public sealed record ArgoHelmSource
{
    /// <summary>The release's name; null for the Application's.</summary>
    public string? ReleaseName { get; init; }

    /// <summary>Files of values: paths from the chart, from the repository's root with a leading <c>/</c>, or <c>$ref/path</c>; globs allowed.</summary>
    public IReadOnlyList<string> ValueFiles { get; init; } = [];

    /// <summary>Whether files that are not there are passed over.</summary>
    public bool IgnoreMissingValueFiles { get; init; }

    /// <summary>Values as text; empty when <see cref="ValuesObject"/> is given.</summary>
    public string Values { get; init; } = "";

    /// <summary>Values as a map; wins over <see cref="Values"/>.</summary>
    public YamlMap? ValuesObject { get; init; }

    /// <summary>Single values.</summary>
    public IReadOnlyList<ArgoHelmParameter> Parameters { get; init; } = [];

    /// <summary>Single values whose content is a file's.</summary>
    public IReadOnlyList<ArgoHelmParameter> FileParameters { get; init; } = [];

    /// <summary>Whether credentials go to other hosts than the repository's.</summary>
    public bool PassCredentials { get; init; }

    /// <summary>Whether crds/ is left out.</summary>
    public bool SkipCrds { get; init; }

    /// <summary>Whether hooks for tests are left out.</summary>
    public bool SkipTests { get; init; }

    /// <summary>Whether values are not checked against the chart's schema.</summary>
    public bool SkipSchemaValidation { get; init; }

    /// <summary>The version of Kubernetes; null for the cluster's.</summary>
    public string? KubeVersion { get; init; }

    /// <summary>API versions; empty for the cluster's.</summary>
    public IReadOnlyList<string> ApiVersions { get; init; } = [];

    /// <summary>The namespace of the release; null for the destination's.</summary>
    public string? Namespace { get; init; }

    /// <summary>Helm's version as the Application names it (<c>v3</c>); there is only one here.</summary>
    public string? Version { get; init; }

    /// <summary>Reads the fields.</summary>
    /// <param name="helm">The map under <c>source.helm</c>; null when there is none.</param>
    /// <exception cref="ChartException">A field has the wrong type.</exception>
    public static ArgoHelmSource Read(YamlMap? helm)
    {
        helm ??= YamlMap.Empty;
        return new ArgoHelmSource
        {
            ReleaseName = Text(helm, "releaseName"),
            ValueFiles = Texts(helm, "valueFiles"),
            IgnoreMissingValueFiles = Flag(helm, "ignoreMissingValueFiles"),
            Values = Text(helm, "values") ?? "",
            ValuesObject = helm["valuesObject"] as YamlMap,
            Parameters = ReadParameters(helm, "parameters", "value"),
            FileParameters = ReadParameters(helm, "fileParameters", "path"),
            PassCredentials = Flag(helm, "passCredentials"),
            SkipCrds = Flag(helm, "skipCrds"),
            SkipTests = Flag(helm, "skipTests"),
            SkipSchemaValidation = Flag(helm, "skipSchemaValidation"),
            KubeVersion = Text(helm, "kubeVersion"),
            ApiVersions = Texts(helm, "apiVersions"),
            Namespace = Text(helm, "namespace"),
            Version = Text(helm, "version"),
        };
    }

    /// <summary>The request that follows, as Argo CD would call Helm.</summary>
    /// <exception cref="ChartException">A file of values is not there or not allowed.</exception>
    public HelmRenderRequest ToRequest(ArgoHelmTarget target)
    {
        var files = new ArgoValueFiles(target, IgnoreMissingValueFiles);
        var values = ValueFiles.SelectMany(files.Find).ToList();
        if (ValuesObject is not null)
        {
            values.Add(new HelmValuesFile("valuesObject", JsonText.WriteBytes(ValuesObject)));
        }
        else if (Values.Length > 0)
        {
            values.Add(new HelmValuesFile("values", System.Text.Encoding.UTF8.GetBytes(Values)));
        }

        return new HelmRenderRequest
        {
            Tree = target.Tree,
            ChartPath = target.ChartPath,
            ReleaseName = ReleaseName ?? target.ApplicationName,
            Namespace = Namespace ?? target.Namespace,
            ValuesFiles = values,
            Settings = [.. Parameters.Select(Setting), .. FileParameters.Select(static p => new HelmSetting(HelmSettingKind.SetFile, $"{p.Name}={Escaped(p.Value)}"))],
            ReadFile = files.Read,
            KubeVersion = KubeVersion ?? target.KubeVersion,
            ApiVersions = ApiVersions.Count > 0 ? ApiVersions : target.ApiVersions,
            IncludeCrds = !SkipCrds,
            SkipTests = SkipTests,
            SkipSchemaValidation = SkipSchemaValidation,
        };
    }

    private static HelmSetting Setting(ArgoHelmParameter parameter) => new(
        parameter.ForceString ? HelmSettingKind.SetString : HelmSettingKind.Set, $"{parameter.Name}={Escaped(parameter.Value)}");

    // A comma would begin the next pair; within braces it separates the items of a list.
    private static string Escaped(string value)
    {
        if (value.StartsWith('{') && value.EndsWith('}'))
        {
            return value;
        }

        var output = new System.Text.StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            output.Append(value[i] == ',' && (i == 0 || value[i - 1] != '\\') ? "\\," : value[i].ToString());
        }

        return output.ToString();
    }

    private static string? Text(YamlMap map, string key) => map[key] switch
    {
        null or { IsNull: true } => null,
        YamlScalar { Kind: ScalarKind.String } text => text.Text.Length == 0 ? null : text.Text,
        var other => throw Wrong(key, "a string", other),
    };

    private static bool Flag(YamlMap map, string key) => map[key] switch
    {
        null or { IsNull: true } => false,
        YamlScalar { Kind: ScalarKind.Boolean } flag => flag.Text == "true",
        var other => throw Wrong(key, "a boolean", other),
    };

    private static string[] Texts(YamlMap map, string key) => map[key] switch
    {
        null or { IsNull: true } => [],
        YamlList list => [.. list.Select(item => item.AsString() ?? throw Wrong(key, "a list of strings", item))],
        var other => throw Wrong(key, "a list of strings", other),
    };

    private static ArgoHelmParameter[] ReadParameters(YamlMap map, string key, string valueKey) => map[key] switch
    {
        null or { IsNull: true } => [],
        YamlList list => [.. list.Select(item => item is YamlMap p
            ? new ArgoHelmParameter(Text(p, "name") ?? "", Text(p, valueKey) ?? "", Flag(p, "forceString"))
            : throw Wrong(key, "a list of maps", item))],
        var other => throw Wrong(key, "a list of maps", other),
    };

    private static ChartException Wrong(string key, string wanted, YamlNode got) =>
        new($"source.helm.{key}: {wanted} is wanted, this is {got.Description}");
}

/// <summary>For what an Application's chart is rendered.</summary>
public sealed record ArgoHelmTarget
{
    /// <summary>The repository's files.</summary>
    public required SourceTree Tree { get; init; }

    /// <summary>The chart's folder.</summary>
    public TreePath ChartPath { get; init; } = TreePath.Root;

    /// <summary>The Application's name.</summary>
    public required string ApplicationName { get; init; }

    /// <summary>The destination's namespace.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>The cluster's version; null when it is not known.</summary>
    public string? KubeVersion { get; init; }

    /// <summary>The cluster's API versions.</summary>
    public IReadOnlyList<string> ApiVersions { get; init; } = [];

    /// <summary>The tree that <c>$name</c> stands for; null when there is no source of that name.</summary>
    public Func<string, SourceTree?> Reference { get; init; } = static _ => null;
}
