using Capstan.LocalCluster.ApiServer;
using Capstan.LocalCluster.Controllers.Deletion;
using Capstan.LocalCluster.Storage;
using Capstan.Reconcile;
using Capstan.Resources;
using Microsoft.Extensions.Logging;

namespace Capstan.LocalCluster.Controllers.Running;

/// <summary>
/// Runs the controllers: every commit wakes the objects that it concerns, each object is worked on by one worker at a time, and what a
/// controller wants is written through the API server's own rules.
/// </summary>
internal sealed class ControllerManager : IDisposable
{
    // A pod passes through several states within milliseconds of its creation; its owners look once at the end of them. What was only just
    // made has work of its own to do first, and where much is queued each step takes longer.
    private static readonly TimeSpan OwnersWait = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestOwnersWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan EachQueued = TimeSpan.FromMilliseconds(0.5);

    // Most of a worker's time is waiting for a commit, and all who wait at the same time share it.
    private const int Workers = 32;

    private readonly ClusterIndex _index;
    private readonly IObjectWriter _writer;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ILookup<GroupKind, IController> _controllers;
    private readonly ILookup<GroupKind, IObserver> _observers;
    private readonly HashSet<(GroupKind Owned, GroupKind Owner)> _ownership;
    private readonly ReconcileLoop<StoreKey> _loop;

    /// <summary>Wires the controllers to a store; <see cref="RunAsync"/> starts them.</summary>
    public ControllerManager(ClusterIndex index, IObjectWriter writer, IReadOnlyList<IController> controllers, TimeProvider time, ILogger log)
    {
        _index = index;
        _writer = writer;
        _time = time;
        _log = log;
        _controllers = controllers.ToLookup(c => c.Kind);
        _observers = controllers.OfType<IObserver>().SelectMany(o => o.Observes.Select(kind => (kind, o))).ToLookup(o => o.kind, o => o.o);
        _ownership = [.. controllers.SelectMany(c => c.Owns.Select(owned => (owned, c.Kind)))];
        var options = new ReconcileOptions("local-cluster")
        {
            Workers = Workers,
            Backoff = new Backoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(30)),
        };
        _loop = new ReconcileLoop<StoreKey>(options, ReconcileAsync, time, log);
    }

    /// <summary>Takes a committed change in; called in the order of commits.</summary>
    public void OnCommitted(IReadOnlyList<StoreEvent> changes)
    {
        foreach (var change in changes)
        {
            var indexed = _index.Apply(change);
            Wake(indexed);
            WakeObservers(indexed, change);
        }
    }

    /// <summary>Works until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation) => _loop.RunAsync(cancellation);

    /// <inheritdoc/>
    public void Dispose() => _loop.Dispose();

    private void Wake(IndexedChange change)
    {
        var entry = change.After ?? change.Before;
        if (entry is null)
        {
            return;
        }

        if (change.After is null)
        {
            _loop.Forget(change.Key);

            // Whoever it owned may have lost the last owner.
            foreach (var dependent in _index.DependentKeys(entry.Uid))
            {
                Enqueue(dependent);
            }
        }
        else if (_controllers.Contains(entry.GroupKind) || entry.IsDeleting || entry.OwnerUids.Count > 0)
        {
            Enqueue(change.Key);
        }

        WakeOwners(change.Before, isNew: false);
        WakeOwners(change.After, change.Before is null);
        WakeAdopters(change);
    }

    private void WakeOwners(ClusterIndex.Entry? entry, bool isNew)
    {
        if (entry is null || entry.OwnerUids.Count == 0)
        {
            return;
        }

        var wait = OwnersWait + (EachQueued * _loop.Queue.Ready);
        wait = (wait < LongestOwnersWait ? wait : LongestOwnersWait) * (isNew ? 3 : 1);
        foreach (var owner in entry.OwnerUids)
        {
            if (_index.Locate(owner) is { } key && !_loop.EnqueueAfter(key, wait))
            {
                _log.QueueFull(key.ToString());
            }
        }
    }

    private void WakeObservers(IndexedChange indexed, StoreEvent change)
    {
        if ((indexed.After ?? indexed.Before)?.GroupKind is not { } kind || !_observers.Contains(kind))
        {
            return;
        }

        var (before, now) = (change.Previous?.Tree, change.Object.Tree);
        foreach (var observer in _observers[kind])
        {
            var concerned = observer.Concerned(new KubernetesObject(now), _index);
            concerned = before is null ? concerned : concerned.Union(observer.Concerned(new KubernetesObject(before), _index));
            foreach (var key in concerned)
            {
                if (_index.Place(key) is { } place && !_loop.EnqueueAfter(place, OwnersWait))
                {
                    _log.QueueFull(place.ToString());
                }
            }
        }
    }

    // An object without a controller may be one that a controller wants to adopt.
    private void WakeAdopters(IndexedChange change)
    {
        if (change.After is not { IsOrphan: true } orphan)
        {
            return;
        }

        foreach (var candidate in _index.Places(change.Key.Namespace, kind => _ownership.Contains((orphan.GroupKind, kind))))
        {
            Enqueue(candidate);
        }
    }

    private void Enqueue(StoreKey key)
    {
        if (!_loop.Enqueue(key))
        {
            _log.QueueFull(key.ToString());
        }
    }

    private async Task<Outcome> ReconcileAsync(StoreKey key, CancellationToken cancellation)
    {
        if (_index.Get(key) is not { } subject)
        {
            return new Outcome.Succeeded();
        }

        var collected = GarbageCollector.Plan(subject, _index);
        if (collected.Writes.Count > 0)
        {
            return await CarryOutAsync(null, subject, collected, cancellation).ConfigureAwait(false);
        }

        Outcome all = new Outcome.Succeeded();
        foreach (var controller in _controllers[subject.GroupKind])
        {
            // What the controller before has written is seen by the next one.
            if (_index.Get(key) is not { } current)
            {
                break;
            }

            var plan = controller.Plan(current, _index, _time.GetUtcNow());
            var one = await CarryOutAsync(controller, current, plan, cancellation).ConfigureAwait(false);
            all = Sooner(all, one);
        }

        return all;
    }

    private static Outcome Sooner(Outcome one, Outcome other) => (one, other) switch
    {
        (Outcome.Waiting a, Outcome.Waiting b) => a.For <= b.For ? a : b,
        (Outcome.Waiting, _) => one,
        _ => other,
    };

    private async Task<Outcome> CarryOutAsync(IController? controller, KubernetesObject subject, ControllerPlan plan, CancellationToken cancellation)
    {
        foreach (var write in plan.Writes)
        {
            _log.Writing(controller is null ? "garbage-collector" : subject.Kind, subject.ToString(), $"{write.GetType().Name} {write.Object}");
            try
            {
                if (await _writer.WriteAsync(write, cancellation).ConfigureAwait(false) == WriteResult.Stale)
                {
                    return new Outcome.Waiting("Stale", "the object changed meanwhile", TimeSpan.FromMilliseconds(5));
                }
            }
            catch (ApiStatusException refused) when (write is ObjectWrite.Create && refused.Reason is ApiReasons.Forbidden or ApiReasons.Invalid)
            {
                if (controller?.Refused(subject, refused.Message, _time.GetUtcNow()) is { } told)
                {
                    await _writer.WriteAsync(told, cancellation).ConfigureAwait(false);
                }

                throw;
            }
        }

        return plan.CheckAgain is { } delay ? new Outcome.Waiting("CheckAgain", "", delay) : new Outcome.Succeeded();
    }
}
