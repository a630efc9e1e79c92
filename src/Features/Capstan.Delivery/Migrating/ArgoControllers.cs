using Capstan.Delivery.Controllers;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Migrating;

/// <summary>Argo CD's controllers in a cluster: whether they run, and how they are stopped.</summary>
/// <param name="client">The cluster.</param>
/// <param name="time">The clock.</param>
public sealed class ArgoControllers(ClusterClient client, TimeProvider time)
{
    private static readonly GroupKind[] Kinds = [new("apps", "StatefulSet"), new("apps", "Deployment")];
    private static readonly GroupKind Pod = new("", "Pod");

    /// <summary>Those that run, or have a pod that has not ended, with the reason: <c>Kind/namespace/name: …</c>.</summary>
    public async Task<IReadOnlyList<string>> RunningAsync(CancellationToken cancellation)
    {
        var running = new List<string>();
        foreach (var controller in await AllAsync(cancellation).ConfigureAwait(false))
        {
            if (ForeignControllers.Runs(controller))
            {
                running.Add($"{controller.Key}: has replicas");
            }
        }

        var pods = await client.ListAsync(await client.ResolveAsync(Pod, cancellation).ConfigureAwait(false), cancellation: cancellation).ConfigureAwait(false);
        running.AddRange(pods.Items.Where(ForeignControllers.IsControllerPod)
            .Where(p => p.Body.At("status", "phase")?.AsString() is not ("Succeeded" or "Failed"))
            .Select(p => $"{p.Key}: has not ended"));
        return running;
    }

    /// <summary>Scales all of them to zero and waits until no pod of them is left.</summary>
    /// <exception cref="TimeoutException">They did not end in time.</exception>
    public async Task StopAsync(TimeSpan patience, Action<string> progress, CancellationToken cancellation)
    {
        foreach (var controller in (await AllAsync(cancellation).ConfigureAwait(false)).Where(ForeignControllers.Runs))
        {
            progress($"scaling {controller.Key} to 0; it had {controller.Spec["replicas"]?.ToString() ?? "1"}");
            var resource = await client.ResolveAsync(controller.GroupVersionKind, cancellation).ConfigureAwait(false);
            var none = YamlMap.Of(("spec", YamlMap.Of(("replicas", 0))));
            await client.PatchAsync(resource, controller.Namespace, controller.Name, PatchKind.Merge, none, cancellation: cancellation).ConfigureAwait(false);
        }

        var begun = time.GetTimestamp();
        while (await RunningAsync(cancellation).ConfigureAwait(false) is { Count: > 0 } left)
        {
            if (time.GetElapsedTime(begun) > patience)
            {
                throw new TimeoutException($"{string.Join(", ", left)} after {patience.TotalSeconds:0} s. Nothing was handed over; look why its pods do not end, and try again");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500), time, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<KubernetesObject>> AllAsync(CancellationToken cancellation)
    {
        var found = new List<KubernetesObject>();
        foreach (var kind in Kinds)
        {
            var all = await client.ListAsync(await client.ResolveAsync(kind, cancellation).ConfigureAwait(false), cancellation: cancellation).ConfigureAwait(false);
            found.AddRange(all.Items.Where(ForeignControllers.IsController));
        }

        return found;
    }
}
