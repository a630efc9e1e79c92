using Capstan.Delivery.Applications;
using Capstan.Resources;

namespace Capstan.Delivery.Sync;

/// <summary>What a sync does next.</summary>
internal abstract record NextMove
{
    /// <summary>Steps of one wave are carried out.</summary>
    /// <param name="Steps">The steps, in their order.</param>
    /// <param name="Ends">Whether the sync is over with them, without waiting for health.</param>
    public sealed record Run(IReadOnlyList<SyncStep> Steps, bool Ends) : NextMove;

    /// <summary>Something has to become healthy, complete or go first.</summary>
    /// <param name="Message">What is waited for.</param>
    public sealed record Wait(string Message) : NextMove;

    /// <summary>Everything was done, or nothing more will be.</summary>
    /// <param name="Succeeded">Whether it worked.</param>
    /// <param name="Message">What there is to say.</param>
    public sealed record Finish(bool Succeeded, string Message) : NextMove;
}

/// <summary>
/// Where a sync stands, told from its plan, what it did so far and what is live. Pure, so that a sync can be left at any point and taken up again,
/// also by another process. The rules are Argo CD's (gitops-engine, pkg/sync/sync_context.go), but for this: a failed task ends a sync without
/// waiting for objects beside it that only make progress.
/// </summary>
/// <param name="plan">The plan as of now.</param>
/// <param name="ledger">What the sync did so far.</param>
/// <param name="hooks">The live object that this very sync made of a hook in a phase; null when it is not there.</param>
internal sealed class SyncSchedule(SyncPlan plan, IReadOnlyList<ResourceResult> ledger, Func<(SyncPhase, ObjectKey), KubernetesObject?> hooks)
{
    /// <summary>What is said of a sync in which nothing went wrong.</summary>
    public const string AllRun = "successfully synced (all tasks run)";

    private const int MostNamed = 50;
    private readonly Dictionary<(SyncPhase, ObjectKey), ResourceResult> _ledger = ledger.GroupBy(r => (r.Phase, r.Key)).ToDictionary(g => g.Key, g => g.Last());

    private enum Standing
    {
        Pending,
        Running,
        Succeeded,
        Failed,
    }

    /// <summary>How far a hook is, told from its object.</summary>
    public Func<KubernetesObject, HookOutcome> Outcome { get; init; } = HookOutcome.Of;

    /// <summary>What comes next.</summary>
    public NextMove Next()
    {
        if (plan.Steps.Where(s => s.AwaitsApproval).ToList() is { Count: > 0 } unconfirmed)
        {
            return new NextMove.Wait(Naming("waiting for pruning confirmation of", unconfirmed));
        }

        var waves = plan.Steps.Where(s => IsTask(s) && s.Phase != SyncPhase.SyncFail).GroupAdjacent(s => (s.Phase, s.Wave)).ToList();
        for (var i = 0; i < waves.Count; i++)
        {
            // What is applied last is not waited for, unless a hook runs beside it.
            var isLast = i == waves.Count - 1 && !waves[i].Any(s => s.IsHook);
            if (NextOf(waves[i], isLast) is { } move)
            {
                return move;
            }
        }

        return new NextMove.Finish(true, AllRun);
    }

    // 1. What failed. 2. What was not begun yet. 3. What goes on. Null when the wave is done.
    private NextMove? NextOf(IReadOnlyList<SyncStep> wave, bool isLast)
    {
        var tasks = wave.Select(s => (Step: s, Standing: StandingOf(s))).ToList();
        var running = tasks.Where(t => t.Standing == Standing.Running).Select(t => t.Step).ToList();
        var failed = tasks.Where(t => t.Standing == Standing.Failed && (!isLast || HasFailed(t.Step))).Select(t => t.Step).ToList();
        if (failed.Count > 0)
        {
            return running.Where(s => s.IsHook).ToList() is { Count: > 0 } hooksRunning ? new NextMove.Wait(WaitingFor(hooksRunning)) : Failed(failed);
        }

        var pending = tasks.Where(t => t.Standing == Standing.Pending).Select(t => t.Step).ToList();
        return pending.Count > 0 ? new NextMove.Run(pending, isLast)
            : !isLast && running.Count > 0 ? new NextMove.Wait(WaitingFor(running))
            : null;
    }

    private bool HasFailed(SyncStep step) =>
        _ledger.GetValueOrDefault((step.Phase, step.Key)) is { Code: ResourceResult.SyncFailed } or { Task: TaskPhase.Failed };

    /// <summary>The ledger with what became of its tasks since.</summary>
    public IReadOnlyList<ResourceResult> Settled()
    {
        var tasks = plan.Steps.Where(IsTask).ToLookup(s => (s.Phase, s.Key));
        return [.. ledger.Select(r => tasks[(r.Phase, r.Key)].FirstOrDefault() is { IsHook: true } step && r.Task == TaskPhase.Running ? Settle(r, step) : r)];
    }

