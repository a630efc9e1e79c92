using Microsoft.Extensions.Logging;

namespace Capstan.GitHost.Pushes;

/// <summary>Tells observers of pushes, one after the other; the failure of one does not keep it from the next.</summary>
/// <param name="observers">Who is told.</param>
/// <param name="log">Where failures are written.</param>
public sealed partial class PushEvents(IReadOnlyList<IPushObserver> observers, ILogger<PushEvents> log)
{
    /// <summary>Tells all observers.</summary>
    public async Task TellAsync(PushEvent push, CancellationToken cancellation)
    {
        if (push.Updates.Count == 0)
        {
            return;
        }

        foreach (var observer in observers)
        {
            try
            {
                await observer.OnPushAsync(push, cancellation).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                LogObserverFailed(failure, push.Repository.Text);
            }
        }
    }

    [LoggerMessage(2100, LogLevel.Error, "An observer of the push to {Repository} failed; what it missed is caught up by its next look of its own")]
    private partial void LogObserverFailed(Exception failure, string repository);
}
