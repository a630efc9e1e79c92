using Capstan.Delivery.Applications;
using Capstan.Delivery.Projects.Windows;
using Capstan.Delivery.Sync;
using Capstan.Delivery.Sync.Directives;
using Capstan.Faults;

namespace Capstan.Delivery.Controllers;

/// <summary>
/// Runs operations: on record before the first write, pinned to one commit, wave after wave, taken up again after a crash, and in the history when
/// done. Each call makes one pass; between two of them objects become healthy and hooks complete.
/// </summary>
internal sealed class OperationRunner(OperationDesk desk, StatusPublisher publisher, DeliveryMetrics metrics, DeliveryOptions options, TimeProvider time)
{
    // News come by the watch; this is for the case that none does.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    // 1. What may be done. 2. What became of what was begun. 3. What comes next.
    public async Task<OperationPass> RunAsync(ApplicationState state, Observation seen, OperationState operation, CancellationToken cancellation)
    {
        var application = seen.Application;
        operation = operation with { Revision = seen.Commit };
        if (!seen.CanSync)
        {
            var reasons = string.Join("; ", seen.Conditions.Where(c => c.IsError).Select(c => c.Message));
            return await EndAsync(state, seen, operation, OperationPhase.Failed, reasons, cancellation).ConfigureAwait(false);
        }

        if (application.Policy.Options.FailOnSharedResource && seen.Conditions.Where(c => c.Type == ConditionTypes.SharedResource).ToList() is { Count: > 0 } shared)
        {
            var which = $"Shared resource found (sync option FailOnSharedResource=true): {string.Join("; ", shared.Select(c => c.Message))}";
            return await EndAsync(state, seen, operation, OperationPhase.Failed, which, cancellation).ConfigureAwait(false);
        }

        if (!operation.DryRun && ClosedWindow(operation, seen) is { } closed)
        {
            return Waits(state, operation, $"waiting for a sync window: {closed.Message}", closed.Until is { } until && until - time.GetUtcNow() is var wait && wait < LongestWait ? wait : LongestWait);
        }

        var plan = OperationPlan.Of(operation, seen);
        if (plan.Refusal is { } refusal)
        {
            return await EndAsync(state, seen, operation, OperationPhase.Failed, refusal, cancellation).ConfigureAwait(false);
        }

        if (operation.DryRun)
        {
            await RecordAsync(state, application, operation, cancellation).ConfigureAwait(false);
            return await ExecuteAsync(state, seen, operation, plan, new NextMove.Run(plan.Steps, Ends: true), cancellation).ConfigureAwait(false);
        }

        var (schedule, results) = await seen.Cluster.Hooks.LookAsync(plan, operation.Results, operation.Id, cancellation).ConfigureAwait(false);
        operation = operation with { Results = results };
        return schedule.Next() switch
        {
            NextMove.Run run when RestBetweenWaves(state, operation) is { } rest => Waits(state, operation, $"{run.Steps.Count} objects of wave {run.Steps[0].Wave} come next", rest),
            NextMove.Run run => await RunWaveAsync(state, seen, operation, plan, run, cancellation).ConfigureAwait(false),
            NextMove.Wait wait => Waits(state, operation, wait.Message, LookAgain),
            NextMove.Finish { Succeeded: true } done => await EndAsync(state, seen, operation, OperationPhase.Succeeded, done.Message, cancellation).ConfigureAwait(false),
            NextMove.Finish done => await EndAsync(state, seen, operation, OperationPhase.Failed, done.Message, cancellation).ConfigureAwait(false),
            _ => OperationPass.Over,
        };
    }

    // A sync that was asked for in spite of a closed window waits for it, and so does one whose window closes while it runs.
    private WindowDecision? ClosedWindow(OperationState operation, Observation seen)
    {
        var (now, manual) = (time.GetUtcNow(), !operation.Initiator.Automated);
        return WindowDecision.GoesOn(seen.Windows, operation.StartedAt, now, manual) ? null : WindowDecision.Of(seen.Windows, now);
    }

    private OperationPass Waits(ApplicationState state, OperationState operation, string message, TimeSpan wait)
    {
        state.Status = state.Status with { Operation = operation with { Message = message } };
        publisher.Publish(state);
        return new OperationPass(Wait: wait);
    }

    // Controllers need a moment to notice what was applied, before its health means anything (Argo CD's ARGOCD_SYNC_WAVE_DELAY).
    private TimeSpan? RestBetweenWaves(ApplicationState state, OperationState operation)
    {
        var left = options.WaveDelay - time.GetElapsedTime(state.WaveEndedAt);
        return operation.Results.Count > 0 && state.WaveEndedAt != 0 && left > TimeSpan.Zero ? left : null;
    }

