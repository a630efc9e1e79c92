using Capstan.Delivery.Applications;
using Capstan.Delivery.Health;
using Capstan.Delivery.Sync;
using Capstan.Yaml;

namespace Capstan.Delivery.Controllers;

/// <summary>
/// Runs operations: on record before the first write, pinned to one commit, taken up again after a crash, and in the history when done.
/// </summary>
internal sealed class OperationRunner(RepositoryReader repositories, StatusPublisher publisher, DeliveryMetrics metrics, TimeProvider time)
{
    private const int FailedKept = 10;
    private static readonly string[] ServedSyncFields = ["revision", "prune", "dryRun", "syncOptions", "source", "syncStrategy", "autoHealAttemptsCount"];

    /// <summary>A new operation, not on record yet.</summary>
    public OperationState Begin(Application application, string revision, Initiator initiator) =>
        new(OperationPhase.Running, "", revision, initiator, time.GetUtcNow(), null, [])
        {
            Prune = application.Policy.Automated?.Prune == true,
            Source = application.Source.Body,
        };

    /// <summary>The operation that is to be run or finished; null when there is none.</summary>
    public async Task<OperationState?> PendingAsync(ApplicationState state, Application application, CancellationToken cancellation)
    {
        var stored = state.Status.Operation;
        if (application.Object.Status.At("operationState", "phase")?.AsString() == nameof(OperationPhase.Terminating) && stored is { IsFinished: false })
        {
            await FinishAsync(state, application, stored, OperationPhase.Failed, "Operation terminated", stored.Results, cancellation).ConfigureAwait(false);
            return null;
        }

        if (application.Operation is { } asked && application.Object.ResourceVersion != state.TakenVersion)
        {
            return await AskedAsync(state, application, asked, cancellation).ConfigureAwait(false);
        }

        // It was running when the process ended, or it waits to prune: it goes on at the commit at which it began.
        return stored is { IsFinished: false } ? stored : null;
    }

    /// <summary>Answers an operation that cannot be carried out.</summary>
    public async Task RefuseAsync(ApplicationState state, Application application, string message, CancellationToken cancellation)
    {
        var operation = Begin(application, "", InitiatorOf(application.Operation));
        state.Status = state.Status with { Operation = operation with { Phase = OperationPhase.Error, Message = message, FinishedAt = time.GetUtcNow() } };
        await publisher.WriteNowAsync(state, takeOperation: true, cancellation).ConfigureAwait(false);
        state.TakenVersion = application.Object.ResourceVersion;
    }

    // 1. What may be done. 2. On record. 3. Done. 4. In the history.
    public async Task RunAsync(ApplicationState state, Observation seen, OperationState operation, CancellationToken cancellation)
    {
        var application = seen.Application;
        operation = operation with { Revision = seen.Commit };
        if (!seen.CanSync)
        {
            var reasons = string.Join("; ", seen.Conditions.Where(c => c.IsError).Select(c => c.Message));
            await FinishAsync(state, application, operation, OperationPhase.Failed, reasons, [], cancellation).ConfigureAwait(false);
            return;
        }

        var pruneLast = application.Policy.Options.PruneLast;
        var plan = SyncPlanner.Plan(seen.Comparison, new SyncRules(operation.Prune, application.Policy.Automated?.AllowEmpty == true, pruneLast), seen.Commit);
        if (plan.Refusal is { } refusal)
        {
            await FinishAsync(state, application, operation, OperationPhase.Failed, refusal, [], cancellation).ConfigureAwait(false);
            return;
        }

        var hold = pruneLast && plan.Count(SyncAction.Prune) > 0 && !ReadyToPrune(plan, seen);
        if (hold && plan.Writes.All(s => s.Action == SyncAction.Prune))
        {
            state.Status = state.Status with { Operation = operation with { Message = "deletions wait until everything is healthy" } };
            return;
        }

        state.Status = state.Status with { Operation = operation, Revision = seen.Commit };
        await publisher.WriteNowAsync(state, application.Operation is not null, cancellation).ConfigureAwait(false);
        state.TakenVersion = application.Object.ResourceVersion;
        await ExecuteAsync(state, seen, operation, plan, hold, cancellation).ConfigureAwait(false);
    }

