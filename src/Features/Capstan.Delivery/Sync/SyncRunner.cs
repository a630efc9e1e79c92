using Capstan.Delivery.Applications;
using Capstan.Faults;
using Capstan.Kubernetes;
using Capstan.Resources;

namespace Capstan.Delivery.Sync;

/// <summary>How a plan is carried out.</summary>
/// <param name="CreateNamespace">A namespace to make first when it is absent; empty for none. It is neither tracked nor pruned.</param>
/// <param name="DryRun">Whether the server only says what it would do.</param>
public sealed record RunOptions(string CreateNamespace = "", bool DryRun = false)
{
    /// <summary>The plan of which the steps are a part; null when they are all of it.</summary>
    public SyncPlan? Whole { get; init; }

    /// <summary>Whether the whole may be tried before anything is written; false when that was done before.</summary>
    public bool TriesFirst { get; init; } = true;

    /// <summary>What tells this operation from all others, for its hooks.</summary>
    public string Operation { get; init; } = "";

    /// <summary>What the Application asks for all of its objects; each object may say otherwise.</summary>
    public SyncOptions Options { get; init; } = new();
}

/// <summary>
/// Carries a plan out against one cluster, in its order. Each object has its own result: the failure of one hides no other. Running the
/// same plan again is harmless.
/// </summary>
/// <param name="client">The cluster.</param>
/// <param name="slots">How many writes may run at the same time, shared by all runs against the cluster.</param>
/// <param name="time">The clock.</param>
public sealed class SyncRunner(ClusterClient client, SemaphoreSlim slots, TimeProvider time)
{
    private static readonly TimeSpan DefinitionWait = TimeSpan.FromSeconds(15);

    private readonly HookRunner _hooks = new(client, time);
    private readonly ObjectWriter _writer = new(client, time);

    /// <summary>Carries the steps of a plan out. A plan that is refused must not be given.</summary>
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
            var whole = options.Whole ?? plan;
            if (options.DryRun || (options.TriesFirst && NeedsDryRun(whole)))
            {
                await ApplyGroupsAsync(run, whole.Steps, dryRun: true, cancellation).ConfigureAwait(false);
                if (options.DryRun || run.HasFailures)
                {
                    return run.Finish() with { IsDryRun = true };
                }

                run.Forget();
            }

            foreach (var part in Parts(plan))
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
    private static IEnumerable<IReadOnlyList<SyncStep>> Parts(SyncPlan plan) => plan.Steps.GroupAdjacent(s => s.Action == SyncAction.Prune);

    // 1. Steps of one rank run side by side, ranks after one another. 2. Kinds that were just defined are waited for.
    private async Task ApplyGroupsAsync(RunState run, IReadOnlyList<SyncStep> steps, bool dryRun, CancellationToken cancellation)
    {
        foreach (var group in steps.Where(s => s.Writes || s.Action is SyncAction.Refuse or SyncAction.Hook).GroupAdjacent(s => SyncOrder.Rank(s.Key.GroupKind)))
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
            if (dryRun && step.Desired is { IsServed: false } && !run.DefinedGroups.Contains(step.Key.GroupKind) && !run.SkipsMissing(step))
            {
                run.Add(ObjectWriter.Failed(
                    step, $"{step.Desired.Origin}: {step.Key}: the cluster serves no {step.Key.GroupKind}, and no definition of it is part of this sync. Install it first, or set the sync option SkipDryRunOnMissingResource=true"));
                return;
            }

            // What lives in a namespace or is of a kind that this very sync makes cannot be tried before it is there.
            if (dryRun && (step.Desired is { IsServed: false } || run.Creates(step.Key.Namespace)))
            {
                run.Add(new StepOutcome(step, ObjectWriter.Result(step, ResourceResult.Synced, "not tried: its kind or namespace comes with this sync"), null));
                return;
            }

            Reach(step.Action, dryRun, Failpoints.BeforeApply, Failpoints.BeforePrune);
            var outcome = step.Action switch
            {
                SyncAction.Refuse => ObjectWriter.Failed(step, $"{step.Key}: {step.Reason}"),
                SyncAction.Hook => await _writer.TryAsync(step, () => _hooks.RunAsync(step, run.Options.Operation, dryRun, cancellation), cancellation).ConfigureAwait(false),
                SyncAction.Prune => await _writer.PruneAsync(step, run.Options.Options.PrunePropagation, dryRun, cancellation).ConfigureAwait(false),
                _ => await _writer.ApplyAsync(step, run.Options.Options, dryRun, cancellation).ConfigureAwait(false),
            };
            Reach(step.Action, dryRun, Failpoints.AfterApply, Failpoints.AfterPrune);
            run.Add(step, outcome);
        }
        finally
        {
            slots.Release();
        }
    }

    private static void Reach(SyncAction action, bool dryRun, string apply, string prune)
    {
        if (!dryRun && action is (SyncAction.Create or SyncAction.Change or SyncAction.Prune))
        {
            Failpoints.Reach(action == SyncAction.Prune ? prune : apply);
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
            run.Add(ObjectWriter.Failed(new SyncStep(SyncAction.Create, kind, key, null, null, []), $"{key}: {error.ServerMessage}"));
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

    private sealed class RunState(SyncPlan plan, RunOptions options)
    {
        private readonly Lock _gate = new();
        private readonly List<StepOutcome> _outcomes = [];
        private readonly List<SyncStep> _postponed = [];
        private readonly HashSet<string> _namespaces = [.. (options.Whole ?? plan).Steps
            .Where(s => s.Action == SyncAction.Create && s.Key.GroupKind == new GroupKind("", "Namespace")).Select(s => s.Key.Name)];

        public RunOptions Options => options;

        public HashSet<GroupKind> DefinedGroups { get; } = [.. (options.Whole ?? plan).Steps
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

        public bool SkipsMissing(SyncStep step) => step.Directives.Options.SkipDryRunOnMissingResource ?? options.Options.SkipDryRunOnMissingResource;

        public bool Creates(string space) => _namespaces.Contains(space) || (space.Length > 0 && options is { DryRun: true, CreateNamespace: var made } && made == space);

        public void Add(StepOutcome outcome)
        {
            lock (_gate)
            {
                _outcomes.Add(outcome);
            }
        }

        public void Add(SyncStep step, StepOutcome? outcome)
        {
            lock (_gate)
            {
                if (outcome is null)
                {
                    _postponed.Add(step);
                }
                else
                {
                    _outcomes.Add(outcome);
                }
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
                var places = (options.Whole ?? plan).Steps.Select((s, i) => (Id: (s.Phase, s.Key), i)).ToDictionary(p => p.Id, p => p.i);
                var outcomes = _outcomes.OrderBy(o => places.GetValueOrDefault((o.Step.Phase, o.Step.Key), -1)).ToList();
                var kept = options.TriesFirst ? options.Whole ?? plan : plan;
                outcomes.AddRange(kept.Steps.Where(s => s.Action == SyncAction.Keep)
                    .Select(s => new StepOutcome(s, new ResourceResult(s.Kind, s.Key, ResourceResult.PruneSkipped, s.Reason), null)));
                return new SyncRun(outcomes, unreachable) { Postponed = [.. _postponed] };
            }
        }
    }
}
