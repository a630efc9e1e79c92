using Capstan.Delivery.Applications;
using Capstan.Delivery.Explaining;
using Capstan.Delivery.Sync;
using Capstan.Delivery.Sync.Directives;
using Capstan.Kubernetes;
using Capstan.Reconcile;
using Capstan.Sources;

namespace Capstan.Delivery.Controllers;

/// <summary>
/// Deletes an Application with its objects: its PreDelete hooks first, then the objects in the reverse of the order in which they were made, then
/// the PostDelete hooks, and only then the Application. A finalizer stands for each of these steps, so that any process can go on.
/// </summary>
internal sealed class DeletionRunner(Observer observer, ClusterRegistry clusters, DeletionHooks hooks, StatusPublisher publisher, TimeProvider time)
{
    private const int MostNamed = 5;
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    private static readonly string[] Ours =
    [
        Application.PreDeleteFinalizer, Application.PreDeleteFinalizer + Application.Cleanup,
        Application.ForegroundFinalizer, Application.ExplicitForegroundFinalizer, Application.BackgroundFinalizer,
        Application.PostDeleteFinalizer, Application.PostDeleteFinalizer + Application.Cleanup,
    ];

    public async Task<Outcome> RunAsync(ApplicationState state, Application application, CancellationToken cancellation)
    {
        var finalizer = Ours.FirstOrDefault(application.Object.Finalizers.Contains);
        if (finalizer is null)
        {
            return new Outcome.Succeeded("Deleting", "its objects stay: the Application has no finalizer of ours");
        }

        try
        {
            var cluster = clusters.Find(application.Destination);
            state.Cluster = cluster;
            if (!cluster.Live.Cluster.IsReachable || cluster.Live.Kinds.Any(k => k.Phase == KindPhase.Listing))
            {
                return Tell(state, ConditionTypes.Deletion, $"cluster {cluster.Server} cannot be listed now; deletion goes on when it can", new Outcome.Failed("ClusterNotReadable", cluster.Live.Cluster.Cause));
            }

            return finalizer switch
            {
                Application.PreDeleteFinalizer => await HooksAsync(state, application, SyncPhase.PreDelete, finalizer, cancellation).ConfigureAwait(false),
                Application.PreDeleteFinalizer + Application.Cleanup => await CleanAsync(state, application, SyncPhase.PreDelete, finalizer, cancellation).ConfigureAwait(false),
                Application.PostDeleteFinalizer => await HooksAsync(state, application, SyncPhase.PostDelete, finalizer, cancellation).ConfigureAwait(false),
                Application.PostDeleteFinalizer + Application.Cleanup => await CleanAsync(state, application, SyncPhase.PostDelete, finalizer, cancellation).ConfigureAwait(false),
                _ => await ObjectsAsync(state, application, cluster, finalizer, cancellation).ConfigureAwait(false),
            };
        }
        catch (NotListedYetException waiting)
        {
            return new Outcome.Waiting("Listing", $"waiting for {string.Join(", ", waiting.Kinds)} to be listed", Wait);
        }
        catch (KubernetesException error) when (error.IsConflict || error.IsNotFound)
        {
            return new Outcome.Waiting("Deleting", error.Message, TimeSpan.FromMilliseconds(200));
        }
        catch (Exception error) when (error is KubernetesException or ClusterUnreachableException or ClusterConfigurationException or UnknownKindException
            or ObservationException or SourceException or DeliveryException)
        {
            return Tell(state, ConditionTypes.Deletion, $"{error.Message}; {WayOut(finalizer)}", new Outcome.Failed("DeletionFailed", error.Message));
        }
    }

    private static string WayOut(string finalizer) => finalizer is Application.ForegroundFinalizer or Application.ExplicitForegroundFinalizer or Application.BackgroundFinalizer
        ? $"to let the objects stay, remove the finalizer {finalizer} from the Application"
        : $"to do without these hooks, remove the finalizer {finalizer} from the Application";

    private async Task<Outcome> HooksAsync(ApplicationState state, Application application, SyncPhase phase, string finalizer, CancellationToken cancellation)
    {
        var now = await hooks.RunAsync(state, application, phase, cancellation).ConfigureAwait(false);
        if (now.Task == TaskPhase.Running)
        {
            return Tell(state, ConditionTypes.Deleting, now.Message, new Outcome.Waiting("Deleting", now.Message, Wait));
        }

        if (now.Task == TaskPhase.Failed)
        {
            var message = $"{now.Message}; {WayOut(finalizer)}";
            return Tell(state, ConditionTypes.Deletion, message, new Outcome.Waiting("HookFailed", message, Wait));
        }

        await ReleaseAsync(state, finalizer, cancellation).ConfigureAwait(false);
        return new Outcome.Succeeded("Deleting");
    }

