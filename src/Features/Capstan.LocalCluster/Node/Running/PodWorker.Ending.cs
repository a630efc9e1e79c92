using Capstan.Containers.Containers;
using Capstan.LocalCluster.ApiServer;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Node.Pods;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Node.Running;

/// <summary>The end of containers and of the whole pod.</summary>
internal sealed partial class PodWorker
{
    /// <summary>Ends a pod that is being deleted: its containers have its grace period, then its object goes, then what is left on the machine.</summary>
    private async Task EndAsync(KubernetesObject pod, PodObservation observed, CancellationToken cancellation)
    {
        await StopAllAsync(pod, observed, Grace(pod), cancellation, keepSandbox: true).ConfigureAwait(false);
        await WriteStatusAsync(pod, cancellation).ConfigureAwait(false);
        try
        {
            await node.Cluster.DeleteAsync(key, uid, gracePeriodSeconds: 0, propagation: null, cancellation).ConfigureAwait(false);
        }
        catch (ApiStatusException gone) when (gone.Reason is ApiReasons.NotFound or ApiReasons.Conflict)
        {
            // Somebody was quicker, or its successor has the name: it is gone.
            node.Log.EventNotWritten("deletion", key.ToString(), gone.Message);
        }

        await RemoveAllAsync(observed, cancellation).ConfigureAwait(false);
    }

    /// <summary>Ends what runs: the main containers together, then the sidecars, the last first.</summary>
    private async Task StopAllAsync(KubernetesObject pod, PodObservation observed, TimeSpan grace, CancellationToken cancellation, bool keepSandbox = false)
    {
        var until = node.Time.GetUtcNow() + grace;
        var entries = ContainerEntry.Of(pod);
        await Task.WhenAll(entries.Where(e => e.Role != ContainerRole.Sidecar && observed.IsRunning(e.Name))
            .Select(e => StopAndTellAsync(pod, e, observed.Last(e.Name)!, grace, cancellation))).ConfigureAwait(false);
        foreach (var sidecar in entries.Where(e => e.Role == ContainerRole.Sidecar && observed.IsRunning(e.Name)).Reverse())
        {
            var left = until - node.Time.GetUtcNow();
            await StopAndTellAsync(pod, sidecar, observed.Last(sidecar.Name)!, left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellation).ConfigureAwait(false);
        }

        if (!keepSandbox && observed.Sandbox is { Phase: ContainerPhase.Running } sandbox)
        {
            await node.Engine.Containers.KillAsync(sandbox.Id, "KILL", cancellation).ConfigureAwait(false);
        }
    }

    private Task StopAndTellAsync(KubernetesObject pod, ContainerEntry entry, ContainerStatus container, TimeSpan grace, CancellationToken cancellation)
    {
        node.Events.Record(pod, isWarning: false, "Killing", $"Stopping container {entry.Name}", entry.FieldPath);
        return StopOneAsync(pod, entry, container, grace, cancellation);
    }

    private async Task StopOneAsync(KubernetesObject pod, ContainerEntry entry, ContainerStatus container, TimeSpan grace, CancellationToken cancellation)
    {
        if (_probes.Remove(entry.Name, out var probes))
        {
            await probes.DisposeAsync().ConfigureAwait(false);
        }

        var began = node.Time.GetUtcNow();
        if (grace > TimeSpan.Zero && entry.Body.MapAt("lifecycle")["preStop"] is YamlMap hook)
        {
            var result = await actions.RunAsync(entry.Body, container.Id, _podIp, hook, grace, cancellation).ConfigureAwait(false);
            if (!result.Succeeded)
            {
                node.Events.Record(pod, isWarning: true, "FailedPreStopHook", $"PreStopHook failed: {result.Message}", entry.FieldPath);
            }
        }

        // What the hook took is gone; but everybody gets two seconds to end by itself (kubelet: minimumGracePeriodInSeconds).
        var left = grace - (node.Time.GetUtcNow() - began);
        left = grace == TimeSpan.Zero ? TimeSpan.Zero : left < TimeSpan.FromSeconds(2) ? TimeSpan.FromSeconds(2) : left;
        await node.Engine.Containers.StopAsync(container.Id, left, cancellation).ConfigureAwait(false);
    }

    private async Task RemoveAllAsync(PodObservation observed, CancellationToken cancellation)
    {
        await RemoveAllContainersAsync(observed, cancellation).ConfigureAwait(false);
        node.Folders.Remove(uid);
        node.Tokens.Forget(uid);
    }

    // The sandbox last: engines do not remove it while others are in its network.
    private async Task RemoveAllContainersAsync(PodObservation observed, CancellationToken cancellation)
    {
        foreach (var container in observed.All)
        {
            await node.Engine.Containers.RemoveAsync(container.Id, cancellation).ConfigureAwait(false);
        }
    }
}
