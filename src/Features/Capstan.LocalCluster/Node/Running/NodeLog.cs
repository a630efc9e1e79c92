using Microsoft.Extensions.Logging;

namespace Capstan.LocalCluster.Node.Running;

internal static partial class NodeLog
{
    [LoggerMessage(4500, LogLevel.Debug, "The event {Reason} of {Object} was not written: {Why}")]
    public static partial void EventNotWritten(this ILogger log, string reason, string @object, string why);

    [LoggerMessage(4501, LogLevel.Warning, "Pod {Pod}: {Problem}; it is tried again")]
    public static partial void PodFailed(this ILogger log, string pod, string problem);

    [LoggerMessage(4502, LogLevel.Warning, "The container engine does not tell what happens ({Problem}); pods are looked at every few seconds until it does")]
    public static partial void EngineSilent(this ILogger log, string problem);

    [LoggerMessage(4503, LogLevel.Information, "Removed the container {Name}, whose pod is gone")]
    public static partial void Reaped(this ILogger log, string name);

    [LoggerMessage(4504, LogLevel.Warning, "{What} stopped working and starts again: {Problem}")]
    public static partial void PartFailed(this ILogger log, string what, string problem);

    [LoggerMessage(4505, LogLevel.Debug, "{Name}: a connection ended: {Why}")]
    public static partial void RelayEnded(this ILogger log, string name, string why);

    [LoggerMessage(4507, LogLevel.Warning, "Ingress objects are not served: {Address} cannot be listened on ({Problem})")]
    public static partial void IngressNotServed(this ILogger log, string address, string problem);

    [LoggerMessage(4506, LogLevel.Warning, "Within pods, Services have neither names nor addresses: {Problem}")]
    public static partial void ServicesNotInPods(this ILogger log, string problem);

    [LoggerMessage(4508, LogLevel.Debug, "A stream with pod {Namespace}/{Name} ended: {Why}")]
    public static partial void StreamEnded(this ILogger log, string @namespace, string name, string why);
}