    private ResourceResult Settle(ResourceResult result, SyncStep step)
    {
        var (standing, message) = HookStanding(step);
        return standing switch
        {
            Standing.Succeeded => result with { Task = TaskPhase.Succeeded, Message = message },
            Standing.Failed => result with { Task = TaskPhase.Failed, Message = message },
            _ => result with { Message = message },
        };
    }

    // Kept objects are no tasks, but for one whose deletion is our own and still under way.
    private bool IsTask(SyncStep step) =>
        step.Action != SyncAction.Keep || (step.Live is not null && _ledger.TryGetValue((step.Phase, step.Key), out var done) && done.Code == ResourceResult.Pruned);

    private Standing StandingOf(SyncStep step)
    {
        if (!_ledger.TryGetValue((step.Phase, step.Key), out var done))
        {
            // An object that is as desired needs no write; its health counts when its wave has come.
            return step.Action == SyncAction.None ? PlainStanding(step) : Standing.Pending;
        }

        if (done.Code == ResourceResult.SyncFailed || done.Task == TaskPhase.Failed)
        {
            return Standing.Failed;
        }

        if (done.Task == TaskPhase.Succeeded)
        {
            return Standing.Succeeded;
        }

        return step.IsHook ? HookStanding(step).Standing : PlainStanding(step);
    }

    // A kind without a rule counts as done. Whatever else is not healthy yet is waited for.
    private static Standing PlainStanding(SyncStep step) => step.Desired is null ? (step.Live is null ? Standing.Succeeded : Standing.Running)
        : step.Live is null ? Standing.Succeeded
        : step.Health?.Status switch
        {
            null or HealthStatus.Healthy => Standing.Succeeded,
            HealthStatus.Degraded => Standing.Failed,
            _ => Standing.Running,
        };

    private (Standing Standing, string Message) HookStanding(SyncStep step)
    {
        if (hooks((step.Phase, step.Key)) is not { } hook)
        {
            return (Standing.Failed, $"{step.Key} was deleted while it ran");
        }

        var (task, message) = Outcome(hook);
        return task switch
        {
            TaskPhase.Succeeded => (Standing.Succeeded, message),
            TaskPhase.Running => (Standing.Running, message),
            _ => (Standing.Failed, message),
        };
    }

    // Hooks for failures run first; one of them that fails only adds its text.
    private NextMove Failed(IReadOnlyList<SyncStep> failed)
    {
        var message = "one or more synchronization tasks completed unsuccessfully, reason: " + string.Join("; ", failed.Take(MostNamed).Select(Reason));
        var last = plan.Steps.Where(s => s.IsHook && s.Phase == SyncPhase.SyncFail).Select(s => (Step: s, Standing: StandingOf(s))).ToList();
        if (last.Where(t => t.Standing == Standing.Running).Select(t => t.Step).ToList() is { Count: > 0 } running)
        {
            return new NextMove.Wait($"{message}; {WaitingFor(running)}");
        }

        if (last.Where(t => t.Standing == Standing.Pending).Select(t => t.Step).ToList() is { Count: > 0 } pending)
        {
            return new NextMove.Run([.. pending.TakeWhile(s => s.Wave == pending[0].Wave)], Ends: false);
        }

        return new NextMove.Finish(false, string.Concat([message, .. last.Where(t => t.Standing == Standing.Failed).Select(t => $"; {Reason(t.Step)}")]));
    }

    private string Reason(SyncStep step)
    {
        var said = _ledger.GetValueOrDefault((step.Phase, step.Key));
        if (said is { Code: ResourceResult.SyncFailed })
        {
            return said.Message;
        }

        return step.IsHook ? $"{step.Phase} hook {step.Key} failed: {(said is { Task: TaskPhase.Failed } ? said.Message : HookStanding(step).Message)}"
            : $"{step.Key} is Degraded: {step.Health?.Message}";
    }

    private static string WaitingFor(IReadOnlyList<SyncStep> running) =>
        running.FirstOrDefault(s => s.IsHook) is not null ? Naming("waiting for completion of hook", [.. running.Where(s => s.IsHook)])
        : running.All(s => s.Desired is null) ? Naming("waiting for deletion of", running) + string.Concat(running.Select(s => s.Live is { } live ? Explaining.StuckDeletion.Of(live) : null).OfType<string>().Take(1).Select(why => $"; {why}"))
        : Naming("waiting for healthy state of", running);

    private static string Naming(string what, IReadOnlyList<SyncStep> steps) =>
        steps.Count == 1 ? $"{what} {steps[0].Key}" : $"{what} {steps[0].Key} and {steps.Count - 1} more";
}
