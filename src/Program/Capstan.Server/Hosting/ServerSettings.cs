namespace Capstan.Server.Hosting;

/// <summary>What a server was started with.</summary>
public sealed record ServerSettings
{
    /// <summary>The data folder, an absolute path.</summary>
    public required string Data { get; init; }

    /// <summary>Where HTTP is listened on.</summary>
    public required ListenAddress Listen { get; init; }

    /// <summary>Where the embedded cluster's API is listened on.</summary>
    public required ListenAddress ClusterListen { get; init; }

    /// <summary>The version that <c>/api/v1/version</c> tells.</summary>
    public required string Version { get; init; }

    /// <summary>The kubeconfig of another cluster than the embedded one.</summary>
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

    /// <summary>The address that users see; absent where it is the one listened on.</summary>
    public Uri? ExternalUrl { get; init; }

    /// <summary>Where traces and metrics are sent to; null for nowhere.</summary>
    public Metrics.TelemetryOptions? Telemetry { get; init; }

    /// <summary>A PEM file with the certificate chain.</summary>
    public string? TlsCertificate { get; init; }

    /// <summary>A PEM file with the certificate's key.</summary>
    public string? TlsKey { get; init; }

    /// <summary>The OpenID provider that signs people in; null where there is none.</summary>
    public People.OpenIdSettings? OpenId { get; init; }

    /// <summary>Times of notifications.</summary>
    public Notifications.NotificationOptions Notifications { get; init; } = new();

    /// <summary>Networks of proxies whose forwarding headers are believed.</summary>
    public IReadOnlyList<System.Net.IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Whether the embedded cluster is the one that is steered.</summary>
    public bool UsesLocalCluster => Kubeconfig is null && !InCluster;
}

/// <summary>The server cannot start; the message says why and what to do.</summary>
public sealed class ServerStartException(string message, Exception? inner = null) : Exception(message, inner);
