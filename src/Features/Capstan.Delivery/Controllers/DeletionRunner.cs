using Capstan.Delivery.Applications;
using Capstan.Delivery.Sync;
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

            var left = observer.Tracked(cluster, state.Key).OrderBy(o => o.Key, Comparer<Resources.ObjectKey>.Create((a, b) => SyncOrder.Compare(b, a))).ToList();
            if (left.Count == 0)
            {
                await ReleaseAsync(state, application, finalizer, cancellation).ConfigureAwait(false);
                return new Outcome.Succeeded("Deleted");
            }

            // One rank after the other: the next begins when this one is gone.
            var rank = SyncOrder.Rank(left[0].Key.GroupKind);
            foreach (var due in left.TakeWhile(o => SyncOrder.Rank(o.Key.GroupKind) == rank).Where(o => !o.IsBeingDeleted))
            {
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
