using Capstan.Delivery.Sync;
using Capstan.Kubernetes;
using Capstan.Resources;

namespace Capstan.Delivery.ApplySets;

/// <summary>Waits until everything that was applied is healthy, and tells what it waits for.</summary>
/// <param name="client">The cluster.</param>
/// <param name="time">The clock.</param>
/// <param name="tell">Told what is waited for, each time that it is something else.</param>
public sealed class HealthWait(ClusterClient client, TimeProvider time, Action<string> tell)
{
    private const int AtOnce = 16;
    private const int MostNamed = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Waits.</summary>
    /// <param name="plan">What was applied.</param>
    /// <param name="timeout">How long at most.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Null when everything is healthy; else what was not within the time.</returns>
    public async Task<string?> ForAsync(SyncPlan plan, TimeSpan timeout, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(timeout, time);
        using var joined = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        var (left, told) = (plan.Steps.Where(s => s.Desired is not null && s.Action is not (SyncAction.Refuse or SyncAction.Hook)).ToArray(), "");
        IReadOnlyList<string> waiting = ["nothing was looked at yet"];
        try
        {
            while (true)
            {
                var seen = await LookAsync(left, joined.Token).ConfigureAwait(false);
                left = [.. seen.Where(s => s.Waiting is not null).Select(s => s.Step)];
                waiting = [.. seen.Select(s => s.Waiting).OfType<string>()];
                if (waiting.Count == 0)
                {
                    tell("everything is healthy");
                    return null;
                }

                var text = $"waiting for {Some(waiting)}";
                if (text != told) tell(told = text);
                await Task.Delay(Pause, time, joined.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            return $"applied, but not healthy within {timeout.TotalSeconds:0} s: {string.Join("; ", waiting)}. Look at these with kubectl describe, or give more time";
        }
    }

    private static string Some(IReadOnlyList<string> waiting) =>
        string.Join("; ", waiting.Take(MostNamed)) + (waiting.Count > MostNamed ? $"; and {waiting.Count - MostNamed} more" : "");

    private async Task<(SyncStep Step, string? Waiting)[]> LookAsync(IReadOnlyList<SyncStep> steps, CancellationToken cancellation)
    {
        using var slots = new SemaphoreSlim(AtOnce);
        return await Task.WhenAll(steps.Select(async step =>
        {
            await slots.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                return (step, await WaitingForAsync(step, cancellation).ConfigureAwait(false));
            }
            finally
            {
                slots.Release();
            }
        })).ConfigureAwait(false);
    }

    private async Task<string?> WaitingForAsync(SyncStep step, CancellationToken cancellation)
    {
        try
        {
            var resource = await client.ResolveAsync(step.Kind, cancellation).ConfigureAwait(false);
            if (await client.FindAsync(resource, step.Key.Namespace, step.Key.Name, cancellation).ConfigureAwait(false) is not { } live) return $"{step.Key} (Missing)";
            return HealthAssessment.Of(live) is { Status: not HealthStatus.Healthy } health ? $"{step.Key} ({health.Status}{(health.Message.Length > 0 ? ": " + health.Message : "")})" : null;
        }
        catch (Exception e) when (e is ClusterUnreachableException or UnknownKindException or KubernetesException { IsDenied: false })
        {
            // A cluster that comes back goes on; one that does not ends by the timeout, which names this.
            return $"{step.Key} ({e.Message})";
        }
    }
}
