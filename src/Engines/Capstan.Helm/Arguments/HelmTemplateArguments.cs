using Capstan.Helm.Charts;
using Capstan.Trees;

namespace Capstan.Helm.Arguments;

/// <summary>What was said on a command line in the words of <c>helm template</c>.</summary>
public sealed record HelmTemplateArguments
{
    private const string DefaultReleaseName = "release-name";

    /// <summary>The release's name.</summary>
    public string ReleaseName { get; init; } = DefaultReleaseName;

    /// <summary>The chart: a folder, an archive, or a reference that only <c>--repo</c> or a registry can resolve.</summary>
    public string Chart { get; init; } = "";

    /// <summary><c>--namespace</c>.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary><c>--values</c>, in order.</summary>
    public IReadOnlyList<string> ValuesFiles { get; init; } = [];

    /// <summary>The <c>--set…</c> flags, in order.</summary>
    public IReadOnlyList<HelmSetting> Settings { get; init; } = [];

    /// <summary><c>--kube-version</c>.</summary>
    public string? KubeVersion { get; init; }

    /// <summary><c>--api-versions</c>.</summary>
    public IReadOnlyList<string> ApiVersions { get; init; } = [];

    /// <summary><c>--show-only</c>.</summary>
    public IReadOnlyList<string> ShowOnly { get; init; } = [];

    /// <summary><c>--include-crds</c>.</summary>
    public bool IncludeCrds { get; init; }

    /// <summary><c>--skip-tests</c>.</summary>
    public bool SkipTests { get; init; }

    /// <summary><c>--no-hooks</c>.</summary>
    public bool NoHooks { get; init; }

    /// <summary><c>--is-upgrade</c>.</summary>
    public bool IsUpgrade { get; init; }

    /// <summary><c>--skip-schema-validation</c>.</summary>
    public bool SkipSchemaValidation { get; init; }

    /// <summary><c>--dependency-update</c>.</summary>
    public bool DependencyUpdate { get; init; }

    /// <summary><c>--post-renderer</c>; the caller decides whether it is allowed.</summary>
    public string? PostRenderer { get; init; }

    /// <summary><c>--version</c>: a version or range, for charts from elsewhere.</summary>
    public string? Version { get; init; }

    /// <summary><c>--repo</c>: where a chart comes from.</summary>
    public string? Repository { get; init; }

    /// <summary><c>--username</c>, for the repository.</summary>
    public string? UserName { get; init; }

    /// <summary><c>--password</c>, for the repository.</summary>
    public string? Password { get; init; }

    /// <summary><c>--pass-credentials</c>: whether they go to other hosts too.</summary>
    public bool PassCredentials { get; init; }

    /// <summary><c>--plain-http</c>: whether registries are spoken to without TLS.</summary>
    public bool PlainHttp { get; init; }

    /// <summary><c>--insecure-skip-tls-verify</c>: whether any certificate is taken.</summary>
    public bool InsecureSkipTlsVerify { get; init; }

    /// <summary><c>--ca-file</c>: certificates of the authorities that a repository's server is believed by, as PEM.</summary>
    public string? CaFile { get; init; }

    /// <summary><c>--cert-file</c>: the certificate that a repository's server is shown, as PEM.</summary>
    public string? CertFile { get; init; }

    /// <summary><c>--key-file</c>: the key of <see cref="CertFile"/>, as PEM.</summary>
    public string? KeyFile { get; init; }

    /// <summary><c>--registry-config</c>: a file of registries' credentials.</summary>
    public string? RegistryConfig { get; init; }

    /// <summary><c>--verify</c>: whether a chart is used only with a provenance that a key of the keyring signed.</summary>
    public bool Verify { get; init; }

    /// <summary><c>--keyring</c>: the file of public keys for <see cref="Verify"/>.</summary>
    public string? Keyring { get; init; }

    /// <summary><c>--dry-run=server</c>: whether <c>lookup</c>, versions and APIs are those of a cluster.</summary>
    public bool AsksCluster { get; init; }

    /// <summary><c>--kubeconfig</c>.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary><c>--kube-context</c>.</summary>
    public string? KubeContext { get; init; }

    /// <summary><c>--debug</c>.</summary>
    public bool Debug { get; init; }

    /// <summary>Reads a command line.</summary>
    /// <param name="arguments">What stands behind <c>helm template</c>.</param>
    /// <exception cref="ChartException">An argument is not known or lacks its value; the message is Helm's.</exception>
    public static HelmTemplateArguments Parse(IReadOnlyList<string> arguments) => new ArgumentReader(arguments).Read();

    /// <summary>The request that follows from the arguments.</summary>
    /// <param name="tree">The tree that holds the chart.</param>
    /// <param name="chartPath">Where the chart is in it.</param>
    /// <param name="readFile">Reads the files that the arguments name.</param>
    /// <exception cref="ChartException">A file cannot be read.</exception>
    public HelmRenderRequest ToRequest(SourceTree tree, TreePath chartPath, Func<string, ReadOnlyMemory<byte>> readFile) => new()
    {
        Tree = tree,
        ChartPath = chartPath,
        ReleaseName = ReleaseName,
        Namespace = Namespace,
        ValuesFiles = [.. ValuesFiles.Select(f => new HelmValuesFile(f, readFile(f)))],
        Settings = Settings,
        ReadFile = file => ReadSetFile(file, readFile),
        KubeVersion = KubeVersion,
        ApiVersions = ApiVersions,
        ShowOnly = ShowOnly,
        IncludeCrds = IncludeCrds,
        SkipTests = SkipTests,
        NoHooks = NoHooks,
        IsUpgrade = IsUpgrade,
        SkipSchemaValidation = SkipSchemaValidation,
    };

    private static ReadOnlyMemory<byte> ReadSetFile(string file, Func<string, ReadOnlyMemory<byte>> readFile)
    {
        try
        {
            return readFile(file);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ChartException($"failed parsing --set-file data: open {file}: no such file or directory", error);
        }
    }
}
