using Microsoft.Extensions.Logging;

namespace Capstan.Reconcile;

/// <summary>How a leader is elected.</summary>
/// <param name="Lease">The lease's name.</param>
/// <param name="Identity">Who this process is; unique among all that take part.</param>
public sealed record LeaderElectionOptions(string Lease, string Identity)
{
    /// <summary>How long a renewal counts for the others.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the leader may fail to renew before it steps down by itself; shorter than <see cref="Duration"/>.</summary>
    public TimeSpan StepDownAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the lease is looked at and renewed.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>
/// Lets one process at a time do some work. Whether a lease has run out is judged by this process's own monotonic clock since it saw the
/// last renewal: clocks of different machines are never compared.
/// </summary>
public sealed class LeaderElection(ILeaseStore store, LeaderElectionOptions options, TimeProvider time, ILogger log)
{
    private Lease? _seen;
    private long _seenAt;

    /// <summary>
    /// Waits for the lease, then runs the work while it is held; when it is lost the work's token is cancelled, its end is awaited, and it
    /// begins anew. Ends when the token is cancelled, giving the lease back.
    /// </summary>
    /// <param name="lead">The work. It gets the lease's generation, the fencing token of its writes.</param>
    /// <param name="cancellation">Ends it all.</param>
    public async Task RunAsync(Func<int, CancellationToken, Task> lead, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            if (await TryAcquireAsync(cancellation).ConfigureAwait(false) is { } held)
            {
                log.LeaseTaken(options.Lease, options.Identity, held.Generation);
                await LeadAsync(held, lead, cancellation).ConfigureAwait(false);
            }

            await PauseAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task LeadAsync(Lease held, Func<int, CancellationToken, Task> lead, CancellationToken cancellation)
    {
        using var term = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var work = lead(held.Generation, term.Token);
        var last = await RenewAsync(held, work, term.Token).ConfigureAwait(false);
        await term.CancelAsync().ConfigureAwait(false);
        try
        {
            await work.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (term.IsCancellationRequested)
        {
            // It ended as it was told to.
        }
        finally
        {
            // Given back only after the work has ended, or two would do it.
            if (last is not null)
            {
                await ReleaseAsync(last).ConfigureAwait(false);
            }
        }
    }

    /// <returns>The lease as it is held still; null when it was lost.</returns>
    private async Task<Lease?> RenewAsync(Lease held, Task work, CancellationToken cancellation)
    {
        var renewedAt = time.GetTimestamp();
        while (!cancellation.IsCancellationRequested && !work.IsCompleted)
        {
            await PauseAsync(cancellation).ConfigureAwait(false);
            var (renewed, taken) = await TryWriteAsync(held with { RenewedAt = time.GetUtcNow() }, cancellation).ConfigureAwait(false);
            if (renewed is not null)
            {
                (held, renewedAt) = (renewed, time.GetTimestamp());
            }
            else if (taken && await ReadAsync(cancellation).ConfigureAwait(false) is { } other)
            {
                if (other.Holder != options.Identity)
                {
                    log.LeaseLost(options.Lease, options.Identity, $"{other.Holder} holds it");
                    return null;
                }

                // Our own write whose answer was lost.
                held = other;
            }

            if (time.GetElapsedTime(renewedAt) >= options.StepDownAfter)
            {
                log.LeaseLost(options.Lease, options.Identity, "it could not be renewed in time");
                return null;
            }
        }

        return held;
    }

    private async Task<Lease?> TryAcquireAsync(CancellationToken cancellation)
    {
        var current = await ReadAsync(cancellation).ConfigureAwait(false);
        if (current is null)
        {
            return (await TryWriteAsync(Mine(generation: 1, version: ""), cancellation).ConfigureAwait(false)).Written;
        }

        if (_seen != current)
        {
            (_seen, _seenAt) = (current, time.GetTimestamp());
        }

        var isFree = current.Holder.Length == 0 || time.GetElapsedTime(_seenAt) > current.Duration;
        return isFree || current.Holder == options.Identity
            ? (await TryWriteAsync(Mine(current.Generation + 1, current.Version), cancellation).ConfigureAwait(false)).Written
            : null;
    }

    private Lease Mine(int generation, string version) => new(options.Lease, options.Identity, options.Duration, time.GetUtcNow(), generation, version);

    private async Task<Lease?> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return await store.GetAsync(options.Lease, cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            log.LeaseUnreachable(options.Lease, error.Message);
            return _seen;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<(Lease? Written, bool Taken)> TryWriteAsync(Lease lease, CancellationToken cancellation)
    {
        try
        {
            using var limit = new CancellationTokenSource(options.StepDownAfter, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            var written = await store.TryWriteAsync(lease, linked.Token).ConfigureAwait(false);
            return (written, written is null);
        }
        catch (Exception error)
        {
            // The store's edge: whatever it is, the lease was not renewed, and time decides what follows from that.
            log.LeaseUnreachable(options.Lease, error.Message);
            return (null, false);
        }
    }

    private async Task ReleaseAsync(Lease held)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
        await TryWriteAsync(held with { Holder = "", RenewedAt = time.GetUtcNow() }, limit.Token).ConfigureAwait(false);
    }

    private async Task PauseAsync(CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(options.Every * (0.8 + (0.4 * Random.Shared.NextDouble())), time, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loops look at the token themselves.
        }
    }
}
