using System.Collections.Concurrent;
using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplicationSets.Generators;
using Capstan.Delivery.ApplicationSets.Rollout;
using Capstan.Delivery.Controllers;
using Capstan.Kubernetes;
using Capstan.Reconcile;
using Capstan.Resources;
using Capstan.Yaml;
using Microsoft.Extensions.Logging;

namespace Capstan.Delivery.ApplicationSets.Controlling;

/// <summary>Keeps the Applications of each ApplicationSet as it says. The engine tells it of changes and takes the Applications as any others.</summary>
internal sealed class SetController : IDisposable
{
    private static readonly GroupKind Sets = ApplicationSet.Kind.GroupKind;
    private static readonly GroupKind Applications = Application.Kind.GroupKind;
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Listing = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<ApplicationKey, SetState> _states = new();
    private readonly Cluster _own;
    private readonly ISetInputs _inputs;
    private readonly SetWriter _writer;
    private readonly DeliveryOptions _options;
    private readonly ProjectBook _projects;
    private readonly Func<ApplicationCondition?> _obstacle;
    private readonly TimeProvider _time;
    private readonly ReconcileLoop<ApplicationKey> _loop;

    public SetController(Cluster own, ISetInputs inputs, ProjectBook projects, DeliveryOptions options, Func<ApplicationCondition?> obstacle, TimeProvider time, ILogger log)
    {
        (_own, _inputs, _projects, _options, _obstacle, _time) = (own, inputs, projects, options, obstacle, time);
        _writer = new SetWriter(own.Client, options.WritesAtOnce);
        _loop = new ReconcileLoop<ApplicationKey>(new ReconcileOptions("applicationsets") { Workers = 4 }, ReconcileAsync, time, log);
    }

    public Task RunAsync(CancellationToken cancellation) => _loop.RunAsync(cancellation);

    public void Dispose() => _loop.Dispose();

    /// <summary>Has every set look again, and read anew what its generators read.</summary>
    public void Stale(Func<KubernetesObject, bool>? concerned = null)
    {
        foreach (var (key, state) in _states)
        {
            if (concerned is null || (_own.Live.Find(new ObjectKey(Sets, key.Namespace, key.Name)) is { } set && concerned(set.Object)))
            {
                state.Stale();
                _loop.Enqueue(key);
            }
        }
    }

    /// <summary>Has every set look again.</summary>
    public void Look()
    {
        foreach (var key in _states.Keys)
        {
            _loop.Enqueue(key);
        }
    }

    /// <summary>Takes a change of the engine's own cluster in.</summary>
    public void Take(ObjectChanged changed)
    {
        if (!_options.ApplicationNamespaces.Contains(changed.Key.Namespace))
        {
            return;
        }

        if (changed.Key.GroupKind == Sets)
        {
            _loop.Enqueue(new ApplicationKey(changed.Key.Namespace, changed.Key.Name));
        }
        else if (changed.Key.GroupKind == Applications)
        {
            // Their statuses change in swarms.
            foreach (var owner in (changed.New ?? changed.Old)!.Owners.Where(o => o.Kind.GroupKind == Sets))
            {
                _loop.EnqueueAfter(new ApplicationKey(changed.Key.Namespace, owner.Name), Gathering);
            }
        }
        else if (changed.Key.GroupKind is { Group: "", Kind: "Secret" } && (changed.New ?? changed.Old)!.Mark(Cluster.SecretTypeLabel) == "cluster")
        {
            Stale();
        }
        else if (changed.Key.GroupKind == Projects.AppProject.Kind.GroupKind)
        {
            Look();
        }
    }

    /// <summary>The Applications that a set would make; nothing is written.</summary>
    /// <exception cref="SetException">It makes none, because something in it is wrong or cannot be read.</exception>
    public Task<SetOutput> GenerateAsync(ApplicationSet set, CancellationToken cancellation) =>
        SetGeneration.RunAsync(set, _inputs, _options.OwnNamespaces.Contains(set.Key.Namespace), _time, cancellation);

