using Capstan.Kubernetes;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Hosting;

/// <summary>The cluster that is steered: the embedded one, started here, or another.</summary>
internal sealed class ClusterTarget : IAsyncDisposable
{
    private readonly IAsyncDisposable? _local;

    private ClusterTarget(ClusterConnection connection, string kubeconfig, IAsyncDisposable? local)
    {
        Connection = connection;
        Kubeconfig = kubeconfig;
        _local = local;
    }

    public ClusterConnection Connection { get; }

    /// <summary>Empty inside a cluster.</summary>
    public string Kubeconfig { get; }

    public static Task<ClusterTarget> OpenAsync(ServerSettings settings, TimeProvider time, ILoggerFactory logs, CancellationToken cancellation)
    {
        if (settings.InCluster) return Task.FromResult(new ClusterTarget(ClusterConnection.InCluster(), "", null));
        var file = Path.GetFullPath(settings.Kubeconfig ?? throw new ServerStartException("say which cluster: --kubeconfig FILE"));
        return Task.FromResult(new ClusterTarget(ClusterConnection.FromKubeconfig(file), file, null));
    }

    public ValueTask DisposeAsync() => _local?.DisposeAsync() ?? ValueTask.CompletedTask;
}
