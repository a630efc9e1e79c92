using Microsoft.Extensions.Logging;

namespace Capstan.Kubernetes;

/// <summary>Log messages of the cluster client and its cache: event ids 3000–3099.</summary>
internal static partial class KubernetesLog
{
    [LoggerMessage(3000, LogLevel.Debug, "{Request}: try {Try} failed and is repeated: {Cause}")]
    public static partial void Retrying(this ILogger log, string request, int @try, string cause);

    [LoggerMessage(3001, LogLevel.Warning, "cluster {Cluster}: {Group} could not be discovered: {Cause}")]
    public static partial void DiscoveryFailed(this ILogger log, string cluster, string group, string cause);

    [LoggerMessage(3010, LogLevel.Debug, "cluster {Cluster}: {Kind} listed, {Count} objects at {ResourceVersion}")]
    public static partial void Listed(this ILogger log, string cluster, string kind, int count, string resourceVersion);

    [LoggerMessage(3011, LogLevel.Debug, "cluster {Cluster}: the watch of {Kind} ended and goes on: {Cause}")]
    public static partial void WatchEnded(this ILogger log, string cluster, string kind, string cause);

    [LoggerMessage(3012, LogLevel.Warning, "cluster {Cluster}: {Kind} cannot be listed or watched: {Cause}")]
    public static partial void KindFailed(this ILogger log, string cluster, string kind, string cause);

    [LoggerMessage(3013, LogLevel.Warning, "cluster {Cluster} is not reachable: {Cause}")]
    public static partial void ClusterLost(this ILogger log, string cluster, string cause);

    [LoggerMessage(3014, LogLevel.Information, "cluster {Cluster} is reachable")]
    public static partial void ClusterReached(this ILogger log, string cluster);

    [LoggerMessage(3015, LogLevel.Warning, "cluster {Cluster}: {Kind}: the resourceVersion went back from {Known} to {Listed}; everything was listed again")]
    public static partial void VersionWentBack(this ILogger log, string cluster, string kind, string known, string listed);

    [LoggerMessage(3020, LogLevel.Warning, "the event {Reason} of {Object} could not be written: {Cause}")]
    public static partial void EventLost(this ILogger log, string reason, object @object, string cause);
}
