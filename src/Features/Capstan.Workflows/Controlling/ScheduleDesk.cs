using Microsoft.Extensions.Logging;

namespace Capstan.Workflows.Controlling;

/// <summary>Starts what is due by the time tables. The name of such a run follows from the moment, so that a moment is looked at again after a restart without harm.</summary>
/// <param name="events">Makes the runs.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where failures are written.</param>
internal sealed class ScheduleDesk(EventDesk events, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    /// <summary>How long a server may have been away and still catch up what was due meanwhile.</summary>
    public static readonly TimeSpan CatchUp = TimeSpan.FromMinutes(15);

    /// <summary>Looks until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        // Time tables are known a while after the start; what was due before is looked for until then.
        var (done, from) = (new HashSet<(string, string, string, DateTimeOffset)>(), time.GetUtcNow() - CatchUp);
        using var timer = new PeriodicTimer(LookEvery, time);
        while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
        {
            var now = time.GetUtcNow();
            foreach (var due in events.Schedules.Due(from, now))
            {
                if (!done.Add((due.Repository, due.File.Path, due.Cron, due.At))) continue;
                try
                {
                    await events.DueAsync(due, cancellation).ConfigureAwait(false);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    log.EventsFailed(failure, due.Repository);
                }
            }

            from = now - CatchUp;
            done.RemoveWhere(d => d.Item4 <= from);
        }
    }
}
