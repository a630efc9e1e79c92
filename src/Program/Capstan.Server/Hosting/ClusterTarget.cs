using Capstan.Kubernetes;
using Capstan.LocalCluster;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Hosting;

/// <summary>The cluster that is steered: the embedded one, started here, or another.</summary>
internal sealed class ClusterTarget : IAsyncDisposable
{
    private readonly LocalClusterServer? _local;

    private ClusterTarget(ClusterConnection connection, string kubeconfig, LocalClusterServer? local)
    {
        Connection = connection;
        Kubeconfig = kubeconfig;
        _local = local;
    }

    public ClusterConnection Connection { get; }

    /// <summary>Empty inside a cluster.</summary>
    public string Kubeconfig { get; }

    public static async Task<ClusterTarget> OpenAsync(ServerSettings settings, TimeProvider time, ILoggerFactory logs, CancellationToken cancellation)
    {
        if (settings.InCluster) return new ClusterTarget(ClusterConnection.InCluster(), "", null);
        if (settings.Kubeconfig is not null)
        {
            var file = Path.GetFullPath(settings.Kubeconfig);
            return new ClusterTarget(ClusterConnection.FromKubeconfig(file), file, null);
        }
        var options = new LocalClusterOptions { DataFolder = settings.Data, Listen = settings.ClusterListen.EndPoint, CreateNamespaces = settings.AppNamespaces };
        try
        {
            var local = await LocalClusterServer.StartAsync(options, time, logs, cancellation).ConfigureAwait(false);
            return new ClusterTarget(ClusterConnection.FromKubeconfig(local.KubeconfigPath), local.KubeconfigPath, local);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new ServerStartException($"{settings.ClusterListen}: the embedded cluster cannot listen there: the address is in use. Name another with --cluster-listen, or steer another cluster with --kubeconfig", e);
        }
    }

    /// <summary>Has the embedded cluster hold its objects in less room.</summary>
    public void Shrink() => _local?.Shrink();

    public ValueTask DisposeAsync() => _local?.DisposeAsync() ?? ValueTask.CompletedTask;
}
