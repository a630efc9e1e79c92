namespace Capstan.Server.Hosting;

/// <summary>
/// Gives memory back when a burst of work is over: what is only kept is held in less room, and what the collector keeps for the next
/// burst goes back to the system. It does nothing while there is work, and nothing again until there was some.
/// </summary>
internal sealed class MemoryTrim : IAsyncDisposable
{
    private const long QuietBytes = 16 * 1024 * 1024;
    private const long WorthIt = 32 * 1024 * 1024;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Action _shrink;
    private readonly TimeProvider _time;
    private readonly Task _run;

    /// <summary>Starts it.</summary>
    /// <param name="shrink">Holds what is kept in less room.</param>
    /// <param name="time">The clock.</param>
    public MemoryTrim(Action shrink, TimeProvider time)
    {
        (_shrink, _time) = (shrink, time);
        _run = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Every, _time);
        var (last, trimmed) = (0L, 0L);
        while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
        {
            var allocated = GC.GetTotalAllocatedBytes();
            var quiet = allocated - last < QuietBytes;
            last = allocated;
            if (quiet && allocated - trimmed > WorthIt)
            {
                _shrink();
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                last = trimmed = GC.GetTotalAllocatedBytes();
            }
        }
    }
}
