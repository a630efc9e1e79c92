using System.Threading.RateLimiting;
using Capstan.Sources.Git.Urls;
using Capstan.Sources.Webhooks;

namespace Capstan.Server.Webhooks;

/// <summary>Takes webhook calls: checks them, and tells of the genuine pushes as often as one repository may.</summary>
/// <param name="keys">Reads the shared secrets.</param>
/// <param name="pushed">Hears of a push.</param>
/// <param name="time">The clock.</param>
/// <param name="asked">Takes what is told of a pull request, or says why not; null where nobody does.</param>
internal sealed class WebhookDesk(
    Func<CancellationToken, Task<WebhookKeys>> keys, Action<RepositoryUrl> pushed, TimeProvider time, Func<PullRequestNotification, ReadOnlyMemory<byte>, CancellationToken, Task<string?>>? asked = null) : IDisposable
{
    private const int Burst = 30;

    /// <summary>A changed secret counts after this long at most; a flood of calls does not become a flood of reads.</summary>
    private static readonly TimeSpan KeysAge = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly PartitionedRateLimiter<string> _limit = PartitionedRateLimiter.Create<string, string>(repository => RateLimitPartition.GetTokenBucketLimiter(repository,
        _ => new TokenBucketRateLimiterOptions { TokenLimit = Burst, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromSeconds(1), QueueLimit = 0 }));

    private (WebhookKeys Keys, WebhookReceiver Receiver, long At)? _current;

    /// <summary>Takes one call.</summary>
    /// <returns>What came of it; null when the repository had too many calls lately.</returns>
    public async Task<WebhookOutcome?> TakeAsync(Func<string, string?> header, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var outcome = (await ReceiverAsync(cancellation).ConfigureAwait(false)).Receive(header, body);
        var repositories = outcome switch
        {
            WebhookOutcome.Accepted { Push: var push } => push.Repositories,
            WebhookOutcome.PullRequested { PullRequest: var pull } => pull.Repositories,
            _ => [],
        };
        if (repositories.Count == 0) return outcome;
        using var lease = _limit.AttemptAcquire(repositories[0].Key);
        if (!lease.IsAcquired) return null;
        if (outcome is WebhookOutcome.PullRequested { PullRequest: var told })
        {
            var why = asked is null ? "nobody here takes pull requests" : await asked(told, body, cancellation).ConfigureAwait(false);
            return why is null ? outcome : new WebhookOutcome.Ignored(why);
        }

        foreach (var url in repositories) pushed(url);
        return outcome;
    }

    public void Dispose()
    {
        _limit.Dispose();
        _reading.Dispose();
    }

    /// <summary>The receiver remembers deliveries, so it is kept as long as the secrets are the same.</summary>
    private async Task<WebhookReceiver> ReceiverAsync(CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_current is { } known && time.GetElapsedTime(known.At) < KeysAge) return known.Receiver;
            var read = await keys(cancellation).ConfigureAwait(false);
            var receiver = _current is { } last && last.Keys.Equals(read) ? last.Receiver : new WebhookReceiver(read.ToSecrets(), time);
            _current = (read, receiver, time.GetTimestamp());
            return receiver;
        }
        finally
        {
            _reading.Release();
        }
    }
}
