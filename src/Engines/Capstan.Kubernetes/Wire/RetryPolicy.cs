using System.Net;
using Capstan.Reconcile;

namespace Capstan.Kubernetes;

/// <summary>Whether and when a failed request is sent again. Pure: the clock and the count are the caller's.</summary>
internal static class RetryPolicy
{
    /// <summary>How long one request is tried in all.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly Backoff Delays = new(TimeSpan.FromMilliseconds(60), TimeSpan.FromSeconds(4), Jitter: 0.5);

    /// <summary>The delay before the next try; null when there is none.</summary>
    /// <param name="request">What was sent.</param>
    /// <param name="error">What came of it.</param>
    /// <param name="tries">How often it was sent by now.</param>
    /// <param name="elapsed">How long it has been tried.</param>
    /// <param name="random">From 0 to 1.</param>
    public static TimeSpan? Next(WireRequest request, Exception error, int tries, TimeSpan elapsed, double random)
    {
        if (tries >= request.Tries || !MayRepeat(request, error, tries))
        {
            return null;
        }

        var delay = Delays.After(tries, random);
        if ((error as KubernetesException)?.RetryAfter is { } asked && asked > delay)
        {
            // Everybody was told the same number: a little more for each, or they all come back at once.
            delay = asked + (delay * 0.5);
        }

        return elapsed + delay > Patience ? null : delay;
    }

    private static bool MayRepeat(WireRequest request, Exception error, int tries) => error switch
    {
        ClusterUnreachableException unreachable => unreachable.NeverSent || request.Repeat != Repeat.IfNeverSent,

        // 429 is given before the server does anything.
        KubernetesException { StatusCode: HttpStatusCode.TooManyRequests } => true,

        // 500 is also what a broken webhook gives, which does not mend in seconds: a burst is bridged, no more.
        KubernetesException { StatusCode: HttpStatusCode.InternalServerError } => request.Repeat == Repeat.Always && tries <= 3,
        KubernetesException { IsTransient: true } => request.Repeat != Repeat.IfNeverSent,
        _ => false,
    };
}
