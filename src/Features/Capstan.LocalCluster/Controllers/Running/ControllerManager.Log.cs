using Microsoft.Extensions.Logging;

namespace Capstan.LocalCluster.Controllers.Running;

internal static partial class ControllerLog
{
    [LoggerMessage(4400, LogLevel.Debug, "{Controller}: {Object}: {Write}")]
    public static partial void Writing(this ILogger log, string controller, string @object, string write);

    [LoggerMessage(4401, LogLevel.Error, "The controllers' queue is full; {Object} is looked at again when it changes next")]
    public static partial void QueueFull(this ILogger log, string @object);
}