    // 1. Whether it is there and ours to act upon. 2. What it makes. 3. What that means for the Applications that are there. 4. The writes.
    // 5. The rollout. 6. What is said of it.
    private async Task<Outcome> ReconcileAsync(ApplicationKey key, CancellationToken cancellation)
    {
        if (_own.Live.Find(new ObjectKey(Sets, key.Namespace, key.Name)) is not { } cached)
        {
            if (_own.Live.IsSynced(Sets) && _states.TryRemove(key, out _))
            {
                _loop.Forget(key);
            }

            return new Outcome.Succeeded("Gone");
        }

        var state = _states.GetOrAdd(key, static _ => new SetState());
        var set = ApplicationSetReader.Read(cached.Read());

        // What was written by another controller is its own.
        if (_obstacle() is { } obstacle)
        {
            return new Outcome.Succeeded(SetConditions.ForeignController, obstacle.Message);
        }

        if (!_own.Live.IsSynced(Applications))
        {
            return new Outcome.Waiting("Listing", "waiting for Applications to be listed", Listing);
        }

        var live = LiveOf(set);
        if (set.Object.DeletionTimestamp is not null)
        {
            return await ReleaseAsync(set, live, cancellation).ConfigureAwait(false);
        }

        if (set.DeletesInReverse && !set.Object.Finalizers.Contains(ApplicationSet.Finalizer))
        {
            var finalizers = new YamlList(set.Object.Finalizers.Append(ApplicationSet.Finalizer).Select(f => (YamlNode)f));
            await _writer.PatchAsync(key, YamlMap.Of(("metadata", YamlMap.Of(("finalizers", finalizers)))), cancellation).ConfigureAwait(false);
        }

        return await MakeAsync(set, state, live, cancellation).ConfigureAwait(false);
    }

    private async Task<Outcome> MakeAsync(ApplicationSet set, SetState state, Dictionary<string, LiveApplication> live, CancellationToken cancellation)
    {
        SetOutput output;
        try
        {
            output = await OutputAsync(set, state, cancellation).ConfigureAwait(false);
        }
        catch (SetException error)
        {
            var condition = new SetCondition(SetConditions.ErrorOccurred, true, error.Reason, $"{error.Message}. Nothing is created, changed or deleted meanwhile");
            await TellAsync(set, SetStatus.Conditions(condition, generated: false), live, SetStatus.Rollout(set.Object), [], cancellation).ConfigureAwait(false);
            return error.IsTransient ? new Outcome.Failed(error.Reason, error.Message) : new Outcome.Succeeded(error.Reason, error.Message, LookAgain);
        }

        var plan = SetPlanner.Plan(set, output.Applications, live, SetStatus.HeldSince(set.Object), ProblemOf);
        var failures = await _writer.WriteAsync(plan, cancellation).ConfigureAwait(false);
        var rollout = await RollAsync(set, output, live, cancellation).ConfigureAwait(false);
        var conditions = SetStatus.Conditions(ErrorOf(plan, failures), generated: true).ToList();
        if (set.Rolling is not null && rollout is not null)
        {
            conditions.Add(rollout.IsComplete
                ? new SetCondition(SetConditions.RolloutProgressing, false, SetConditions.RolloutComplete, "ApplicationSet Rollout has completed")
                : new SetCondition(SetConditions.RolloutProgressing, true, SetConditions.Modified, "ApplicationSet is performing rollout of step "
                    + string.Join(", ", rollout.Applications.Where(a => a.Step > 0 && a.Status != ApplicationRollout.Healthy).Select(a => a.Step).Distinct().Order().Take(1))));
        }

        await TellAsync(set, conditions, live, rollout?.Applications ?? [], plan.Held, cancellation).ConfigureAwait(false);
        if (set.Object.Annotation(ApplicationSet.RefreshAnnotation) is not null)
        {
            await _writer.PatchAsync(set.Key, Annotations(ApplicationSet.RefreshAnnotation), cancellation).ConfigureAwait(false);
        }

        // Agreed once is not agreed for ever.
        if (plan.Held.Count == 0 && set.Object.Annotation(ApplicationSet.ApprovalAnnotation) is not null && plan.Deletes.Count == 0)
        {
            await _writer.PatchAsync(set.Key, Annotations(ApplicationSet.ApprovalAnnotation), cancellation).ConfigureAwait(false);
        }

        return failures.Count > 0
            ? new Outcome.Failed(failures[0].Reason, failures[0].Message)
            : new Outcome.Succeeded("Reconciled", "", state.Due is { } due ? Later(due) : plan.Problems.Count > 0 ? LookAgain : null);
    }

    private async Task<SetOutput> OutputAsync(ApplicationSet set, SetState state, CancellationToken cancellation)
    {
        var spec = set.Object.Spec;
        if (set.Object.Annotation(ApplicationSet.RefreshAnnotation) is null && state.IsFresh(spec, _time.GetUtcNow()))
        {
            return state.Output!;
        }

        var changes = state.Changes;
        var output = await GenerateAsync(set, cancellation).ConfigureAwait(false);
        state.Remember(output, spec, changes, _time.GetUtcNow());
        return output;
    }

