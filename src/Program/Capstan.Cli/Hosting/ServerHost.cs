namespace Capstan.Cli.Hosting;

/// <summary>Starts what lives in this process. The commands know no more of the server than this; the executable binds it.</summary>
public interface IServerHost
{
    /// <summary>Starts the server and answers when it is ready.</summary>
    /// <param name="settings">What was asked for on the command line.</param>
    /// <param name="progress">Takes a line for each step that is worth telling.</param>
    /// <param name="cancellation">Gives up starting.</param>
    /// <exception cref="CommandException">It cannot start; the message says why and what to do.</exception>
    Task<IRunningServer> StartAsync(UpSettings settings, Action<string> progress, CancellationToken cancellation);

    /// <summary>Runs the engine alone until <paramref name="cancellation"/>.</summary>
    Task RunAgentAsync(AgentSettings settings, Action<string> progress, CancellationToken cancellation);

    /// <summary>Reads all of a backup and says what it holds, for people.</summary>
    /// <exception cref="CommandException">It is cut off, damaged, or none.</exception>
    Task<string> CheckBackupAsync(string file, CancellationToken cancellation);

    /// <summary>Makes a data folder of a backup and says what it holds, for people. Nothing is left where that fails.</summary>
    /// <exception cref="CommandException">The folder holds something, or the backup cannot be used.</exception>
    Task<string> RestoreAsync(string file, string data, CancellationToken cancellation);
}

/// <summary>A server in this process.</summary>
public interface IRunningServer : IAsyncDisposable
{
    /// <summary>Its address.</summary>
    Uri Url { get; }

    /// <summary>The administrator's token.</summary>
    string Token { get; }

    /// <summary>Whether this start made the token.</summary>
    bool TokenIsNew { get; }

    /// <summary>The kubeconfig of the cluster that it steers.</summary>
    string Kubeconfig { get; }

    /// <summary>Whether pods are containers of this machine whose addresses can be reached from here.</summary>
    bool RunsContainers { get; }

    /// <summary>What becomes of pods, for people.</summary>
    string Pods { get; }

    /// <summary>A link that signs the administrator's browser in once, within a quarter of an hour.</summary>
    Uri SignInLink();

    /// <summary>Ends when the server stops by itself, with the reason as exception when it failed.</summary>
    Task Stopped { get; }
}

/// <summary>What <c>capstan up</c> was asked for.</summary>
public sealed record UpSettings
{
    /// <summary>The data folder.</summary>
    public required string Data { get; init; }

    /// <summary>Where to listen, as <c>HOST:PORT</c>.</summary>
    public string Listen { get; init; } = "127.0.0.1:7070";

    /// <summary>Where the embedded cluster's API listens, as <c>HOST:PORT</c>.</summary>
    public string ClusterListen { get; init; } = "127.0.0.1:7443";

    /// <summary>The kubeconfig of another cluster, instead of the embedded one.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Whether the cluster that this process runs in is steered.</summary>
    public bool InCluster { get; init; }

    /// <summary>The namespaces that Applications are taken from.</summary>
    public IReadOnlyList<string> AppNamespaces { get; init; } = ["capstan", "argocd"];

    /// <summary>Whether a push to a repository that is not there makes it.</summary>
    public bool CreateOnPush { get; init; }

    /// <summary>The image of each label of <c>runs-on</c>; that of <c>*</c> is for labels without one.</summary>
    public IReadOnlyDictionary<string, string> RunnerImages { get; init; } = new Dictionary<string, string>();

    /// <summary>The repositories whose jobs may run as processes of this machine; <c>*</c> for all.</summary>
    public IReadOnlyList<string> AllowHostJobs { get; init; } = [];

    /// <summary>Whether reading needs no token.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Whether pods of the embedded cluster may own the machine.</summary>
    public bool AllowPrivilegedPods { get; init; }

    /// <summary>Whether no container is run, even where there is an engine.</summary>
    public bool SimulatePods { get; init; }

    /// <summary>Whether containers are there for this server alone: a Podman service of its own is started where no engine answers, and containers end with the server.</summary>
    public bool OwnContainers { get; init; }

    /// <summary>The second number of the network 10.N.0.0/16 of Services. Two clusters whose pods are containers of one machine need different ones.</summary>
    public byte ServiceNetwork { get; init; } = 96;

    /// <summary>Whether only errors are logged.</summary>
    public bool Quiet { get; init; }

    /// <summary>The address that users see, where it is not the one listened on.</summary>
    public Uri? ExternalUrl { get; init; }

    /// <summary>A PEM file with the certificate chain.</summary>
    public string? TlsCertificate { get; init; }

    /// <summary>A PEM file with the certificate's key.</summary>
    public string? TlsKey { get; init; }

    /// <summary>The OpenID provider's address.</summary>
    public Uri? OpenIdIssuer { get; init; }

    /// <summary>What this server is called there.</summary>
    public string? OpenIdClient { get; init; }

    /// <summary>A file with the client's secret there.</summary>
    public string? OpenIdSecretFile { get; init; }

    /// <summary>The claim that names a person there.</summary>
    public string OpenIdUserClaim { get; init; } = "email";

    /// <summary>The claim that lists groups there.</summary>
    public string OpenIdGroupsClaim { get; init; } = "groups";

    /// <summary>Networks of proxies whose forwarding headers are believed, as CIDR.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];
}

/// <summary>What <c>capstan agent</c> was asked for.</summary>
/// <param name="Data">The folder for mirrors of repositories.</param>
/// <param name="Kubeconfig">The cluster; absent with <paramref name="InCluster"/>.</param>
/// <param name="InCluster">Whether the cluster that this process runs in is steered.</param>
/// <param name="AppNamespaces">The namespaces that Applications are taken from.</param>
public sealed record AgentSettings(string Data, string? Kubeconfig, bool InCluster, IReadOnlyList<string> AppNamespaces);
