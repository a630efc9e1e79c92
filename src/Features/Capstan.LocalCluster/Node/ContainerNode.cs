using System.Collections.Concurrent;
using System.Net;
using Capstan.Containers;
using Capstan.LocalCluster.ApiServer;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Node.Network;
using Capstan.LocalCluster.Node.Pods;
using Capstan.LocalCluster.Node.Probes;
using Capstan.LocalCluster.Node.Running;
using Capstan.Resources;
using Kinds = Capstan.LocalCluster.Controllers.Kinds;

namespace Capstan.LocalCluster.Node;

/// <summary>
/// The node whose pods are containers of an engine. A worker looks after each pod; what happens in the API and in the engine wakes it. At
/// its start it takes over the containers of pods that are there, and removes those whose pods are gone.
/// </summary>
internal sealed class ContainerNode : IAsyncDisposable
{
    private static readonly TimeSpan PartAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReapEvery = TimeSpan.FromMinutes(1);

    private readonly NodeParts _parts;
    private readonly PodNetwork _network;
    private readonly HandlerAction _actions;
    private readonly ConcurrentDictionary<string, (PodWorker Worker, Task Running)> _workers = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private IngressServer? _ingress;
    private Task _running = Task.CompletedTask;

    public ContainerNode(NodeParts parts, PodNetwork network)
    {
        (_parts, _network) = (parts, network);
        _actions = new HandlerAction(parts.Engine.Containers, parts.Time);
    }

    /// <summary>What it consists of.</summary>
    public NodeParts Parts => _parts;

    /// <summary>Where Ingress objects are served; null when the address was taken.</summary>
    public Uri? IngressAddress => _ingress?.Address;

    /// <summary>Begins to look after pods.</summary>
    /// <param name="api">Where the API listens.</param>
    /// <param name="cancellation">Ends the start.</param>
    public async Task StartAsync(IPEndPoint api, CancellationToken cancellation)
    {
        _network.Start(api);
        _ingress = await IngressServer.StartAsync(_parts.Cluster, _parts.Ingress, _parts.Loggers, _parts.Log, cancellation).ConfigureAwait(false);
        await SandboxImage.EnsureAsync(_parts.Engine, cancellation).ConfigureAwait(false);
        await RegisterAsync(cancellation).ConfigureAwait(false);
        _running = Task.WhenAll(
            AgainAsync("Following pods", FollowPodsAsync),
            AgainAsync("Following ConfigMaps", token => FollowSourcesAsync(Kinds.ConfigMap, token)),
            AgainAsync("Following Secrets", token => FollowSourcesAsync(Kinds.Secret, token)),
            AgainAsync("Following the engine", FollowEngineAsync),
            AgainAsync("Removing what is left over", ReapAsync),
            AgainAsync("Writing events", _parts.Events.RunAsync));
    }

    /// <summary>Stops looking after pods; their containers go on, as a kubelet's do.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_workers.Values.Select(w => w.Running)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_ingress is not null)
        {
            await _ingress.DisposeAsync().ConfigureAwait(false);
        }

        await _network.DisposeAsync().ConfigureAwait(false);
        _actions.Dispose();
        _stopping.Dispose();
    }

    private async Task RegisterAsync(CancellationToken cancellation)
    {
        var node = NodeObject.Of(_parts.Engine.Info, _parts.Time.GetUtcNow());
        var old = new ObjectKey(Kinds.Node, "", SimulatedNode.Name);
        if (_parts.Cluster.Get(old) is not null)
        {
            await _parts.Cluster.DeleteAsync(old, uid: null, gracePeriodSeconds: 0, propagation: null, cancellation).ConfigureAwait(false);
        }

        var known = _parts.Cluster.Get(node.Key) ?? await _parts.Cluster.CreateAsync(node, cancellation).ConfigureAwait(false);
        if (!SimulatedNode.Reports(known, node))
        {
            await _parts.Cluster.UpdateStatusAsync(known.With(["status"], node.Status), cancellation).ConfigureAwait(false);
        }
    }

    // A part that fails is begun again: a node that no longer follows is worse than one that is late.
    private async Task AgainAsync(string what, Func<CancellationToken, Task> part)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await part(_stopping.Token).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is ContainerEngineException or ApiStatusException or IOException)
            {
                _parts.Log.PartFailed(what, failure.Message);
            }

            await Task.Delay(PartAgain, _parts.Time, _stopping.Token).ConfigureAwait(false);
        }
    }

    private async Task FollowPodsAsync(CancellationToken cancellation)
    {
        var list = _parts.Cluster.List(Kinds.Pod);
        foreach (var pod in list.Items)
        {
            Dispatch(pod);
        }

        await foreach (var change in _parts.Cluster.WatchAsync(Kinds.Pod, list.Revision, cancellation).ConfigureAwait(false))
        {
            if (change.Type != ClusterEventType.Deleted)
            {
                Dispatch(change.Object);
            }
            else if (_workers.TryGetValue(change.Object.Uid, out var known))
            {
                known.Worker.Wake();
            }
        }
    }

    private void Dispatch(KubernetesObject pod)
    {
        if (pod.Spec.Text("nodeName") != NodeObject.Name)
        {
            return;
        }

        var (worker, _) = _workers.GetOrAdd(pod.Uid, static (uid, at) =>
        {
            var worker = new PodWorker(at.Node._parts, at.Node._actions, at.Key, uid);
            return (worker, Task.Run(() => at.Node.LookAfterAsync(worker, uid)));
        }, (Node: this, pod.Key));
        worker.Wake();
    }

    private async Task LookAfterAsync(PodWorker worker, string uid)
    {
        try
        {
            await worker.RunAsync(_stopping.Token).ConfigureAwait(false);
        }
        finally
        {
            _workers.TryRemove(uid, out _);
        }
    }

    private async Task FollowSourcesAsync(GroupKind kind, CancellationToken cancellation)
    {
        await foreach (var change in _parts.Cluster.WatchAsync(kind, _parts.Cluster.Revision, cancellation).ConfigureAwait(false))
        {
            foreach (var (worker, _) in _workers.Values)
            {
                if (worker.Namespace == change.Object.Namespace)
                {
                    worker.Wake();
                }
            }
        }
    }

    private async Task FollowEngineAsync(CancellationToken cancellation)
    {
        await foreach (var happening in _parts.Engine.Containers.FollowAsync(cancellation).ConfigureAwait(false))
        {
            // What the node itself does (programs run by probes) concerns nobody.
            if (!happening.Action.StartsWith("exec", StringComparison.Ordinal)
                && happening.Labels.TryGetValue(PodLabels.Uid, out var uid) && _workers.TryGetValue(uid, out var known))
            {
                known.Worker.Wake();
            }
        }
    }

    private async Task ReapAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var live = _parts.Cluster.List(Kinds.Pod).Items.Select(p => p.Uid).ToHashSet(StringComparer.Ordinal);
            var removed = await _parts.Engine.Containers.ReapAsync(null, c => !c.Labels.TryGetValue(PodLabels.Uid, out var uid) || live.Contains(uid) || _workers.ContainsKey(uid), cancellation).ConfigureAwait(false);
            foreach (var container in removed)
            {
                _parts.Log.Reaped(container.Name);
            }

            foreach (var uid in _parts.Folders.KnownPods().Where(uid => !live.Contains(uid) && !_workers.ContainsKey(uid)))
            {
                _parts.Folders.Remove(uid);
            }

            await Task.Delay(ReapEvery, _parts.Time, cancellation).ConfigureAwait(false);
        }
    }
}
