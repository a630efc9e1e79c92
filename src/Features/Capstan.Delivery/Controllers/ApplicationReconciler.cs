using Capstan.Delivery.Applications;
using Capstan.Delivery.Comparing;
using Capstan.Delivery.Health;
using Capstan.Delivery.Projects.Windows;
using Capstan.Delivery.Sync;
using Capstan.Kubernetes;
using Capstan.Reconcile;
using Capstan.Resources;
using Capstan.Sources;
using Capstan.Yaml;

namespace Capstan.Delivery.Controllers;

/// <summary>Brings one Application to where it should be: look, decide, act, tell. Called for one Application at a time.</summary>
internal sealed class ApplicationReconciler(
    Observer observer, OperationDesk desk, OperationRunner operations, DeletionHooks hooks, StatusPublisher publisher, DeliveryOptions options, TimeProvider time)
{
    private static readonly TimeSpan JustSynced = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ListingWait = TimeSpan.FromSeconds(5);

    // One Application does not keep a worker for ever, however many waves it has.
    private const int MostPasses = 64;

    // 1. What keeps it from being worked on at all. 2. An operation that was begun or asked for. 3. A look. 4. What automation decides.
    // 5. What is said of it.
    public async Task<Outcome> ReconcileAsync(ApplicationState state, Application application, ApplicationCondition? obstacle, CancellationToken cancellation)
    {
        if (obstacle is not null || application.Problems.Count > 0)
        {
            return await RefuseAsync(state, application, obstacle, cancellation).ConfigureAwait(false);
        }

        var hard = application.Object.Annotation(Application.RefreshAnnotation);
        try
        {
            var outcome = await WorkAsync(state, application, hard == "hard", cancellation).ConfigureAwait(false);
            if (hard is not null)
            {
                publisher.Publish(state, asked: true);
                await ClearRefreshAsync(state, cancellation).ConfigureAwait(false);
            }

            return outcome;
        }
        catch (NotListedYetException waiting)
        {
            return new Outcome.Waiting("Listing", $"waiting for {string.Join(", ", waiting.Kinds)} to be listed", ListingWait);
        }
        catch (DeliveryException error)
        {
            return Unknown(state, application, new ApplicationCondition(ConditionTypes.InvalidSpec, error.Message), CheckAgain(application));
        }
        catch (ObservationException error)
        {
            return Unknown(state, application, error.Condition, CheckAgain(application));
        }
        catch (SourceException error)
        {
            Unknown(state, application, new ApplicationCondition(ConditionTypes.Comparison, error.Message), null);
            return error.IsTransient
                ? new Outcome.Failed("SourceNotReadable", error.Message)
                : new Outcome.Waiting("SourceNotReadable", error.Message, CheckAgain(application) ?? options.PollInterval);
        }
        catch (ClusterConfigurationException error)
        {
            return Unknown(state, application, new ApplicationCondition(ConditionTypes.InvalidSpec, error.Message), CheckAgain(application));
        }
        catch (Exception error) when (error is ClusterUnreachableException or KubernetesException)
        {
            Unknown(state, application, new ApplicationCondition(ConditionTypes.Comparison, $"{error.Message}; it is tried again, and nothing is pruned meanwhile"), null);
            return new Outcome.Failed("ClusterNotReadable", error.Message);
        }
    }

    private async Task<Outcome> WorkAsync(ApplicationState state, Application application, bool hard, CancellationToken cancellation)
    {
        using var traced = PushTraces.Reconcile(state);
        var pending = await PendingAsync(state, application, cancellation).ConfigureAwait(false);
        var revisions = application.RevisionsOf(pending is { Revision.Length: > 0 } ? pending.Revision : application.Pin ?? "");
        var seen = await observer.LookAsync(state, application, revisions, hard, cancellation).ConfigureAwait(false);
        await hooks.RegisterAsync(state, application, seen.Desired, cancellation).ConfigureAwait(false);
        var pass = OperationPass.Over;
        if (pending is not null)
        {
            (seen, pass) = await RunAsync(state, seen, pending, cancellation).ConfigureAwait(false);
            if (state.Status.Operation is not { IsFinished: false })
            {
                seen = await observer.LookAsync(state, application, application.WantedRevisions, false, cancellation).ConfigureAwait(false);
            }
        }

        var decision = Decide(state, seen);
        if (decision.Starts)
        {
            var started = desk.Begin(application, seen.Commit, Initiator.Engine) with { SelfHeal = decision.IsSelfHeal, RetryCount = decision.Retry };
            state.HealAttempts = decision.IsSelfHeal ? state.HealAttempts + 1 : 0;
            (seen, pass) = await RunAsync(state, seen, started, cancellation).ConfigureAwait(false);
            decision = Decide(state, seen);
        }

        Tell(state, seen);
        return new Outcome.Succeeded("Reconciled", "", Soonest(decision.At ?? WindowDecision.Of(seen.Windows, time.GetUtcNow()).Until, Earlier(pass.Wait, Earlier(CheckAgain(application), state.Unconfirmed()))));
    }

    // A new commit overtakes a sync of the engine's own that has not come to its end: the fix is usually that commit.
    private async Task<OperationState?> PendingAsync(ApplicationState state, Application application, CancellationToken cancellation)
    {
        var pending = await desk.PendingAsync(state, application, cancellation).ConfigureAwait(false);
        if (pending is null || !ReferenceEquals(pending, state.Status.Operation) || !pending.Initiator.Automated || application.Automation is null)
        {
            return pending;
        }

        var commit = await observer.CommitOfAsync(application, cancellation).ConfigureAwait(false);
        if (commit == pending.Revision)
        {
            return pending;
        }

        await desk.StopAsync(state, application, pending, $"superseded by commit {commit}", cancellation).ConfigureAwait(false);
        return null;
    }

    // Wave after wave, as long as none of them has to be waited for. It ends with what is live after the last write.
    private async Task<(Observation Seen, OperationPass Pass)> RunAsync(ApplicationState state, Observation seen, OperationState operation, CancellationToken cancellation)
    {
        var pass = await operations.RunAsync(state, seen, operation, cancellation).ConfigureAwait(false);
        for (var passes = 1; ; passes++)
        {
            seen = seen with { Comparison = await observer.CompareAsync(state, seen.Application, seen.Cluster, seen.Desired, cancellation).ConfigureAwait(false) };
            if (!pass.GoesOn)
            {
                return (seen, pass);
            }

            if (passes == MostPasses)
            {
                return (seen, new OperationPass(Wait: TimeSpan.FromMilliseconds(100)));
            }

            pass = await operations.RunAsync(state, seen, state.Status.Operation!, cancellation).ConfigureAwait(false);
        }
    }

    private SyncDecision Decide(ApplicationState state, Observation seen)
    {
        var automation = seen.Application.Policy.Automated;
        var rules = new SyncRules(automation?.Prune == true, automation?.AllowEmpty == true, seen.Application.Policy.Options.PruneLast);
        var plan = SyncPlanner.Plan(seen.Comparison, rules, seen.Commit);
        if (!seen.CanSync)
        {
            return SyncDecision.No("the conditions of the Application forbid it");
        }

        if (seen.Pauses.FirstOrDefault(p => p.IsOn(time.GetUtcNow())) is { } pause)
        {
            return SyncDecision.No(pause.Message, pause.Until);
        }

        if (WindowDecision.Of(seen.Windows, time.GetUtcNow()) is { Allowed: false } closed)
        {
            return SyncDecision.No(closed.Message, closed.Until);
        }

        // Another operation is still to be finished.
        if (state.Status.Operation is { IsFinished: false } running && running.Revision == seen.Commit)
        {
            return SyncDecision.No(running.Message);
        }

        return AutoSync.Decide(new SyncQuestion(seen.Application, plan, state.Status.Operation, state.HealAttempts, time.GetUtcNow())) is var decision
            && !decision.Starts && plan.Refusal is not null && seen.Application.Automation is not null
            ? decision with { Reason = plan.Refusal }
            : decision;
    }

    private void Tell(ApplicationState state, Observation seen)
    {
        var application = seen.Application;
        var conditions = seen.Conditions.ToList();
        if (application.Policy.Automated is not null && WindowDecision.Of(seen.Windows, time.GetUtcNow()) is { Allowed: false } closed)
        {
            conditions.Add(new ApplicationCondition(ConditionTypes.SyncWindow, $"automated sync rests: {closed.Message}"));
        }

        conditions.AddRange(seen.Pauses.Where(p => p.IsOn(time.GetUtcNow())).Select(p => new ApplicationCondition(ConditionTypes.Paused, p.Message)));
        if (application.Pin is { } pin)
        {
            conditions.Add(new ApplicationCondition(ConditionTypes.Pinned, $"held at {pin} by the annotation {Application.PinAnnotation}; automation rests until it is removed"));
        }

        if (state.Status.Operation is { Phase: OperationPhase.Failed or OperationPhase.Error } failed && failed.Revision == seen.Commit && seen.Comparison.Sync != SyncCode.Synced)
        {
            conditions.Add(new ApplicationCondition(ConditionTypes.Sync, $"Failed sync attempt to {failed.Revision}: {failed.Message}"));
        }
        else if (SyncPlanner.Plan(seen.Comparison, new SyncRules(application.Policy.Automated?.Prune == true, application.Policy.Automated?.AllowEmpty == true), seen.Commit).Refusal is { } refusal
            && application.Automation is not null)
        {
            conditions.Add(new ApplicationCondition(ConditionTypes.Sync, refusal));
        }

        state.Last = seen;
        state.Status = With(state.Status, conditions, AggregateHealth.Of(seen.Comparison)) with
        {
            Sync = seen.CanSync || seen.Conditions.All(c => c.Type == ConditionTypes.Forbidden || !c.IsError) ? seen.Comparison.Sync : SyncCode.Unknown,
            Revision = seen.Commit,
            ComparedTo = application.ComparedTo,
            Resources = [.. seen.Comparison.Objects.Select(StatusOf)],
            SourceTypes = seen.SourceTypes,
            Images = ImagesOf(seen.Desired),
        };
        publisher.Publish(state, Settles(state.Status, seen.Comparison));
        PushTraces.Settle(state, time);
    }

    // Right after a sync, what the cluster's controllers have not looked at yet says nothing of how it will be.
    private bool Settles(ApplicationStatus status, Comparison comparison) =>
        status.Health == AggregateHealth.Progressing
        && status.Operation is { Phase: OperationPhase.Succeeded, FinishedAt: { } at } && time.GetUtcNow() - at < JustSynced
        && comparison.Objects.Any(o => o.Health?.Status == HealthStatus.Progressing && o.Live is { Generation: > 0 and var generation } live
            && !(live.Status["observedGeneration"] is YamlScalar seen && seen.TryGetInteger(out var observed) && observed >= generation));

    private Outcome.Succeeded Unknown(ApplicationState state, Application application, ApplicationCondition condition, TimeSpan? again)
    {
        state.Status = With(state.Status, [condition], state.Cluster?.Live.Cluster.IsReachable == false ? AggregateHealth.Unknown : state.Status.Health) with
        {
            Sync = SyncCode.Unknown,
            ComparedTo = application.ComparedTo,
        };
        publisher.Publish(state);
        return new Outcome.Succeeded("NotComparable", condition.Message, again);
    }

    private async Task<Outcome> RefuseAsync(ApplicationState state, Application application, ApplicationCondition? obstacle, CancellationToken cancellation)
    {
        var conditions = obstacle is not null ? [obstacle] : application.Problems.Select(p => new ApplicationCondition(ConditionTypes.InvalidSpec, p)).ToArray();
        state.Status = With(state.Status, conditions, state.Status.Health) with { Sync = SyncCode.Unknown, ComparedTo = application.ComparedTo };
        if (obstacle is null && application.Operation is not null)
        {
            await desk.RefuseAsync(state, application, $"the Application cannot be synced: {string.Join("; ", application.Problems)}", cancellation).ConfigureAwait(false);
        }

        // Beside another controller even the status is its own to write.
        if (obstacle?.Type != ConditionTypes.ForeignController)
        {
            publisher.Publish(state);
        }

        return new Outcome.Succeeded("Refused", conditions[0].Message);
    }

    private ApplicationStatus With(ApplicationStatus status, IReadOnlyCollection<ApplicationCondition> conditions, string health)
    {
        var now = time.GetUtcNow();
        var known = status.Conditions.GroupBy(c => c.Condition).ToDictionary(g => g.Key, g => g.First().Since);
        return status with
        {
            Conditions = [.. conditions.Select(c => (c, known.GetValueOrDefault(c, now)))],
            Health = health,
            HealthSince = status.Health == health && status.HealthSince is not null ? status.HealthSince : now,
        };
    }

    private async Task ClearRefreshAsync(ApplicationState state, CancellationToken cancellation)
    {
        var patch = YamlMap.Of(("metadata", YamlMap.Of(("annotations", YamlMap.Of((Application.RefreshAnnotation, YamlScalar.Null))))));
        state.OwnVersion = (await publisher.PatchAsync(state.Key, patch, cancellation).ConfigureAwait(false)).ResourceVersion;
    }

    // Own repositories tell of pushes; they are looked at now and then only in case an event was lost.
    private TimeSpan? CheckAgain(Application application)
    {
        var interval = application.Object.Annotation(Application.PollAnnotation) is { } text && DurationText.TryParse(text, out var own) && own >= TimeSpan.FromSeconds(1)
            ? own
            : options.PollInterval;
        return interval * (1 + (Random.Shared.NextDouble() * 0.25));
    }

    private static TimeSpan? Earlier(TimeSpan? one, TimeSpan? other) => one is { } a && other is { } b ? (a < b ? a : b) : one ?? other;

    private TimeSpan? Soonest(DateTimeOffset? at, TimeSpan? other)
    {
        if (at is not { } due)
        {
            return other;
        }

        var wait = due - time.GetUtcNow();
        wait = wait < TimeSpan.FromMilliseconds(10) ? TimeSpan.FromMilliseconds(10) : wait;
        return other is { } longer && longer < wait ? longer : wait;
    }

    private static ResourceStatus StatusOf(ComparedObject compared) => new(
        compared.Kind, compared.Key, compared.Sync, compared.RequiresPruning, AggregateHealth.Of(compared), compared.Health?.Message ?? "");

    private static string[] ImagesOf(DesiredSet desired)
    {
        var images = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var wanted in desired.Objects)
        {
            var spec = wanted.Object.Spec;
            foreach (var pod in (YamlNode?[])[spec, spec.At("template", "spec"), spec.At("jobTemplate", "spec", "template", "spec")])
            {
                foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
                {
                    images.UnionWith(((pod as YamlMap)?[list] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(c => c["image"]?.AsString()).OfType<string>());
                }
            }
        }

        return [.. images];
    }
}
