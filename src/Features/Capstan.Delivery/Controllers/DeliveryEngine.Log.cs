using Microsoft.Extensions.Logging;

namespace Capstan.Delivery.Controllers;

/// <summary>What the engine logs: event ids 4000 to 4099.</summary>
internal static partial class DeliveryEngineLog
{
    [LoggerMessage(4000, LogLevel.Information, "Delivering Applications of the namespaces {Namespaces}")]
    public static partial void Started(this ILogger log, string namespaces);

    [LoggerMessage(4001, LogLevel.Warning, "Another controller was found: {Message}")]
    public static partial void ForeignController(this ILogger log, string message);

    [LoggerMessage(4002, LogLevel.Information, "The other controller is gone; Applications are acted upon again")]
    public static partial void ForeignControllerGone(this ILogger log);

    [LoggerMessage(4003, LogLevel.Debug, "Push to {Repository}: {Count} Applications look again")]
    public static partial void Pushed(this ILogger log, string repository, int count);
}
