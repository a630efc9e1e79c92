using Capstan.LocalCluster.Controllers.Accounts;
using Capstan.LocalCluster.Controllers.Deletion;
using Capstan.LocalCluster.Controllers.Networking;
using Capstan.LocalCluster.Controllers.Policies;
using Capstan.LocalCluster.Controllers.Volumes;
using Capstan.LocalCluster.Controllers.Workloads;
using Capstan.LocalCluster.Identity;
using Capstan.LocalCluster.Node;
using Capstan.LocalCluster.Storage;
using Microsoft.Extensions.Logging;

namespace Capstan.LocalCluster.Controllers.Running;

/// <summary>The controllers of one server: they follow its store from before the first write until it stops.</summary>
internal sealed class ControllerHost : IAsyncDisposable
{
    private readonly ClusterClient _client;
    private readonly TimeProvider _time;
    private readonly ControllerManager _manager;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    /// <summary>Connects the controllers with the store, whose objects as they are now wake them when they start.</summary>
    public ControllerHost(ObjectStore store, ClusterClient client, IReadOnlyList<IController> controllers, TimeProvider time, ILogger log)
    {
        _client = client;
        _time = time;
        _manager = new ControllerManager(new ClusterIndex(store), new ApiObjectWriter(client), controllers, time, log);
        foreach (var resource in store.Resources.ToList())
        {
            var objects = store.Snapshot(resource).Table.In(null);
            _manager.OnCommitted([.. objects.Select(o => new StoreEvent(StoreEventKind.Added, o, null))]);
        }

        store.Committed = _manager.OnCommitted;
    }

    /// <summary>Registers the node and lets the controllers run.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await RegisterNodeAsync(cancellation).ConfigureAwait(false);
        _running = _manager.RunAsync(_stopping.Token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _manager.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Every controller there is.</summary>
    /// <param name="tokens">Signs the tokens of service accounts.</param>
    /// <param name="authority">The cluster's authority, as PEM.</param>
    public static IReadOnlyList<IController> All(AccountTokens tokens, string authority) =>
    [
        new DeploymentController(), new ReplicaSetController(), new ReplicationControllerController(), new StatefulSetController(), new DaemonSetController(), new JobController(), new CronJobController(),
        new NamespaceController(), new RootCertificateController(authority), new TokenSecretController(tokens, authority), new ClusterRoleController(),
        new LoadBalancerController(), new EndpointController(), new ClaimController(), new VolumeController(), new DisruptionController(), new AutoscalerController(),
        new QuotaController(),
        new SimulatedNode(),
    ];

    private async Task RegisterNodeAsync(CancellationToken cancellation)
    {
        var node = SimulatedNode.NodeObject(_time.GetUtcNow());
        if (_client.Get(node.Key) is not { } known)
        {
            known = await _client.CreateAsync(node, cancellation).ConfigureAwait(false);
        }

        // A node that is as it should be is not written again, so that a restart changes nothing.
        if (!SimulatedNode.Reports(known, node))
        {
            await _client.UpdateStatusAsync(known.With(["status"], node.Status), cancellation).ConfigureAwait(false);
        }
    }
}
