using System.Net;
using Capstan.Delivery.Controllers;
using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplySets;
using Capstan.Delivery.Rendering;
using Capstan.Delivery.Sync;
using Capstan.Helm;
using Capstan.Kubernetes;
using Capstan.Sources.Folders;
using Capstan.Trees;
using Capstan.Workflows;
using Capstan.Workflows.Applying;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Server.Bindings;

/// <summary>
/// Applies manifests for steps as <c>capstan apply</c> does. The kubeconfig is a tenant's: it may name no program and no file, and no address of this machine besides
/// that of the cluster which this server steers.
/// </summary>
/// <param name="own">The address of the cluster that this server steers.</param>
/// <param name="time">The clock.</param>
internal sealed class ManifestApplies(Uri own, TimeProvider time) : IManifestApplies
{
    private static readonly string[] KustomizeFiles = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    private static readonly TimeSpan WaveTime = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public async Task<int> ApplyAsync(ApplyOrder order, Action<string> log, CancellationToken cancellation)
    {
        try
        {
            var connection = ClusterConnection.FromKubeconfigText("kubeconfig", order.Kubeconfig);
            await CheckAddressAsync(connection.Server, cancellation).ConfigureAwait(false);
            using var client = new ClusterClient(connection, time, NullLogger.Instance);
            var space = order.Namespace ?? connection.DefaultNamespace;
            var request = new PushRequest(versions => Render(order, space, versions), space, order.Name is null ? null : new ApplySet(order.Name, space), order.Prune);
            var sync = new ApplySetSync(client, time);
            log($"planning for {connection}");
            var plan = await sync.PlanAsync(request, cancellation).ConfigureAwait(false);
            foreach (var line in plan.ToText().TrimEnd('\n').Split('\n')) log(line);
            if (plan.Refusal is { } refusal) throw new WorkflowException(refusal);
            var changes = plan.Count(SyncAction.Create) + plan.Count(SyncAction.Change) + plan.Count(SyncAction.Prune);
            if (order.DryRun)
            {
                log("nothing was written (dry-run)");
                return changes;
            }

            var run = await sync.RunAsync(request, plan, dryRun: false, cancellation, WaveTime, log).ConfigureAwait(false);
            if (!run.Succeeded) throw new WorkflowException($"{(run.IsDryRun ? "nothing was written: " : "")}{run.Message}");
            log(run.Message);
            if (order.Wait is { } wait && await new HealthWait(client, time, log).ForAsync(plan, wait, cancellation).ConfigureAwait(false) is { } unhealthy) throw new WorkflowException($"{unhealthy} with timeout-minutes");
            return changes;
        }
        catch (Exception wrong) when (wrong is DeliveryException or ClusterConfigurationException or ClusterUnreachableException or KubernetesException or UnknownKindException or TreeLinkException)
        {
            throw new WorkflowException(wrong.Message, wrong);
        }
    }

    private static RenderedSource Render(ApplyOrder order, string space, ClusterVersions versions)
    {
        var tree = new FolderTree(order.Root);
        var full = Path.Combine(order.Root, order.Path);
        if (File.Exists(full))
        {
            var (folder, file) = (Path.GetDirectoryName(order.Path) ?? "", Path.GetFileName(order.Path));
            return LocalSource.Render(tree, folder, new DirectoryOptions(Include: Literally(file), IsExplicit: true), new RenderTarget(order.Name ?? "release-name", space, "default", versions));
        }

        var isChart = File.Exists(Path.Combine(full, "Chart.yaml")) && !KustomizeFiles.Any(f => File.Exists(Path.Combine(full, f)));
        return isChart
            ? LocalSource.Render(new HelmRenderRequest
            {
                Tree = tree,
                ChartPath = TreePath.Parse(order.Path),
                ReleaseName = order.Name ?? "release-name",
                Namespace = space,
                ReadFile = file => throw new FileNotFoundException("no file is read from here", file),
                KubeVersion = versions.Kubernetes,
                ApiVersions = versions.Apis,
                IncludeCrds = true,
            })
            : LocalSource.Render(tree, order.Path, new DirectoryOptions(order.Recurse), new RenderTarget(order.Name ?? "release-name", space, "default", versions));
    }

    // A job in a container cannot reach what listens on this machine alone, and must not do so by this way either; nor the machine's metadata.
    private async Task CheckAddressAsync(Uri server, CancellationToken cancellation)
    {
        if (server.Authority == own.Authority) return;
        var addresses = IPAddress.TryParse(server.Host.Trim('[', ']'), out var literal) ? [literal] : await ResolveAsync(server.Host, cancellation).ConfigureAwait(false);
        if (addresses.Any(IsOwnMachine)) throw new WorkflowException($"kubeconfig: {server.Authority} is an address of the machine that Capstan runs on, which steps do not reach");
    }

    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellation)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellation).ConfigureAwait(false);
        }
        catch (System.Net.Sockets.SocketException unknown)
        {
            throw new WorkflowException($"kubeconfig: {host} cannot be found: {unknown.Message}", unknown);
        }
    }

    private static bool IsOwnMachine(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return IPAddress.IsLoopback(plain) || plain.Equals(IPAddress.Any) || plain.Equals(IPAddress.IPv6Any) || plain.IsIPv6LinkLocal || (plain.GetAddressBytes() is [169, 254, ..] and { Length: 4 });
    }

    // A file's name as a glob that matches it alone.
    private static string Literally(string name) => string.Concat(name.Select(c => c is '*' or '?' or '[' or ']' or '{' or '}' or '\\' ? $"\\{c}" : c.ToString()));
}
