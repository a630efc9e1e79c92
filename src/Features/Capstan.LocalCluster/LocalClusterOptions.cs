using System.Net;

namespace Capstan.LocalCluster;

/// <summary>What the embedded cluster must know before it starts.</summary>
public sealed record LocalClusterOptions
{
    /// <summary>The folder for its database, certificates and kubeconfig; made when it is absent.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where the API listens, with TLS. Port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 7443);

    /// <summary>Namespaces that are made at the start besides Kubernetes' own four.</summary>
    public IReadOnlyList<string> CreateNamespaces { get; init; } = [];

    /// <summary>The largest size of the database, in bytes; 0 for no limit but the disk's.</summary>
    public long MaxDatabaseBytes { get; init; }

    /// <summary>Told of every request over HTTP that may change something, as it ends; must be quick and must not throw. Null for nobody.</summary>
    public Action<AuditRecord>? Audit { get; init; }
}
