using System.Net;
using Capstan.Containers;
using Capstan.LocalCluster.Node.Running;
using Capstan.LocalCluster.Node.Volumes;
using Microsoft.Extensions.Logging;

namespace Capstan.LocalCluster.Node;

/// <summary>What the parts of a node that runs containers share.</summary>
internal sealed record NodeParts
{
    public required ContainerEngine Engine { get; init; }

    public required ClusterClient Cluster { get; init; }

    public required NodeFolders Folders { get; init; }

    public required PodVolumes Volumes { get; init; }

    public required PodTokens Tokens { get; init; }

    public required ImageKeeper Images { get; init; }

    public required NodeEvents Events { get; init; }

    /// <summary>The engine's network in which pods are.</summary>
    public required string Network { get; init; }

    /// <summary>The address of the cluster's name server; empty where names of Services cannot be resolved.</summary>
    public required string Dns { get; init; }

    /// <summary>Where Ingress objects are served.</summary>
    public required IPEndPoint Ingress { get; init; }

    public required ILoggerFactory Loggers { get; init; }

    public required bool AllowPrivilegedPods { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }
}