    private async Task<RolloutMove?> RollAsync(ApplicationSet set, SetOutput output, Dictionary<string, LiveApplication> live, CancellationToken cancellation)
    {
        if (set.Rolling is not { } rolling)
        {
            return null;
        }

        var views = output.Applications.Where(a => a.Problem is null && live.ContainsKey(a.Name)).Select(a => (Wanted: a.Object, Live: live[a.Name].Object))
            .Where(a => a.Live.DeletionTimestamp is null).ToList();
        var move = RolloutPlan.Next(
            rolling, [.. views.Select(v => new RolloutView(v.Wanted.Name, v.Wanted.Labels, v.Live.Status, v.Live.Body.ContainsKey("operation")))], SetStatus.Rollout(set.Object), _time.GetUtcNow());
        foreach (var name in move.Starts)
        {
            var wanted = views.First(v => v.Wanted.Name == name).Wanted;
            var prune = wanted.Body.At("spec", "syncPolicy", "automated", "prune") is YamlScalar { Kind: ScalarKind.Boolean } flag ? flag.Text == "true" : rolling.DefaultPrune;
            await _writer.StartAsync(new ApplicationKey(set.Key.Namespace, name), prune, cancellation).ConfigureAwait(false);
        }

        return move;
    }

    // Kubernetes' garbage collector deletes the Applications of a set that is gone; only their order is ours.
    private async Task<Outcome> ReleaseAsync(ApplicationSet set, Dictionary<string, LiveApplication> live, CancellationToken cancellation)
    {
        if (!set.Object.Finalizers.Contains(ApplicationSet.Finalizer))
        {
            return new Outcome.Succeeded("Deleting");
        }

        if (set is { DeletesInReverse: true, Rolling: { } rolling })
        {
            var own = live.Values.Where(l => l.Owner == set.Object.Uid).ToList();
            if (own.Count > 0)
            {
                var last = own.Max(l => rolling.StepOf(l.Object.Labels));
                var plan = new SetPlan { Deletes = [.. own.Where(l => rolling.StepOf(l.Object.Labels) == last && !l.IsBeingDeleted).Select(l => l.Object)] };
                var failures = await _writer.WriteAsync(plan, cancellation).ConfigureAwait(false);
                return failures.Count > 0 ? new Outcome.Failed(failures[0].Reason, failures[0].Message) : new Outcome.Succeeded("Deleting", $"step {last + 1} goes first", LookAgain);
            }
        }

        var rest = new YamlList(set.Object.Finalizers.Where(f => f != ApplicationSet.Finalizer).Select(f => (YamlNode)f));
        await _writer.PatchAsync(set.Key, YamlMap.Of(("metadata", YamlMap.Of(("finalizers", rest)))), cancellation).ConfigureAwait(false);
        return new Outcome.Succeeded("Released");
    }

    private async Task TellAsync(
        ApplicationSet set, IReadOnlyList<SetCondition> conditions, Dictionary<string, LiveApplication> live, IReadOnlyList<ApplicationRollout> rollout, IReadOnlyList<string> held,
        CancellationToken cancellation)
    {
        var now = _time.GetUtcNow();
        var own = live.Values.Where(l => l.Owner == set.Object.Uid).Select(l => l.Object).ToList();
        var since = SetStatus.HeldSince(set.Object) ?? now;
        IReadOnlyList<SetCondition> all = held.Count == 0
            ? conditions
            : [.. conditions, new SetCondition(SetConditions.DeletionsHeld, true, SetConditions.FarFewer, SafetyHold.Message(set, own.Count, held, since))];
        var status = SetStatus.Write(set.Object.Status, all, own, rollout, held.Count == 0 ? null : (since, held), now);
        await _writer.WriteStatusAsync(set.Key, set.Object.Status, status, cancellation).ConfigureAwait(false);
    }

    private static SetCondition? ErrorOf(SetPlan plan, IReadOnlyList<(string Reason, string Message)> failures)
    {
        var (reason, messages) = failures.Count > 0
            ? (failures[0].Reason, failures.Select(f => f.Message).ToList())
            : (SetConditions.NotValid, plan.Problems.ToList());
        return messages.Count == 0 ? null
            : new SetCondition(SetConditions.ErrorOccurred, true, reason, messages[0] + (messages.Count > 1 ? $" (and {messages.Count - 1} more)" : ""));
    }

    private string? ProblemOf(KubernetesObject application)
    {
        var project = application.Body.At("spec", "project")?.AsString() is { Length: > 0 } name ? name : "default";
        return _projects.Exists(project) ? null : $"application \"{application.Name}\" references project {project} which does not exist";
    }

    private Dictionary<string, LiveApplication> LiveOf(ApplicationSet set) => _own.Live.List(Applications, set.Key.Namespace).ToDictionary(
        a => a.Name,
        a => new LiveApplication(
            a.Object, a.Owners.Where(o => o.IsController).Select(o => o.Uid).FirstOrDefault() ?? "", _own.Tracking.InstanceOf(a) is not null),
        StringComparer.Ordinal);

    private TimeSpan Later(DateTimeOffset due)
    {
        var wait = due - _time.GetUtcNow();
        return wait < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : wait * (1 + (Random.Shared.NextDouble() * 0.1));
    }

    private static YamlMap Annotations(string gone) => YamlMap.Of(("metadata", YamlMap.Of(("annotations", YamlMap.Of((gone, YamlScalar.Null))))));
}
