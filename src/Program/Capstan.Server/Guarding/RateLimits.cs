using System.Threading.RateLimiting;
using Capstan.Access.Rights;

namespace Capstan.Server.Guarding;

/// <summary>How often one caller may ask. Generous for people and scripts; a stop for what runs wild. What does not come through is told when to try again.</summary>
internal sealed class RateLimits : IDisposable
{
    private readonly PartitionedRateLimiter<string> _requests = Buckets(burst: 3000, perSecond: 500);
    private readonly PartitionedRateLimiter<string> _failures = Buckets(burst: 300, perSecond: 5);

    /// <summary>Whether a caller may ask once more.</summary>
    public bool TryRequest(Principal principal, string address) => TryTake(_requests, principal.IsSignedIn ? principal.ToString() : address);

    /// <summary>Whether an address may give a wrong credential once more.</summary>
    public bool TryFail(string address) => TryTake(_failures, address);

    public void Dispose()
    {
        _requests.Dispose();
        _failures.Dispose();
    }

    private static bool TryTake(PartitionedRateLimiter<string> limiter, string key)
    {
        using var lease = limiter.AttemptAcquire(key);
        return lease.IsAcquired;
    }

    private static PartitionedRateLimiter<string> Buckets(int burst, int perSecond) => PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetTokenBucketLimiter(key,
        _ => new TokenBucketRateLimiterOptions { TokenLimit = burst, TokensPerPeriod = perSecond, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0 }));
}
