using System.Security.Cryptography;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Comparing;
using Capstan.Delivery.Sync;
using Capstan.Delivery.Sync.Directives;
using Capstan.Yaml;

namespace Capstan.Delivery.Controllers;

/// <summary>How far the hooks of a deletion are.</summary>
/// <param name="Task">Whether some still run, or how they ended.</param>
/// <param name="Message">What is waited for, or what failed.</param>
internal readonly record struct DeletionHookState(TaskPhase Task, string Message);

/// <summary>
/// Runs the hooks before and after the objects of a deleted Application go. There is no operation to keep a ledger, so the hooks' own objects are
/// it: each carries the deletion, and what the hook says now. A hook that failed runs again when its manifest was corrected, and only then.
/// </summary>
internal sealed class DeletionHooks(Observer observer, StatusPublisher publisher)
{
    private static readonly (SyncPhase Phase, HookTypes Type, string Finalizer)[] Phases =
    [
        (SyncPhase.PreDelete, HookTypes.PreDelete, Application.PreDeleteFinalizer),
        (SyncPhase.PostDelete, HookTypes.PostDelete, Application.PostDeleteFinalizer),
    ];

    /// <summary>
    /// Has the Application wait for its hooks when it is deleted: by finalizers that are there as long as its source has such hooks.
    /// </summary>
    public async Task RegisterAsync(ApplicationState state, Application application, DesiredSet desired, CancellationToken cancellation)
    {
        // Both from the beginning: none can be added to an object that is being deleted.
        static IEnumerable<string> Both(string finalizer) => [finalizer, finalizer + Application.Cleanup];
        var wanted = Phases.Where(p => desired.Hooks.Any(h => h.Directives.Hooks.HasFlag(p.Type))).SelectMany(p => Both(p.Finalizer)).ToHashSet();
        var known = Phases.SelectMany(p => Both(p.Finalizer)).ToHashSet();
        if (application.IsBeingDeleted || application.Object.Finalizers.Where(known.Contains).ToHashSet().SetEquals(wanted))
        {
            return;
        }

        await publisher.ChangeFinalizersAsync(state.Key, now => now.Where(f => !known.Contains(f)).Concat(wanted), cancellation).ConfigureAwait(false);
    }

    /// <summary>Runs what is due of the hooks of one phase, wave after wave.</summary>
    /// <exception cref="ObservationException">The source cannot be read or compared.</exception>
    public async Task<DeletionHookState> RunAsync(ApplicationState state, Application application, SyncPhase phase, CancellationToken cancellation)
    {
        var (seen, steps) = await StepsAsync(state, application, phase, cancellation).ConfigureAwait(false);
        if (!seen.CanSync)
        {
            return new DeletionHookState(TaskPhase.Failed, string.Join("; ", seen.Conditions.Where(c => c.IsError).Select(c => c.Message)));
        }

        foreach (var wave in steps.GroupAdjacent(s => s.Wave))
        {
            var running = new List<string>();
            foreach (var step in wave)
            {
                var now = await OneAsync(seen.Cluster.Hooks, step, Mark(application, step), cancellation).ConfigureAwait(false);
                if (now.Task == TaskPhase.Failed)
                {
                    return now with { Message = $"{phase} hook {step.Key} failed: {now.Message}; it runs again when its manifest is corrected" };
                }

                if (now.Task == TaskPhase.Running)
                {
                    running.Add(step.Key.ToString());
                }
            }

            if (running.Count > 0)
            {
                return new DeletionHookState(TaskPhase.Running, $"waiting for completion of {phase} hook {string.Join(", ", running)}");
            }
        }

        return new DeletionHookState(TaskPhase.Succeeded, "");
    }

    /// <summary>Lets the objects of hooks that have ended go, and deletes those whose policy says so.</summary>
    public async Task CleanAsync(ApplicationState state, Application application, SyncPhase phase, CancellationToken cancellation)
    {
        var (seen, steps) = await StepsAsync(state, application, phase, cancellation).ConfigureAwait(false);
        foreach (var step in steps)
        {
            if (await seen.Cluster.Hooks.FindAsync(step.Key, phase, Mark(application, step), cancellation).ConfigureAwait(false) is not { } hook)
            {
                continue;
            }

            await (step.Desired!.Directives.Deletion.HasFlag(HookDeletion.HookSucceeded)
                ? seen.Cluster.Hooks.DeleteAsync(hook, cancellation)
                : seen.Cluster.Hooks.ReleaseAsync(hook, cancellation)).ConfigureAwait(false);
        }
    }

    private async Task<(Observation Seen, IReadOnlyList<SyncStep> Steps)> StepsAsync(ApplicationState state, Application application, SyncPhase phase, CancellationToken cancellation)
    {
        var seen = await observer.LookAsync(state, application, application.WantedRevisions, hard: false, cancellation).ConfigureAwait(false);
        var type = Phases.First(p => p.Phase == phase).Type;
        var steps = seen.Comparison.Hooks.Where(h => h.Directives.Hooks.HasFlag(type)).Select(hook =>
        {
            var named = HookNames.Named(hook, phase, "delete", StatusReader.Time(application.Object.Metadata["deletionTimestamp"]));

            // What an earlier manifest made of it gives way, whatever the policy is.
            var directives = hook.Directives with { Deletion = hook.Directives.Deletion | HookDeletion.BeforeHookCreation };
            return new SyncStep(SyncAction.Hook, named.Kind, named.Key, named, null, []) { Phase = phase, Wave = hook.Directives.Wave, Directives = directives };
        });
        return (seen, [.. steps.OrderBy(s => s.Wave).ThenBy(s => s.Key, Comparer<Resources.ObjectKey>.Create(SyncOrder.Compare))]);
    }

    private static async Task<DeletionHookState> OneAsync(HookRunner hooks, SyncStep step, string mark, CancellationToken cancellation)
    {
        if (await hooks.FindAsync(step.Key, step.Phase, mark, cancellation).ConfigureAwait(false) is not { } made)
        {
            var outcome = await hooks.RunAsync(step, mark, dryRun: false, cancellation).ConfigureAwait(false);
            return outcome?.Object is { } hook ? await StateAsync(hooks, hook, cancellation).ConfigureAwait(false) : new DeletionHookState(TaskPhase.Running, "");
        }

        var state = await StateAsync(hooks, made, cancellation).ConfigureAwait(false);
        if (state.Task == TaskPhase.Failed)
        {
            await hooks.ReleaseAsync(made, cancellation).ConfigureAwait(false);
        }

        return state;
    }

    private static async Task<DeletionHookState> StateAsync(HookRunner hooks, Resources.KubernetesObject hook, CancellationToken cancellation)
    {
        var outcome = await hooks.OutcomeAsync(hook, cancellation).ConfigureAwait(false);
        return new DeletionHookState(outcome.Task, outcome.Message);
    }

    // A deletion has one run of each manifest.
    private static string Mark(Application application, SyncStep step)
    {
        var content = Convert.ToHexStringLower(SHA256.HashData(JsonText.WriteBytes(step.Desired!.Object.Body)))[..12];
        return $"delete-{application.Object.Metadata["deletionTimestamp"]?.AsString()}-{content}";
    }
}
