using Microsoft.Extensions.Logging;

namespace Capstan.Reconcile;

/// <summary>
/// Who takes part in sharing keys: each member renews a lease of its own (<c>PREFIX-IDENTITY</c>) and sees the others' by theirs. A
/// member that cannot renew owns nothing before the others take over what it had.
/// </summary>
public sealed class ShardMembership(ILeaseStore store, LeaderElectionOptions options, TimeProvider time, ILogger log)
{
    private readonly Dictionary<string, (Lease Lease, long At)> _seen = [];
    private volatile string[] _members = [];

    /// <summary>Told when the members changed, from the loop of <see cref="RunAsync"/>.</summary>
    public event Action? Changed;

    /// <summary>The members that are alive; empty while this process itself is not known to be one.</summary>
    public IReadOnlyList<string> Members => _members;

    /// <summary>Whether a key is this process's to work on.</summary>
    public bool Owns(string key) => Shards.OwnerOf(key, _members) == options.Identity;

    /// <summary>Takes part until the token is cancelled, then leaves.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        Lease? mine = null;
        var renewedAt = time.GetTimestamp();
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                try
                {
                    var known = await store.ListAsync(options.Lease + "-", cancellation).ConfigureAwait(false);
                    mine = await RenewAsync(known, cancellation).ConfigureAwait(false) ?? mine;
                    renewedAt = time.GetTimestamp();
                    Set(Alive(known));
                }
                catch (Exception error) when (!cancellation.IsCancellationRequested)
                {
                    // The store's edge: time decides what follows.
                    log.LeaseUnreachable(options.Lease, error.Message);
                    if (time.GetElapsedTime(renewedAt) >= options.StepDownAfter)
                    {
                        Set([]);
                    }
                }

                await Task.Delay(options.Every, time, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Asked to leave.
        }
        finally
        {
            Set([]);
            await LeaveAsync(mine).ConfigureAwait(false);
        }
    }

    private async Task<Lease?> RenewAsync(IReadOnlyList<Lease> known, CancellationToken cancellation)
    {
        var name = $"{options.Lease}-{options.Identity}";
        var old = known.FirstOrDefault(l => l.Name == name);
        var next = new Lease(name, options.Identity, options.Duration, time.GetUtcNow(), (old?.Generation ?? 0) + (old?.Holder == options.Identity ? 0 : 1), old?.Version ?? "");
        return await store.TryWriteAsync(next, cancellation).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"the lease {name} was written by somebody else: is the identity {options.Identity} used twice?");
    }

    private string[] Alive(IReadOnlyList<Lease> known)
    {
        var alive = new SortedSet<string>(StringComparer.Ordinal) { options.Identity };
        foreach (var lease in known.Where(l => l.Holder.Length > 0))
        {
            if (!_seen.TryGetValue(lease.Name, out var seen) || seen.Lease.RenewedAt != lease.RenewedAt)
            {
                _seen[lease.Name] = seen = (lease, time.GetTimestamp());
            }

            if (time.GetElapsedTime(seen.At) <= lease.Duration)
            {
                alive.Add(lease.Holder);
            }
        }

        foreach (var gone in _seen.Keys.Except(known.Select(l => l.Name)).ToList())
        {
            _seen.Remove(gone);
        }

        return [.. alive];
    }

    private void Set(string[] members)
    {
        if (!_members.AsSpan().SequenceEqual(members))
        {
            _members = members;
            Changed?.Invoke();
        }
    }

    private async Task LeaveAsync(Lease? mine)
    {
        if (mine is null)
        {
            return;
        }

        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
            await store.RemoveAsync(mine, limit.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // Leaving is a courtesy: the lease runs out by itself.
            log.LeaseUnreachable(mine.Name, error.Message);
        }
    }
}
