using Microsoft.Extensions.Logging;

namespace Capstan.Server.Hosting;

/// <summary>The engine alone: no Git host, no API.</summary>
public static class CapstanAgent
{
    /// <summary>Runs until <paramref name="cancellation"/>.</summary>
    public static Task RunAsync(ServerSettings settings, TimeProvider time, ILoggerFactory logs, CancellationToken cancellation) => Task.Delay(Timeout.InfiniteTimeSpan, time, cancellation);
}