    private async Task<Outcome> CleanAsync(ApplicationState state, Application application, SyncPhase phase, string finalizer, CancellationToken cancellation)
    {
        await hooks.CleanAsync(state, application, phase, cancellation).ConfigureAwait(false);
        await ReleaseAsync(state, finalizer, cancellation).ConfigureAwait(false);
        return new Outcome.Succeeded("Deleting");
    }

    private async Task<Outcome> ObjectsAsync(ApplicationState state, Application application, Cluster cluster, string finalizer, CancellationToken cancellation)
    {
        var marked = observer.Tracked(cluster, state.Key).Select(o => (Object: o, Directives: ObjectDirectives.Of(o.Read()))).ToList();
        if (Unconfirmed(marked, application) is { } unconfirmed)
        {
            return Tell(state, ConditionTypes.Deletion, unconfirmed, new Outcome.Waiting("Unconfirmed", unconfirmed, Wait));
        }

        // What says of itself that it stays, stays; what is left of hooks goes with their finalizer.
        var left = marked.Where(m => m.Directives.Options.Delete != Removal.Never).Select(m => m.Object).OrderBy(o => o.Key, Comparer<Resources.ObjectKey>.Create((a, b) => SyncOrder.Compare(b, a))).ToList();
        if (left.Count == 0)
        {
            await ReleaseAsync(state, finalizer, cancellation).ConfigureAwait(false);
            return new Outcome.Succeeded("Deleted");
        }

        // One rank after the other: the next begins when this one is gone.
        var rank = SyncOrder.Rank(left[0].Key.GroupKind);
        foreach (var due in left.TakeWhile(o => SyncOrder.Rank(o.Key.GroupKind) == rank).Where(o => !o.IsBeingDeleted))
        {
            if (marked.First(m => m.Object == due).Directives.IsHook)
            {
                await cluster.Hooks.DeleteAsync(due.Read(), cancellation).ConfigureAwait(false);
                continue;
            }

            var propagation = finalizer == Application.BackgroundFinalizer ? DeletePropagation.Background : PrunePropagation.Of(due.Key.GroupKind);
            await cluster.Client.DeleteAsync(due.Key, new DeleteOptions { Propagation = propagation, Uid = due.Uid }, cancellation).ConfigureAwait(false);
        }

        var stuck = left.Where(o => o.IsBeingDeleted).Select(o => StuckDeletion.Of(o.Read())).OfType<string>().Take(MostNamed).ToList();
        var outcome = new Outcome.Waiting("Deleting", $"{left.Count} objects are left", Wait);
        return stuck.Count == 0 ? outcome : Tell(state, ConditionTypes.Deleting, $"{left.Count} objects are left. {string.Join("\n", stuck)}", outcome);
    }

    // Asked once for all of them, before the first goes.
    private static string? Unconfirmed(IReadOnlyList<(CachedObject Object, ObjectDirectives Directives)> marked, Application application)
    {
        var asking = marked.Where(m => m.Directives.Options.Delete == Removal.Confirmed && !m.Object.IsBeingDeleted).Select(m => m.Object.Key.ToString()).ToList();
        var approved = StatusReader.Time(application.Object.Body.At("metadata", "annotations", Application.DeletionApprovedAnnotation));
        var since = StatusReader.Time(application.Object.Metadata["deletionTimestamp"]);
        return asking.Count == 0 || (approved is { } when && (since is null || when >= since))
            ? null
            : $"waiting for confirmation of the deletion of {string.Join(", ", asking)}; set the annotation {Application.DeletionApprovedAnnotation} of the Application to the time now";
    }

    private Task ReleaseAsync(ApplicationState state, string finalizer, CancellationToken cancellation) =>
        publisher.ChangeFinalizersAsync(state.Key, all => all.Where(f => f != finalizer), cancellation);

    private Outcome Tell(ApplicationState state, string type, string message, Outcome outcome)
    {
        var condition = new ApplicationCondition(type, message);
        var known = state.Status.Conditions.FirstOrDefault(c => c.Condition == condition);
        state.Status = state.Status with { Conditions = [(condition, known.Condition is null ? time.GetUtcNow() : known.Since)] };
        publisher.Publish(state);
        return outcome;
    }
}
