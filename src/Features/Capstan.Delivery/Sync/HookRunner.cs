using Capstan.Delivery.Applications;
using Capstan.Delivery.Sync.Directives;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Sync;

/// <summary>
/// Makes the objects of hooks and lets them go. The object itself keeps the ledger: it carries which run made it, so that a sync that is taken up
/// again neither runs a hook twice nor takes the remains of an earlier sync for its own.
/// </summary>
internal sealed class HookRunner(ClusterClient client, TimeProvider time)
{
    /// <summary>Which run made the object of a hook.</summary>
    public const string RunAnnotation = "capstan.dev/hook-run";

    /// <summary>Keeps the result of a hook readable until the sync has seen it.</summary>
    public const string Finalizer = "argocd.argoproj.io/hook-finalizer";

    private static readonly TimeSpan DeletionWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);

    /// <summary>How the object of a hook is doing.</summary>
    public Func<KubernetesObject, CancellationToken, ValueTask<HealthAssessment?>> Health { get; set; } = static (hook, _) => new(HealthAssessment.Of(hook));

    /// <summary>How far a hook is.</summary>
    public async ValueTask<HookOutcome> OutcomeAsync(KubernetesObject hook, CancellationToken cancellation) =>
        HookOutcome.Of(hook, await Health(HookOutcome.Held(hook), cancellation).ConfigureAwait(false));

    /// <summary>What the object of a hook carries: the operation and the part of it.</summary>
    public static string Mark(string operation, SyncPhase phase) => $"{operation}/{phase}";

    /// <summary>Runs a hook; null when what is left of an earlier run is not gone yet.</summary>
    public async Task<StepOutcome?> RunAsync(SyncStep step, string operation, bool dryRun, CancellationToken cancellation)
    {
        var resource = await client.ResolveAsync(step.Kind, cancellation).ConfigureAwait(false);
        var mark = Mark(operation, step.Phase);
        var live = await client.FindAsync(resource, step.Key.Namespace, step.Key.Name, cancellation).ConfigureAwait(false);
        if (dryRun)
        {
            return live is not null ? Outcome(step, live, "not tried: an object of an earlier run is there") : Outcome(step, null, (await MakeAsync(step, mark, dryRun: true, cancellation).ConfigureAwait(false)).Warnings);
        }

        if (live?.Annotation(RunAnnotation) == mark)
        {
            return Outcome(step, live, "was made before");
        }

        if (live is not null && step.Directives.Deletion.HasFlag(HookDeletion.BeforeHookCreation) && !await GoesAsync(resource, live, cancellation).ConfigureAwait(false))
        {
            return null;
        }

        var made = await MakeAsync(step, mark, dryRun: false, cancellation).ConfigureAwait(false);
        return Outcome(step, made.Object, made.Warnings);
    }

    /// <summary>
    /// Where a run stands now: what became of its hooks since, and what comes next. Only hooks that still ran are looked for; one that has ended
    /// lets its object go as it likes before that is on record, so that nothing is left behind.
    /// </summary>
    /// <param name="plan">The plan as of now.</param>
    /// <param name="ledger">What the run did so far.</param>
    /// <param name="operation">Which run.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<(SyncSchedule Schedule, IReadOnlyList<ResourceResult> Ledger)> LookAsync(
        SyncPlan plan, IReadOnlyList<ResourceResult> ledger, string operation, CancellationToken cancellation)
    {
        var running = ledger.Where(r => r.IsHook && r.Task == TaskPhase.Running).Select(r => (r.Phase, r.Key)).ToHashSet();
        var live = new Dictionary<(SyncPhase, ObjectKey), KubernetesObject?>();
        var outcomes = new Dictionary<KubernetesObject, HookOutcome>(ReferenceEqualityComparer.Instance);
        foreach (var step in plan.Steps.Where(s => s.IsHook && running.Contains((s.Phase, s.Key))))
        {
            // Read from the server: a cache may still show an earlier run.
            var hook = live[(step.Phase, step.Key)] = await FindAsync(step.Key, step.Phase, operation, cancellation).ConfigureAwait(false);
            if (hook is not null)
            {
                outcomes[hook] = await OutcomeAsync(hook, cancellation).ConfigureAwait(false);
            }
        }

        var settled = new SyncSchedule(plan, ledger, live.GetValueOrDefault) { Outcome = o => outcomes[o] }.Settled();
        foreach (var result in settled.Where(r => r.IsHook && r.Task != TaskPhase.Running))
        {
            if (live.GetValueOrDefault((result.Phase, result.Key)) is { } ended)
            {
                await ReleaseAsync(ended, cancellation).ConfigureAwait(false);
            }
        }

        return (new SyncSchedule(plan, settled, live.GetValueOrDefault) { Outcome = o => outcomes[o] }, settled);
    }

    /// <summary>Deletes the objects of a run's hooks whose policy says so when it ends.</summary>
    /// <param name="steps">The hooks' steps.</param>
    /// <param name="ledger">What the run did; what it did not make is none of its own.</param>
    /// <param name="operation">Which run.</param>
    /// <param name="succeeded">How it ended.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task CleanAsync(IEnumerable<SyncStep> steps, IReadOnlyList<ResourceResult> ledger, string operation, bool succeeded, CancellationToken cancellation)
    {
        var made = ledger.Where(r => r.IsHook).Select(r => (r.Phase, r.Key)).ToHashSet();
        var policy = succeeded ? HookDeletion.HookSucceeded : HookDeletion.HookFailed;
        foreach (var step in steps.Where(s => s.IsHook && s.Directives.Deletion.HasFlag(policy) && made.Contains((s.Phase, s.Key))))
        {
            if (await FindAsync(step.Key, step.Phase, operation, cancellation).ConfigureAwait(false) is { } hook)
            {
                await DeleteAsync(hook, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Deletes the objects of a run's hooks that still run, whatever their policies say: nobody waits for them any more.</summary>
    public async Task StopAsync(IReadOnlyList<ResourceResult> ledger, string operation, CancellationToken cancellation)
    {
        foreach (var running in ledger.Where(r => r.IsHook && r.Task == TaskPhase.Running))
        {
            if (await FindAsync(running.Key, running.Phase, operation, cancellation).ConfigureAwait(false) is { } hook)
            {
                await DeleteAsync(hook, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The object that this very run of the hook made; null when it is gone, or another one has taken its place.</summary>
    public async Task<KubernetesObject?> FindAsync(ObjectKey key, SyncPhase phase, string operation, CancellationToken cancellation)
    {
        var live = await client.FindAsync(key, cancellation).ConfigureAwait(false);
        return live?.Annotation(RunAnnotation) == Mark(operation, phase) ? live : null;
    }

    /// <summary>Lets the object of a hook end as it would without us.</summary>
    public async Task ReleaseAsync(KubernetesObject hook, CancellationToken cancellation)
    {
        if (!hook.Finalizers.Contains(Finalizer))
        {
            return;
        }

        try
        {
            // Guarded by the version, since a list is replaced as a whole; who lost the race looks again at the next pass.
            var rest = new YamlList(hook.Finalizers.Where(f => f != Finalizer).Select(f => (YamlNode)f));
            var patch = YamlMap.Of(("metadata", YamlMap.Of(("finalizers", rest), ("resourceVersion", hook.ResourceVersion))));
            var resource = await client.ResolveAsync(hook.GroupVersionKind, cancellation).ConfigureAwait(false);
            await client.PatchAsync(resource, hook.Namespace, hook.Name, PatchKind.Merge, patch, new WriteOptions { FieldManager = FieldTakeover.Manager }, cancellation: cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException error) when (error.IsNotFound)
        {
            // It is gone already, which is what was wanted.
        }
    }

    /// <summary>Deletes the object of a hook.</summary>
    public async Task DeleteAsync(KubernetesObject hook, CancellationToken cancellation)
    {
        await ReleaseAsync(hook, cancellation).ConfigureAwait(false);
        if (hook.DeletionTimestamp is null)
        {
            await client.DeleteAsync(hook.Key, new DeleteOptions { Propagation = DeletePropagation.Background, Uid = hook.Uid }, cancellation).ConfigureAwait(false);
        }
    }

    // A short wait spares most syncs a pass; a long one would keep others from being worked on.
    private async Task<bool> GoesAsync(ApiResource resource, KubernetesObject live, CancellationToken cancellation)
    {
        await DeleteAsync(live, cancellation).ConfigureAwait(false);
        for (var started = time.GetTimestamp(); time.GetElapsedTime(started) < DeletionWait;)
        {
            var now = await client.FindAsync(resource, live.Namespace, live.Name, cancellation).ConfigureAwait(false);
            if (now is null || now.Uid != live.Uid)
            {
                return true;
            }

            await Task.Delay(Glance, time, cancellation).ConfigureAwait(false);
        }

        return false;
    }

    private Task<WriteResult> MakeAsync(SyncStep step, string mark, bool dryRun, CancellationToken cancellation)
    {
        var hook = step.Desired!.Object.WithAnnotation(RunAnnotation, mark);
        hook = hook.With(["metadata", "finalizers"], new YamlList([.. hook.Finalizers.Where(f => f != Finalizer).Select(f => (YamlNode)f), Finalizer]));
        return client.ApplyAsync(hook, new ApplyOptions { FieldManager = FieldTakeover.Manager, Force = true, DryRun = dryRun }, cancellation);
    }

    private static StepOutcome Outcome(SyncStep step, KubernetesObject? made, IReadOnlyList<string> warnings) =>
        Outcome(step, made, $"{step.Key} created{string.Concat(warnings.Select(w => $"; warning: {SecretText.Hide(step.Desired!.Object, w)}"))}");

    private static StepOutcome Outcome(SyncStep step, KubernetesObject? made, string message) =>
        new(step, new ResourceResult(step.Kind, step.Key, ResourceResult.Synced, message) { Phase = step.Phase, IsHook = true }, made);
}
