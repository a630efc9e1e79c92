using Microsoft.Extensions.Logging;

namespace Capstan.Reconcile;

/// <summary>Log messages of loops and leases: event ids 3100–3199.</summary>
internal static partial class ReconcileLog
{
    [LoggerMessage(EventId = 3100, Message = "{Loop}: {Key}: {Reason}: {Message}")]
    public static partial void Reconciled(this ILogger log, LogLevel level, string loop, object key, string reason, string message);

    [LoggerMessage(3101, LogLevel.Error, "{Loop}: {Key}: an unexpected error; it is tried again with a back-off")]
    public static partial void Threw(this ILogger log, string loop, object key, Exception error);

    [LoggerMessage(3102, LogLevel.Warning, "{Loop}: {Key}: the outcome could not be written down; it is reconciled again")]
    public static partial void SurfacingThrew(this ILogger log, string loop, object key, Exception error);

    [LoggerMessage(3110, LogLevel.Information, "lease {Lease}: held by {Identity}, generation {Generation}")]
    public static partial void LeaseTaken(this ILogger log, string lease, string identity, int generation);

    [LoggerMessage(3111, LogLevel.Warning, "lease {Lease}: lost by {Identity}: {Cause}")]
    public static partial void LeaseLost(this ILogger log, string lease, string identity, string cause);

    [LoggerMessage(3112, LogLevel.Warning, "lease {Lease}: could not be read or written: {Cause}")]
    public static partial void LeaseUnreachable(this ILogger log, string lease, string cause);
}