    private async Task ExecuteAsync(ApplicationState state, Observation seen, OperationState operation, SyncPlan plan, bool hold, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        state.Running = stop;
        SyncRun run;
        try
        {
            run = await seen.Cluster.Runner.RunAsync(plan, OptionsOf(seen, hold), stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            await FinishAsync(state, seen.Application, operation, OperationPhase.Failed, "Operation terminated", [], cancellation).ConfigureAwait(false);
            return;
        }
        finally
        {
            state.Running = null;
        }

        foreach (var outcome in run.Outcomes.Where(o => !o.HasFailed && o.Step.Writes))
        {
            metrics.Wrote(1);
            state.Wrote(outcome.Step.Key, outcome.Step.Live?.ResourceVersion ?? "", outcome.Object);
        }

        var results = operation.Results.Concat(run.Outcomes.Select(o => o.Result)).GroupBy(r => r.Key).Select(g => g.Last()).ToList();
        if (run is { Succeeded: true, PrunesWait: true })
        {
            state.Status = state.Status with { Operation = operation with { Message = run.Message, Results = results } };
            return;
        }

        var phase = run.Unreachable is not null ? OperationPhase.Error : run.Succeeded ? OperationPhase.Succeeded : OperationPhase.Failed;
        await FinishAsync(state, seen.Application, operation, phase, run.Message, results, cancellation).ConfigureAwait(false);
    }

    // The finish itself is not urgent: lost in a crash, the operation is run again and finds nothing to do. So it is written together with
    // what the next look at the cluster tells.
    private async Task FinishAsync(
        ApplicationState state, Application application, OperationState operation, OperationPhase phase, string message, IReadOnlyList<ResourceResult> results, CancellationToken cancellation)
    {
        var finished = operation with { Phase = phase, Message = message, Results = results, FinishedAt = time.GetUtcNow() };
        state.Status = state.Status with { Operation = finished };
        metrics.Synced(phase);

        // Undoing drift deploys nothing new.
        if (!finished.SelfHeal && finished.Revision.Length > 0)
        {
            var commit = await repositories.DescribeAsync(application.Source.RepoUrl, finished.Revision, cancellation).ConfigureAwait(false);
            state.Status = state.Status with { Deployments = Record(state.Status.Deployments, finished, commit?.AuthorName ?? "", commit?.Subject ?? "", application.HistoryLimit) };
        }
    }

    internal static IReadOnlyList<Deployment> Record(IReadOnlyList<Deployment> before, OperationState finished, string author, string subject, int limit)
    {
        // A retry is the same deployment, now with another outcome.
        var last = before.Count > 0 ? before[^1] : null;
        var again = finished.RetryCount > 0 && last is not null && last.Revision == finished.Revision && last.Outcome != OperationPhase.Succeeded;
        var deployment = new Deployment(
            again ? last!.Id : (last?.Id ?? -1) + 1, finished.Revision, author, subject, finished.StartedAt, finished.FinishedAt ?? finished.StartedAt,
            finished.Initiator, finished.Phase, finished.Message, finished.Source);
        var all = (again ? before.SkipLast(1) : before).Append(deployment).ToList();
        var keep = all.Where(d => d.Outcome == OperationPhase.Succeeded).TakeLast(Math.Max(limit, 1))
            .Concat(all.Where(d => d.Outcome != OperationPhase.Succeeded).TakeLast(FailedKept)).ToHashSet();
        return [.. all.Where(keep.Contains)];
    }

    private async Task<OperationState?> AskedAsync(ApplicationState state, Application application, YamlMap asked, CancellationToken cancellation)
    {
        var sync = asked["sync"] as YamlMap ?? YamlMap.Empty;
        var unserved = sync.Keys.Where(k => !ServedSyncFields.Contains(k)).ToList();
        if (unserved.Count > 0 || asked["sync"] is not YamlMap)
        {
            var what = unserved.Count > 0 ? string.Join(", ", unserved.Select(u => $"operation.sync.{u}")) : "an operation other than sync";
            await RefuseAsync(state, application, $"{what} is not supported yet", cancellation).ConfigureAwait(false);
            return null;
        }

        var revision = sync["revision"]?.AsString() ?? "";
        return Begin(application, revision, InitiatorOf(asked)) with { Prune = sync["prune"] is YamlScalar { Text: "true" } };
    }

    private static Initiator InitiatorOf(YamlMap? operation) => new(
        operation?.At("initiatedBy", "automated") is YamlScalar { Text: "true" }, operation?.At("initiatedBy", "username")?.AsString() ?? "");

    private static RunOptions OptionsOf(Observation seen, bool hold)
    {
        var space = seen.Application.Destination.Namespace;
        var missing = seen.Application.Policy.Options.CreateNamespace && space.Length > 0
            && seen.Cluster.Live.Find(new Resources.ObjectKey(new Resources.GroupKind("", "Namespace"), "", space)) is null
            && !seen.Desired.Objects.Any(o => o.Key.GroupKind == new Resources.GroupKind("", "Namespace") && o.Key.Name == space);
        return new RunOptions(missing ? space : "", hold);
    }

    private static bool ReadyToPrune(SyncPlan plan, Observation seen) =>
        plan.Writes.All(s => s.Action == SyncAction.Prune)
        && seen.Comparison.Objects.Where(o => o.Desired is not null).All(o => AggregateHealth.Of(o) is null or AggregateHealth.Healthy or "Suspended");
}