    private async Task<OperationPass> RunWaveAsync(ApplicationState state, Observation seen, OperationState operation, SyncPlan plan, NextMove.Run run, CancellationToken cancellation)
    {
        if (operation.Results.Count == 0 || state.Status.Operation?.Id != operation.Id)
        {
            await RecordAsync(state, seen.Application, operation, cancellation).ConfigureAwait(false);
        }

        using var traced = PushTraces.Step("sync wave")?.SetTag("capstan.sync.wave", run.Steps.Count > 0 ? run.Steps[0].Wave : 0).SetTag("capstan.sync.objects", run.Steps.Count);
        var pass = await ExecuteAsync(state, seen, operation, plan, run, cancellation).ConfigureAwait(false);
        state.WaveEndedAt = time.GetTimestamp();
        return pass;
    }

    private async Task RecordAsync(ApplicationState state, Application application, OperationState operation, CancellationToken cancellation)
    {
        state.Status = state.Status with { Operation = operation, Revision = operation.Revision, ComparedTo = application.ComparedTo };
        Failpoints.Reach(Failpoints.BeforeRecord);
        await publisher.WriteNowAsync(state, application.Operation is not null, cancellation).ConfigureAwait(false);
        Failpoints.Reach(Failpoints.AfterRecord);
        state.TakenVersion = application.Object.ResourceVersion;
    }

    private async Task<OperationPass> ExecuteAsync(ApplicationState state, Observation seen, OperationState operation, SyncPlan plan, NextMove.Run run, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        state.Running = stop;
        SyncRun done;
        try
        {
            done = await seen.Cluster.Runner.RunAsync(plan with { Steps = run.Steps }, OperationPlan.OptionsOf(operation, seen, plan), stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return await EndAsync(state, seen, operation, OperationPhase.Failed, "Operation terminated", cancellation).ConfigureAwait(false);
        }
        finally
        {
            state.Running = null;
        }

        foreach (var outcome in done.Outcomes.Where(o => !o.HasFailed && o.Step.Writes && !operation.DryRun))
        {
            metrics.Wrote(1);
            state.Wrote(outcome.Step.Key, outcome.Step.Live?.ResourceVersion ?? "", outcome.Object);
        }

        operation = operation with { Results = Together(operation.Results, done) };
        if (done.Unreachable is { } cause)
        {
            return await EndAsync(state, seen, operation, OperationPhase.Error, cause, cancellation).ConfigureAwait(false);
        }

        if (done.IsDryRun)
        {
            return await EndAsync(state, seen, operation, done.Succeeded ? OperationPhase.Succeeded : OperationPhase.Failed, done.Message, cancellation).ConfigureAwait(false);
        }

        if (run.Ends && (done.Succeeded || !plan.Steps.Any(s => s.IsHook)))
        {
            return await EndAsync(state, seen, operation, done.Succeeded ? OperationPhase.Succeeded : OperationPhase.Failed, done.Message, cancellation).ConfigureAwait(false);
        }

        if (done.Postponed.Count > 0)
        {
            return Waits(state, operation, $"waiting until the object of an earlier run of hook {done.Postponed[0].Key} is gone", LookAgain);
        }

        state.Status = state.Status with { Operation = operation with { Message = $"wave {run.Steps[0].Wave} of {run.Steps[0].Phase} was applied" } };
        return new OperationPass(GoesOn: true);
    }

    private static List<ResourceResult> Together(IReadOnlyList<ResourceResult> before, SyncRun run) =>
        [.. before.Concat(run.Outcomes.Select(o => o.Result)).GroupBy(r => (r.Phase, r.Key)).Select(g => g.Last())];

    // The hooks' policies are carried out before the end is told, and after what they came to is on record: so none is taken for lost.
    private async Task<OperationPass> EndAsync(
        ApplicationState state, Observation seen, OperationState operation, OperationPhase phase, string message, CancellationToken cancellation)
    {
        var policy = phase == OperationPhase.Succeeded ? HookDeletion.HookSucceeded : HookDeletion.HookFailed;
        if (operation.Results.Any(r => r.IsHook) && seen.Comparison.Hooks.Any(h => h.Directives.Deletion.HasFlag(policy)))
        {
            state.Status = state.Status with { Operation = operation };
            await publisher.WriteNowAsync(state, takeOperation: false, cancellation).ConfigureAwait(false);
            await seen.Cluster.Hooks.CleanAsync(
                OperationPlan.Of(operation, seen).Steps, operation.Results, operation.Id, phase == OperationPhase.Succeeded, cancellation).ConfigureAwait(false);
        }

        Failpoints.Reach(Failpoints.BeforeFinish);
        await desk.FinishAsync(state, seen.Application, operation, phase, message, cancellation).ConfigureAwait(false);
        Failpoints.Reach(Failpoints.AfterFinish);
        state.WaveEndedAt = 0;
        return OperationPass.Over;
    }
}
