using System.Globalization;
using Capstan.Delivery.Sync;
using Capstan.Kubernetes;

namespace Capstan.Delivery.ApplySets;

/// <summary>Carries a plan with waves or hooks out from one process that waits for them: the schedule of an Application's sync, in one sitting.</summary>
/// <param name="client">The cluster.</param>
/// <param name="slots">How many writes may run at the same time.</param>
/// <param name="time">The clock.</param>
internal sealed class WaveRun(ClusterClient client, SemaphoreSlim slots, TimeProvider time)
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(500);

    private readonly SyncRunner _runner = new(client, slots, time);
    private readonly HookRunner _hooks = new(client, time);

    /// <summary>Whether a plan needs it: more than one wave, or a hook.</summary>
    public static bool IsNeededFor(SyncPlan plan) =>
        plan.Steps.Any(s => s.IsHook) || plan.Steps.Where(s => s.Writes).Select(s => (s.Phase, s.Wave)).Distinct().Skip(1).Any();

    /// <summary>Carries it out until it is over or the time is up.</summary>
    /// <param name="plan">The plan at the beginning.</param>
    /// <param name="replan">Plans again with what is live then.</param>
    /// <param name="startedAt">When it began, which the names of hooks tell.</param>
    /// <param name="limit">How long to wait for health and hooks in all.</param>
    /// <param name="tell">Told what is waited for, each thing once.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<SyncRun> RunAsync(
        SyncPlan plan, Func<CancellationToken, Task<SyncPlan>> replan, DateTimeOffset startedAt, TimeSpan limit, Action<string> tell, CancellationToken cancellation)
    {
        var operation = string.Create(CultureInfo.InvariantCulture, $"push-{startedAt.ToUnixTimeMilliseconds()}");
        var outcomes = new List<StepOutcome>();
        var (started, told) = (time.GetTimestamp(), "");
        while (true)
        {
            var schedule = await ScheduleAsync(plan, outcomes, operation, cancellation).ConfigureAwait(false);
            switch (schedule.Next())
            {
                case NextMove.Run wave:
                    var run = await _runner.RunAsync(
                        plan with { Steps = wave.Steps }, new RunOptions { Whole = plan, TriesFirst = outcomes.Count == 0, Operation = operation }, cancellation).ConfigureAwait(false);
                    outcomes.AddRange(run.Outcomes);
                    if (run.Unreachable is not null || run.IsDryRun || (wave.Ends && run.Succeeded))
                    {
                        return run with { Outcomes = outcomes };
                    }

                    break;
                case NextMove.Wait wait when time.GetElapsedTime(started) >= limit:
                    return new SyncRun(outcomes) { Failure = $"{wait.Message} took longer than {limit.TotalSeconds:0} s; look at it with kubectl describe, or give more time with --timeout" };
                case NextMove.Wait wait:
                    if (wait.Message != told)
                    {
                        tell(told = wait.Message);
                    }

                    await Task.Delay(Glance, time, cancellation).ConfigureAwait(false);
                    break;
                case NextMove.Finish end:
                    await _hooks.CleanAsync(plan.Steps, [.. outcomes.Select(o => o.Result)], operation, end.Succeeded, cancellation).ConfigureAwait(false);
                    return new SyncRun(outcomes) { Failure = end.Succeeded ? null : end.Message };
            }

            plan = await replan(cancellation).ConfigureAwait(false);
        }
    }

    // What became of hooks is kept in the outcomes.
    private async Task<SyncSchedule> ScheduleAsync(SyncPlan plan, List<StepOutcome> outcomes, string operation, CancellationToken cancellation)
    {
        var (schedule, ledger) = await _hooks.LookAsync(plan, [.. outcomes.Select(o => o.Result)], operation, cancellation).ConfigureAwait(false);
        for (var i = 0; i < ledger.Count; i++)
        {
            outcomes[i] = outcomes[i] with { Result = ledger[i] };
        }

        return schedule;
    }
}
