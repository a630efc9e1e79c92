using Capstan.Containers.Networks;
using Capstan.LocalCluster.Identity;
using Capstan.LocalCluster.Node.Network;
using Capstan.LocalCluster.Node.Pods;
using Capstan.LocalCluster.Node.Running;
using Capstan.LocalCluster.Node.Volumes;
using Microsoft.Extensions.Logging;

namespace Capstan.LocalCluster.Node;

/// <summary>Puts the parts of a node together.</summary>
internal static class ContainerNodeSetup
{
    /// <summary>A node for an engine; it does nothing before it is started.</summary>
    /// <exception cref="Capstan.Containers.ContainerEngineException">The engine refuses the pods' network.</exception>
    public static async Task<ContainerNode> MakeAsync(
        ContainerNodeOptions options, ServiceRange services, string dataFolder, ClusterClient cluster, AccountTokens accounts, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellation)
    {
        var log = loggers.CreateLogger("Capstan.LocalCluster.Node");
        var folders = new NodeFolders(Path.Combine(dataFolder, "node"), Path.Combine(dataFolder, "hostpath"));
        SecretFiles.MakeFolder(Path.Combine(dataFolder, "node"));
        Directory.CreateDirectory(folders.HostPath);
        var bridge = await options.Engine.Networks.EnsureAsync(new NetworkSpec($"capstan-{PodHash.Of(options.Engine.Owner)[..8]}"), cancellation).ConfigureAwait(false);
        var tokens = new PodTokens(cluster, accounts, time);
        var events = new NodeEvents(cluster, NodeObject.Name, time, log);
        var info = options.Engine.Info;
        var network = await PodNetwork.OpenAsync(cluster, services, info is { SharesKernel: true, Rootless: false }, events, time, log, cancellation).ConfigureAwait(false);
        return new ContainerNode(new NodeParts
        {
            Engine = options.Engine,
            Cluster = cluster,
            Folders = folders,
            Volumes = new PodVolumes(cluster, folders, tokens.Issue, time),
            Tokens = tokens,
            Images = new ImageKeeper(options.Engine, options.Images),
            Events = events,
            Network = bridge.Name,
            Dns = network.Dns,
            Ingress = options.Ingress,
            Loggers = loggers,
            AllowPrivilegedPods = options.AllowPrivilegedPods,
            Time = time,
            Log = log,
        }, network);
    }
}
