using Capstan.Kubernetes;
using Capstan.Server.Hosting;

namespace Capstan.Server.Endpoints;

/// <summary>Whether the server can do its work: the engine runs and the cluster answers.</summary>
internal sealed class Readiness(TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Anybody may ask without a token, so an answer of the cluster serves all who ask within this time.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _asking = new(1, 1);
    private (string? Problem, long At)? _cluster;

    /// <returns>Why it is not ready; null when it is. It holds no detail: it is open to all.</returns>
    public async Task<string?> ProblemAsync(ServerParts parts, CancellationToken cancellation)
    {
        if (parts.Stopping.IsCancellationRequested) return "stopping";
        if (parts.EngineStopped.IsCompleted) return "the engine has ended";
        await _asking.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_cluster is { } known && time.GetElapsedTime(known.At) < Age) return known.Problem;
            var problem = await AskAsync(parts.Cluster, cancellation).ConfigureAwait(false);
            _cluster = (problem, time.GetTimestamp());
            return problem;
        }
        finally
        {
            _asking.Release();
        }
    }

    public void Dispose() => _asking.Dispose();

    private async Task<string?> AskAsync(ClusterClient cluster, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(Patience, time);
        using var joined = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        try
        {
            await cluster.VersionAsync(joined.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is ClusterUnreachableException or KubernetesException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return "the cluster does not answer";
        }
    }
}
