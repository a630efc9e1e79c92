using System.Net;
using Capstan.Containers;

namespace Capstan.LocalCluster;

/// <summary>How pods become containers.</summary>
public sealed record ContainerNodeOptions
{
    /// <summary>The engine, opened under an owner of the cluster's own. Whoever opened it disposes it, after the cluster.</summary>
    public required ContainerEngine Engine { get; init; }

    /// <summary>Whether pods may own the machine: privileged, in the machine's namespaces, with added capabilities.</summary>
    public bool AllowPrivilegedPods { get; init; }

    /// <summary>Hands over images that the engine cannot reach itself; null for none.</summary>
    public IImageArchives? Images { get; init; }

    /// <summary>Where Ingress objects are served over plain HTTP. Port 0 takes a free one.</summary>
    public IPEndPoint Ingress { get; init; } = new(IPAddress.Loopback, 7080);
}
