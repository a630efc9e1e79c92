using Capstan.Delivery.Applications;
using Capstan.Kubernetes;
using Capstan.Resources;

namespace Capstan.Delivery.Sync;

/// <summary>How a plan is carried out.</summary>
/// <param name="CreateNamespace">A namespace to make first when it is absent; empty for none. It is neither tracked nor pruned.</param>
/// <param name="HoldPrunes">Whether deletions are left out for now because they come last.</param>
/// <param name="DryRun">Whether the server only says what it would do.</param>
public sealed record RunOptions(string CreateNamespace = "", bool HoldPrunes = false, bool DryRun = false);

/// <summary>
/// Carries a plan out against one cluster, in its order. Each object has its own result: the failure of one hides no other. Running the
/// same plan again is harmless.
/// </summary>
/// <param name="client">The cluster.</param>
/// <param name="slots">How many writes may run at the same time, shared by all runs against the cluster.</param>
/// <param name="time">The clock.</param>
public sealed class SyncRunner(ClusterClient client, SemaphoreSlim slots, TimeProvider time)
{
    private const int Attempts = 4;
    private static readonly TimeSpan DefinitionWait = TimeSpan.FromSeconds(15);
    private static readonly ApplyOptions Apply = new() { FieldManager = FieldTakeover.Manager, Force = true };

    /// <summary>Carries a plan out. A plan that is refused must not be given.</summary>
    public async Task<SyncRun> RunAsync(SyncPlan plan, RunOptions options, CancellationToken cancellation)
    {
        if (plan.Refusal is { } refusal)
        {
            throw new ArgumentException($"the plan is refused: {refusal}", nameof(plan));
        }

        var run = new RunState(plan, options);
        try
        {
            await CreateNamespaceAsync(run, cancellation).ConfigureAwait(false);
            if (options.DryRun || NeedsDryRun(plan))
            {
                await ApplyGroupsAsync(run, plan.Steps, dryRun: true, cancellation).ConfigureAwait(false);
                if (options.DryRun || run.HasFailures)
                {
                    return run.Finish();
                }

                run.Forget();
            }

            foreach (var part in Parts(plan, options))
            {
                await ApplyGroupsAsync(run, part, dryRun: false, cancellation).ConfigureAwait(false);
            }

            return run.Finish();
        }
        catch (ClusterUnreachableException error)
        {
            return run.Finish(error.Message);
        }
    }

    /// <summary>
    /// A dry run of everything first lets a change be refused as a whole, at the price of every request twice. It is made where it
    /// protects something: where live objects are changed or deleted by more than one write. One write is refused or done as a whole by
    /// itself; and where everything is new there is no good state to protect, and the namespaces and kinds would often be missing still.
    /// </summary>
    internal static bool NeedsDryRun(SyncPlan plan) =>
        plan.Writes.Skip(1).Any() && plan.Writes.Any(s => s.Action is SyncAction.Change or SyncAction.Prune) && plan.Writes.Any(s => s.Action != SyncAction.Prune);

    // Prunes and applies never share a group: the order between them is the plan's.
    private static IEnumerable<IReadOnlyList<SyncStep>> Parts(SyncPlan plan, RunOptions options)
    {
        var steps = options.HoldPrunes ? plan.Steps.Where(s => s.Action != SyncAction.Prune) : plan.Steps;
        return steps.GroupAdjacent(s => s.Action == SyncAction.Prune);
    }

    // 1. Steps of one rank run side by side, ranks after one another. 2. Kinds that were just defined are waited for.
    private async Task ApplyGroupsAsync(RunState run, IReadOnlyList<SyncStep> steps, bool dryRun, CancellationToken cancellation)
    {
        foreach (var group in steps.Where(s => s.Writes || s.Action == SyncAction.Refuse).GroupAdjacent(s => SyncOrder.Rank(s.Key.GroupKind)))
        {
            if (!dryRun && group.Any(s => s.Desired is { IsServed: false }))
            {
                await WaitForKindsAsync(run, group, cancellation).ConfigureAwait(false);
            }

            await Task.WhenAll(group.Select(step => StepAsync(run, step, dryRun, cancellation))).ConfigureAwait(false);
        }
    }

