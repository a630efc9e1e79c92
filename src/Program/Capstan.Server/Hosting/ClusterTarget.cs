using Capstan.Containers;
using Capstan.Kubernetes;
using Capstan.LocalCluster;
using Capstan.Server.Bindings;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Hosting;

/// <summary>The cluster that is steered: the embedded one, started here, or another.</summary>
internal sealed class ClusterTarget : IAsyncDisposable
{
    private readonly LocalClusterServer? _local;
    private readonly PodEngine? _engine;

    private ClusterTarget(ClusterConnection connection, string kubeconfig, LocalClusterServer? local, PodEngine? engine = null, string pods = "")
    {
        (_engine, Pods) = (engine, pods);
        Connection = connection;
        Kubeconfig = kubeconfig;
        _local = local;
    }

    public ClusterConnection Connection { get; }

    /// <summary>Empty inside a cluster.</summary>
    public string Kubeconfig { get; }

    /// <summary>What becomes of the embedded cluster's pods, for people; empty for another cluster.</summary>
    public string Pods { get; }

    /// <summary>Whether pods are containers whose addresses can be reached from this machine.</summary>
    public bool RunsContainers => _engine?.Engine?.Info is { SharesKernel: true, Rootless: false };

    public static async Task<ClusterTarget> OpenAsync(ServerSettings settings, IImageArchives? images, TimeProvider time, ILoggerFactory logs, CancellationToken cancellation)
    {
        if (settings.InCluster) return new ClusterTarget(ClusterConnection.InCluster(), "", null);
        if (settings.Kubeconfig is not null)
        {
            var file = Path.GetFullPath(settings.Kubeconfig);
            return new ClusterTarget(ClusterConnection.FromKubeconfig(file), file, null);
        }
        var engine = await PodEngine.FindAsync(settings, time, cancellation).ConfigureAwait(false);
        var options = new LocalClusterOptions { Containers = engine.Options(settings, images), DataFolder = settings.Data, Listen = settings.ClusterListen.EndPoint, CreateNamespaces = settings.AppNamespaces, Services = ServiceRange.Ten(settings.ServiceNetwork) };
        try
        {
            var local = await LocalClusterServer.StartAsync(options, time, logs, cancellation).ConfigureAwait(false);
            // The engine and its cluster are one process: their requests need no connection.
            return new ClusterTarget(ClusterConnection.FromKubeconfig(local.KubeconfigPath).Through(local.CreateHandler), local.KubeconfigPath, local, engine, engine.Explanation);
        }
        catch (ContainerEngineException e)
        {
            await engine.DisposeAsync().ConfigureAwait(false);
            throw new ServerStartException($"the container engine {engine.Engine?.Info} cannot be used: {e.Message}", e);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new ServerStartException($"{settings.ClusterListen}: the embedded cluster cannot listen there: the address is in use. Name another with --cluster-listen, or steer another cluster with --kubeconfig", e);
        }
    }

    /// <summary>Writes the embedded cluster's objects into a new file; null for another cluster.</summary>
    public Func<string, CancellationToken, Task>? CopyObjects => _local is null ? null : _local.CopyObjectsAsync;

    /// <summary>Has the embedded cluster hold its objects in less room.</summary>
    public void Shrink() => _local?.Shrink();

    public async ValueTask DisposeAsync()
    {
        if (_local is not null) await _local.DisposeAsync().ConfigureAwait(false);
        if (_engine is not null) await _engine.DisposeAsync().ConfigureAwait(false);
    }
}
