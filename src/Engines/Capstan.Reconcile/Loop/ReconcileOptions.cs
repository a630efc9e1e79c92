namespace Capstan.Reconcile;

/// <summary>How a loop works.</summary>
/// <param name="Name">The name in logs and metrics, as in <c>applications</c>.</param>
public sealed record ReconcileOptions(string Name)
{
    /// <summary>How many keys are worked on at the same time.</summary>
    public int Workers { get; init; } = 4;

    /// <summary>How long one reconciliation may take before it is cancelled and counts as failed; infinite by default.</summary>
    public TimeSpan Timeout { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>How failures are spaced.</summary>
    public Backoff Backoff { get; init; } = Backoff.Default;

    /// <summary>How many different keys may be queued.</summary>
    public int Limit { get; init; } = 1_000_000;
}
