using Capstan.GoTemplates;
using Capstan.Helm.Charts;

namespace Capstan.Helm.Rendering;

/// <summary>What <c>.Capabilities</c> tells templates of the cluster and of Helm.</summary>
internal sealed class Capabilities : GoObject
{
    private static readonly GoType GoTypeOf = new(GoKind.Pointer, "*common.Capabilities", new GoType(GoKind.Struct, "common.Capabilities"));
    private static readonly string[] Fields = ["KubeVersion", "APIVersions", "HelmVersion"];

    private static readonly VersionSet Known = new(KnownApiVersions.All);

    private readonly KubeVersion _kubeVersion;
    private readonly VersionSet _apiVersions;

    private Capabilities(KubeVersion kubeVersion, VersionSet apiVersions)
    {
        _kubeVersion = kubeVersion;
        _apiVersions = apiVersions;
    }

    /// <summary>The version against which a chart's kubeVersion is checked.</summary>
    public KubeVersion Kube => _kubeVersion;

    public override GoType Type => GoTypeOf;

    public override IReadOnlyList<string> FieldNames => Fields;

    /// <exception cref="ChartException">The version is none.</exception>
    public static Capabilities Of(string? kubeVersion, IEnumerable<string> apiVersions) => new(
        kubeVersion is null ? KubeVersion.Default : KubeVersion.Parse(kubeVersion),
        apiVersions.Any() ? new VersionSet([.. KnownApiVersions.All, .. apiVersions]) : Known);

    public override bool TryGetField(string name, out object? value)
    {
        value = name switch
        {
            "KubeVersion" => _kubeVersion,
            "APIVersions" => _apiVersions,
            "HelmVersion" => HelmVersion.Instance,
            _ => null,
        };
        return value is not null;
    }
}

/// <summary>A version of Kubernetes.</summary>
internal sealed class KubeVersion(string version, string normalized, string major, string minor) : GoObject
{
    private static readonly System.Buffers.SearchValues<char> Digits = System.Buffers.SearchValues.Create("0123456789.");

    /// <summary>What Helm 4.1.4 assumes when nothing is said.</summary>
    public static readonly KubeVersion Default = new("v1.35.0", "v1.35.0", "1", "35");

    private static readonly GoType GoTypeOf = new(GoKind.Struct, "common.KubeVersion");
    private static readonly string[] Fields = ["Version", "Major", "Minor"];

    /// <summary>The version as it was given, with a <c>v</c>.</summary>
    public string Version => version;

    /// <summary>The version without what follows its numbers.</summary>
    public string Normalized => normalized;

    public override GoType Type => GoTypeOf;

    public override string Text => normalized;

    public override IReadOnlyList<string> FieldNames => Fields;

    /// <exception cref="ChartException">The text is no version.</exception>
    public static KubeVersion Parse(string text)
    {
        if (Numbers(text) is not { } parts)
        {
            throw new ChartException($"invalid kube version '{text}': could not parse {GoQuote.Quote(text)} as version");
        }

        foreach (var part in parts)
        {
            if (part.Length > 1 && part[0] == '0')
            {
                throw new ChartException($"invalid kube version '{text}': illegal zero-prefixed version component {GoQuote.Quote(part)} in {GoQuote.Quote(text)}");
            }
        }

        return new KubeVersion(text.StartsWith('v') ? text : "v" + text, "v" + string.Join('.', parts), parts[0], parts[1]);
    }

    public override bool TryGetField(string name, out object? value)
    {
        value = name switch
        {
            "Version" => version,
            "Major" => major,
            "Minor" => minor,
            _ => null,
        };
        return value is not null;
    }

    public override GoFunction? Method(string name) => name switch
    {
        "String" => new GoFunction(name, [], false, (_, _) => normalized),
        "GitVersion" => new GoFunction(name, [], false, (_, _) => version),
        _ => null,
    };

    // Two numbers at least, behind white space and a "v"; whatever follows them does not count.
    private static string[]? Numbers(string text)
    {
        var rest = text.AsSpan().TrimStart(" \t\n\f\r");
        rest = rest.StartsWith('v') ? rest[1..] : rest;
        var end = rest.IndexOfAnyExcept(Digits);
        var numbers = (end < 0 ? rest : rest[..end]).ToString().Split('.');
        var whole = Array.IndexOf(numbers, "");
        numbers = whole < 0 ? numbers : numbers[..whole];
        return numbers.Length > 1 ? numbers : null;
    }
}

/// <summary>The list of API versions, with the method that charts ask.</summary>
internal sealed class VersionSet(string[] versions) : GoObject
{
    private static readonly GoType GoTypeOf = new(GoKind.Slice, "common.VersionSet", GoType.String, GoType.ListOfString);

    private readonly HashSet<string> _set = new(versions, StringComparer.Ordinal);

    public override GoType Type => GoTypeOf;

    public override string Text => $"[{string.Join(' ', versions)}]";

    /// <summary>The versions in order.</summary>
    public IReadOnlyList<string> Versions => versions;

    public override GoFunction? Method(string name) => name == "Has"
        ? new GoFunction(name, [GoType.String], false, (_, a) => GoValues.Bool(_set.Contains((string)a[0]!)))
        : null;
}

/// <summary>The build that is imitated.</summary>
internal sealed class HelmVersion : GoObject
{
    public static readonly HelmVersion Instance = new();

    private static readonly GoType GoTypeOf = new(GoKind.Struct, "version.BuildInfo");
    private static readonly string[] Fields = ["Version", "GitCommit", "GitTreeState", "GoVersion", "KubeClientVersion"];

    public override GoType Type => GoTypeOf;

    public override IReadOnlyList<string> FieldNames => Fields;

    public override string JsonName(string field) => field switch
    {
        "Version" => "version",
        "GitCommit" => "git_commit",
        "GitTreeState" => "git_tree_state",
        "GoVersion" => "go_version",
        _ => "kube_client_version",
    };

    public override bool TryGetField(string name, out object? value)
    {
        value = name switch
        {
            "Version" => "v4.1.4",
            "GitCommit" => "05fa37973dc9e42b76e1d2883494c87174b6074f",
            "GitTreeState" => "clean",
            "GoVersion" => "go1.25.9",
            "KubeClientVersion" => "v1.35",
            _ => null,
        };
        return value is not null;
    }
}