    private async Task StepAsync(RunState run, SyncStep step, bool dryRun, CancellationToken cancellation)
    {
        await slots.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            run.Add(step.Action switch
            {
                SyncAction.Refuse => Failed(step, $"{step.Key}: {step.Reason}"),
                SyncAction.Prune => await PruneAsync(step, dryRun, cancellation).ConfigureAwait(false),
                _ => await ApplyAsync(run, step, dryRun, cancellation).ConfigureAwait(false),
            });
        }
        finally
        {
            slots.Release();
        }
    }

    private async Task<StepOutcome> ApplyAsync(RunState run, SyncStep step, bool dryRun, CancellationToken cancellation)
    {
        // What lives in a namespace or is of a kind that this very sync makes cannot be tried before it is there.
        if (dryRun && (step.Desired is { IsServed: false } || run.Creates(step.Key.Namespace)))
        {
            return new StepOutcome(step, new ResourceResult(step.Kind, step.Key, ResourceResult.Synced, "not tried: its kind or namespace comes with this sync"), null);
        }

        var desired = step.Desired!;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (!dryRun && step.Live is { } live)
                {
                    await TakeOverAsync(live, attempt, cancellation).ConfigureAwait(false);
                }

                var options = dryRun ? Apply with { DryRun = true } : Apply;
                var written = await client.ApplyAsync(desired.Object, options, cancellation).ConfigureAwait(false);
                var text = $"{step.Key} {(written.Created ? "created" : "changed")}{(dryRun ? " (dry run)" : "")}";
                text += string.Concat(written.Warnings.Select(w => $"; warning: {SecretText.Hide(desired.Object, w)}"));
                return new StepOutcome(step, new ResourceResult(step.Kind, step.Key, ResourceResult.Synced, text), written.Object);
            }
            catch (KubernetesException error) when (attempt < Attempts && (error.IsConflict || error.IsTransient))
            {
                await Task.Delay(Pause(attempt, error.RetryAfter), time, cancellation).ConfigureAwait(false);
            }
            catch (KubernetesException error)
            {
                return Failed(step, $"{desired.Origin}: {step.Key}: {SecretText.Hide(desired.Object, error.ServerMessage.Length > 0 ? error.ServerMessage : error.Message)}{Hint(error)}");
            }
            catch (UnknownKindException error)
            {
                return Failed(step, $"{desired.Origin}: {step.Key}: {error.Message}");
            }
        }
    }

    private async Task TakeOverAsync(KubernetesObject live, int attempt, CancellationToken cancellation)
    {
        var resource = await client.ResolveAsync(live.GroupVersionKind, cancellation).ConfigureAwait(false);
        var now = attempt == 1 ? live : await client.FindAsync(resource, live.Namespace, live.Name, cancellation).ConfigureAwait(false);
        if (now is not null && FieldTakeover.Patch(now) is { } patch)
        {
            await client.PatchAsync(resource, live.Namespace, live.Name, PatchKind.Json, patch, new WriteOptions { FieldManager = FieldTakeover.Manager }, cancellation: cancellation)
                .ConfigureAwait(false);
        }
    }

    private async Task<StepOutcome> PruneAsync(SyncStep step, bool dryRun, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // The uid keeps a successor of the same name alive.
                var resource = await client.ResolveAsync(step.Kind, cancellation).ConfigureAwait(false);
                var options = new DeleteOptions { Propagation = PrunePropagation.Of(step.Key.GroupKind), Uid = step.Live!.Uid, DryRun = dryRun };
                var found = await client.DeleteAsync(resource, step.Key.Namespace, step.Key.Name, options, cancellation).ConfigureAwait(false);
                return new StepOutcome(step, new ResourceResult(step.Kind, step.Key, ResourceResult.Pruned, found ? "pruned" : "was gone already"), null);
            }
            catch (KubernetesException error) when (error.IsConflict)
            {
                return new StepOutcome(step, new ResourceResult(step.Kind, step.Key, ResourceResult.PruneSkipped, "another object of this name has taken its place"), null);
            }
            catch (KubernetesException error) when (attempt < Attempts && error.IsTransient)
            {
                await Task.Delay(Pause(attempt, error.RetryAfter), time, cancellation).ConfigureAwait(false);
            }
            catch (Exception error) when (error is KubernetesException or UnknownKindException)
            {
                return Failed(step, $"{step.Key}: could not be deleted: {error.Message}");
            }
        }
    }

    private async Task CreateNamespaceAsync(RunState run, CancellationToken cancellation)
    {
        if (run.Options.CreateNamespace.Length == 0 || run.Options.DryRun)
        {
            return;
        }

        var name = Yaml.YamlMap.Of(("apiVersion", "v1"), ("kind", "Namespace"), ("metadata", Yaml.YamlMap.Of(("name", run.Options.CreateNamespace))));
        try
        {
            await client.CreateAsync(new KubernetesObject(name), new WriteOptions { FieldManager = FieldTakeover.Manager }, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException error) when (error.IsAlreadyExists)
        {
            return;
        }
        catch (KubernetesException error)
        {
            // The objects in it say what follows; this says why.
            var key = new ObjectKey(new GroupKind("", "Namespace"), "", run.Options.CreateNamespace);
            var kind = new GroupVersionKind("", "v1", "Namespace");
            run.Add(Failed(new SyncStep(SyncAction.Create, kind, key, null, null, []), $"{key}: {error.ServerMessage}"));
        }
    }

    private async Task WaitForKindsAsync(RunState run, IReadOnlyList<SyncStep> group, CancellationToken cancellation)
    {
        var defined = run.DefinedGroups;
        var kinds = group.Where(s => s.Desired is { IsServed: false } && defined.Contains(s.Key.GroupKind)).Select(s => s.Kind).Distinct().ToList();
        var started = time.GetTimestamp();
        while (kinds.Count > 0 && time.GetElapsedTime(started) < DefinitionWait)
        {
            var discovery = await client.DiscoverAsync(refresh: true, cancellation).ConfigureAwait(false);
            kinds.RemoveAll(k => discovery.Find(k) is not null);
            if (kinds.Count > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellation).ConfigureAwait(false);
            }
        }
    }

    private static StepOutcome Failed(SyncStep step, string message) =>
        new(step, new ResourceResult(step.Kind, step.Key, ResourceResult.SyncFailed, message), null);

    private static string Hint(KubernetesException error) => error switch
    {
        { IsNamespaceTerminating: true } => ". Wait until the namespace is gone; the sync is tried again",
        { IsNotFound: true } => ". Make the namespace first, or set the sync option CreateNamespace=true",
        { IsDenied: true } => ". Give the account that Capstan uses the right to do it",
        _ => "",
    };

    private static TimeSpan Pause(int attempt, TimeSpan? asked)
    {
        var own = TimeSpan.FromMilliseconds(50 * Math.Pow(3, attempt) * (0.5 + Random.Shared.NextDouble()));
        return asked is { } wait && wait > own ? (wait < TimeSpan.FromSeconds(30) ? wait : TimeSpan.FromSeconds(30)) : own;
    }

    private sealed class RunState(SyncPlan plan, RunOptions options)
    {
        private readonly Lock _gate = new();
        private readonly List<StepOutcome> _outcomes = [];
        private readonly HashSet<string> _namespaces = [.. plan.Steps
            .Where(s => s.Action == SyncAction.Create && s.Key.GroupKind == new GroupKind("", "Namespace")).Select(s => s.Key.Name)];

        public RunOptions Options => options;

        public HashSet<GroupKind> DefinedGroups { get; } = [.. plan.Steps
            .Where(s => s.Desired is not null && s.Key.GroupKind == new GroupKind("apiextensions.k8s.io", "CustomResourceDefinition"))
            .Select(s => new GroupKind(
                s.Desired!.Object.Spec["group"]?.AsString() ?? "", s.Desired.Object.Spec.At("names", "kind")?.AsString() ?? ""))];

        public bool HasFailures
        {
            get
            {
                lock (_gate)
                {
                    return _outcomes.Any(o => o.HasFailed);
                }
            }
        }

        public bool Creates(string space) => _namespaces.Contains(space) || (space.Length > 0 && options is { DryRun: true, CreateNamespace: var made } && made == space);

        public void Add(StepOutcome outcome)
        {
            lock (_gate)
            {
                _outcomes.Add(outcome);
            }
        }

        public void Forget()
        {
            lock (_gate)
            {
                _outcomes.Clear();
            }
        }

        public SyncRun Finish(string? unreachable = null)
        {
            lock (_gate)
            {
                var places = plan.Steps.Select((s, i) => (s.Key, i)).ToDictionary(p => p.Key, p => p.i);
                var outcomes = _outcomes.OrderBy(o => places.GetValueOrDefault(o.Step.Key, -1)).ToList();
                outcomes.AddRange(plan.Steps.Where(s => s.Action == SyncAction.Keep)
                    .Select(s => new StepOutcome(s, new ResourceResult(s.Kind, s.Key, ResourceResult.PruneSkipped, s.Reason), null)));
                var waits = options.HoldPrunes && plan.Count(SyncAction.Prune) > 0;
                return new SyncRun(outcomes, unreachable, waits);
            }
        }
    }
}
