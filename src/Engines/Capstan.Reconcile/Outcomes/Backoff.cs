namespace Capstan.Reconcile;

/// <summary>An exponential back-off with jitter. Immutable: the number of failures is the caller's.</summary>
/// <param name="First">The delay after the first failure.</param>
/// <param name="Longest">The longest delay.</param>
/// <param name="Factor">By how much a delay is longer than the one before.</param>
/// <param name="Jitter">How much of a delay is random, from 0 to 1; it only shortens, so <paramref name="Longest"/> is never passed.</param>
public sealed record Backoff(TimeSpan First, TimeSpan Longest, double Factor = 2, double Jitter = 0.2)
{
    /// <summary>For controllers: 1 s, doubling, at most 5 minutes.</summary>
    public static readonly Backoff Default = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));

    /// <summary>The delay after so many failures in a row (1 for the first).</summary>
    /// <param name="failures">How many failures there were in a row, from 1.</param>
    /// <param name="random">From 0 to 1, uniformly; tests pass a constant.</param>
    public TimeSpan After(int failures, double random)
    {
        // Beyond 64 doublings every back-off is at its limit, and Math.Pow would overflow a TimeSpan.
        var exponent = Math.Clamp(failures - 1, 0, 64);
        var full = Math.Min(First.TotalMilliseconds * Math.Pow(Factor, exponent), Longest.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(full * (1 - (Jitter * random)));
    }

    /// <summary>The delay after so many failures in a row, with real randomness.</summary>
    public TimeSpan After(int failures) => After(failures, Random.Shared.NextDouble());
}
