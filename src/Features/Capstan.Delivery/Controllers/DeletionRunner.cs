using Capstan.Delivery.Applications;
using Capstan.Delivery.Sync;
using Capstan.Delivery.Sync.Directives;
using Capstan.Kubernetes;
using Capstan.Reconcile;
using Capstan.Yaml;

namespace Capstan.Delivery.Controllers;

/// <summary>Deletes an Application with its objects: in the reverse of the order in which they were made, and only then the Application.</summary>
internal sealed class DeletionRunner(Observer observer, ClusterRegistry clusters, StatusPublisher publisher, TimeProvider time)
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);

    public async Task<Outcome> RunAsync(ApplicationState state, Application application, CancellationToken cancellation)
    {
        var finalizer = application.Object.Finalizers.FirstOrDefault(f => f is Application.ForegroundFinalizer or Application.BackgroundFinalizer);
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
                return Tell(state, $"cluster {cluster.Server} cannot be listed now; deletion goes on when it can", new Outcome.Failed("ClusterNotReadable", cluster.Live.Cluster.Cause));
            }

            var marked = observer.Tracked(cluster, state.Key).Select(o => (Object: o, Directives: ObjectDirectives.Of(o.Read()))).ToList();
            if (Unconfirmed(marked, application) is { } unconfirmed)
            {
                return Tell(state, unconfirmed, new Outcome.Waiting("Unconfirmed", unconfirmed, Wait));
            }

            // What says of itself that it stays, stays; what is left of hooks goes with their finalizer.
            var left = marked.Where(m => m.Directives.Options.Delete != Removal.Never).Select(m => m.Object).OrderBy(o => o.Key, Comparer<Resources.ObjectKey>.Create((a, b) => SyncOrder.Compare(b, a))).ToList();
            if (left.Count == 0)
            {
                await ReleaseAsync(state, application, finalizer, cancellation).ConfigureAwait(false);
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

            return new Outcome.Waiting("Deleting", $"{left.Count} objects are left", Wait);
        }
        catch (KubernetesException error) when (error.IsConflict || error.IsNotFound)
        {
            return new Outcome.Waiting("Deleting", error.Message, TimeSpan.FromMilliseconds(200));
        }
        catch (Exception error) when (error is KubernetesException or ClusterUnreachableException or ClusterConfigurationException or UnknownKindException)
        {
            return Tell(state, $"{error.Message}; to let the objects stay, remove the finalizer {finalizer} from the Application", new Outcome.Failed("DeletionFailed", error.Message));
        }
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

    private async Task ReleaseAsync(ApplicationState state, Application application, string finalizer, CancellationToken cancellation)
    {
        var rest = new YamlList(application.Object.Finalizers.Where(f => f != finalizer).Select(f => (YamlNode)f));
        await publisher.PatchAsync(state.Key, YamlMap.Of(("metadata", YamlMap.Of(("finalizers", rest)))), cancellation).ConfigureAwait(false);
    }

    private Outcome Tell(ApplicationState state, string message, Outcome outcome)
    {
        var known = state.Status.Conditions.FirstOrDefault(c => c.Condition.Type == ConditionTypes.Deletion && c.Condition.Message == message);
        state.Status = state.Status with { Conditions = [(new ApplicationCondition(ConditionTypes.Deletion, message), known.Condition is null ? time.GetUtcNow() : known.Since)] };
        publisher.Publish(state);
        return outcome;
    }
}
