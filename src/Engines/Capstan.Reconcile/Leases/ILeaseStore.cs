namespace Capstan.Reconcile;

/// <summary>One lease: who holds a role, and since which change of hands.</summary>
/// <param name="Name">The name.</param>
/// <param name="Holder">The identity of the holder; empty when it was released.</param>
/// <param name="Duration">How long a renewal counts.</param>
/// <param name="RenewedAt">When the holder renewed it, by the holder's clock: only a change of it means anything to others.</param>
/// <param name="Generation">How often it changed hands: the fencing token of its holder's writes.</param>
/// <param name="Version">The store's own version for conditional writes; empty for a lease that is not stored yet.</param>
public sealed record Lease(string Name, string Holder, TimeSpan Duration, DateTimeOffset RenewedAt, int Generation, string Version = "");

/// <summary>Where leases are kept. Every write is conditional on the version read.</summary>
public interface ILeaseStore
{
    /// <summary>Reads a lease; null when there is none.</summary>
    Task<Lease?> GetAsync(string name, CancellationToken cancellation);

    /// <summary>Reads all leases whose name begins with a prefix.</summary>
    Task<IReadOnlyList<Lease>> ListAsync(string prefix, CancellationToken cancellation);

    /// <summary>Creates (empty version) or replaces a lease.</summary>
    /// <returns>The lease as stored, or null when somebody else was quicker.</returns>
    Task<Lease?> TryWriteAsync(Lease lease, CancellationToken cancellation);

    /// <summary>Removes a lease that still has this version; it is no error when it is gone.</summary>
    Task RemoveAsync(Lease lease, CancellationToken cancellation);
}
