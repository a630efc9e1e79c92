using Capstan.Kustomize;

namespace Capstan.Cli.Pushing;

/// <summary>What was said on a command line in the words of <c>kubectl kustomize</c>.</summary>
internal sealed record KustomizeArguments
{
    private static readonly string[] Refused = ["enable-alpha-plugins", "network", "as-current-user"];
    private static readonly string[] WithoutEffect = ["env", "mount", "network-name", "helm-command", "helm-debug"];
    private static readonly string[] Switches = ["enable-helm", "helm-debug", .. Refused];

    /// <summary>The kustomization's folder.</summary>
    public string Folder { get; init; } = ".";

    /// <summary>Which files may be read.</summary>
    public LoadRestriction Restriction { get; init; }

    /// <summary>Whether <c>helmCharts</c> are rendered.</summary>
    public bool EnableHelm { get; init; }

    /// <summary>The version of Kubernetes that charts see; null for Helm's default.</summary>
    public string? KubeVersion { get; init; }

    /// <summary>API versions that charts see.</summary>
    public IReadOnlyList<string> ApiVersions { get; init; } = [];

    /// <summary>A file for the output, or a folder for one file a resource; null for stdout.</summary>
    public string? Output { get; init; }

    /// <summary>Reads a command line.</summary>
    /// <param name="arguments">What stands behind <c>kubectl kustomize</c>.</param>
    /// <exception cref="CommandException">An argument is not known, lacks its value or is refused.</exception>
    public static KustomizeArguments Parse(IReadOnlyList<string> arguments)
    {
        var (read, folders) = (new KustomizeArguments(), new List<string>());
        for (var i = 0; i < arguments.Count; i++)
        {
            if (!arguments[i].StartsWith('-'))
            {
                folders.Add(arguments[i]);
                continue;
            }
            var (name, value) = Split(arguments[i]);
            if (value is null) value = Switches.Contains(name) ? "true" : ++i < arguments.Count ? arguments[i] : throw Wrong($"{arguments[i - 1]}: its value is missing");
            read = read.With(name, value);
        }
        return folders.Count <= 1 ? read with { Folder = folders.FirstOrDefault(".") } : throw Wrong($"{string.Join(' ', folders.Skip(1))}: a kustomization takes one folder");
    }

    private KustomizeArguments With(string name, string value) => name switch
    {
        "enable-helm" => this with { EnableHelm = value == "true" },
        "load-restrictor" => this with
        {
            Restriction = value switch
            {
                "LoadRestrictionsRootOnly" => LoadRestriction.OwnFolder,
                "LoadRestrictionsNone" => LoadRestriction.WholeTree,
                _ => throw Wrong($"--load-restrictor {value}: give LoadRestrictionsRootOnly or LoadRestrictionsNone"),
            },
        },
        "helm-kube-version" => this with { KubeVersion = value.Length > 0 ? value : null },
        "helm-api-versions" => this with { ApiVersions = [.. ApiVersions, .. value.Split(',')] },
        "output" => this with { Output = value },
        _ when Refused.Contains(name) && value is "true" => throw Wrong($"--{name}: programs and containers of a kustomization are never run"),
        _ when Refused.Contains(name) || WithoutEffect.Contains(name) => this,
        _ => throw Wrong($"--{name}: is no flag of kubectl kustomize"),
    };

    private static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        var name = (equals < 0 ? argument : argument[..equals]).TrimStart('-');
        name = name switch { "o" => "output", "e" => "env", _ => name };
        return (name, equals < 0 ? null : argument[(equals + 1)..]);
    }

    private static CommandException Wrong(string message) => new(ExitCodes.Usage, message);
}
