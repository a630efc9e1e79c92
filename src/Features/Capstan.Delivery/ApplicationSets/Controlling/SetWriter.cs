using Capstan.Delivery.Applications;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Controlling;

/// <summary>Writes what a plan says, several Applications at once. One that fails does not keep the others.</summary>
internal sealed class SetWriter(ClusterClient client, int writesAtOnce)
{
    private static readonly WriteOptions Writer = new() { FieldManager = "capstan-applicationset-controller" };

    /// <summary>Writes a plan.</summary>
    /// <returns>What failed: reason and message of each.</returns>
    public async Task<IReadOnlyList<(string Reason, string Message)>> WriteAsync(SetPlan plan, CancellationToken cancellation)
    {
        var failures = new System.Collections.Concurrent.ConcurrentQueue<(string, string)>();
        if (plan.Creates.Count + plan.Updates.Count + plan.Deletes.Count == 0)
        {
            return [];
        }

        var resource = await client.ResolveAsync(Application.Kind, cancellation).ConfigureAwait(false);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = writesAtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(plan.Creates, parallel, (a, stop) => TryAsync("CreateApplicationError", a, () => client.CreateAsync(resource, a, Writer, stop))).ConfigureAwait(false);
        await Parallel.ForEachAsync(plan.Updates, parallel, (u, stop) => TryAsync(
            SetConditions.NotWritten, u.Live, () => client.PatchAsync(resource, u.Live.Namespace, u.Live.Name, PatchKind.Merge, u.Patch, Writer, cancellation: stop))).ConfigureAwait(false);
        await Parallel.ForEachAsync(plan.Deletes, parallel, (d, stop) => TryAsync(
            SetConditions.NotDeleted, d, () => client.DeleteAsync(resource, d.Namespace, d.Name, new DeleteOptions { Uid = d.Uid }, stop))).ConfigureAwait(false);
        return [.. failures];

        async ValueTask TryAsync(string reason, KubernetesObject application, Func<Task> write)
        {
            try
            {
                await write().ConfigureAwait(false);
            }
            catch (KubernetesException error) when (error is { IsAlreadyExists: true, AfterLostResponse: true })
            {
                // The first try came through; only its answer was lost.
            }
            catch (KubernetesException error)
            {
                failures.Enqueue((reason, $"{application.Key}: {error.Message}"));
            }
        }
    }

    /// <summary>Asks for the sync of an Application, as a person would.</summary>
    public async Task StartAsync(ApplicationKey key, bool prune, CancellationToken cancellation)
    {
        var sync = prune ? YamlMap.Of(("prune", true)) : YamlMap.Empty;
        var operation = YamlMap.Of(
            ("sync", sync), ("initiatedBy", YamlMap.Of(("username", "applicationset-controller"), ("automated", true))),
            ("info", YamlList.Create([YamlMap.Of(("name", "Reason"), ("value", "ApplicationSet RollingSync triggered a sync of this Application resource"))])));
        var resource = await client.ResolveAsync(Application.Kind, cancellation).ConfigureAwait(false);
        await client.PatchAsync(resource, key.Namespace, key.Name, PatchKind.Merge, YamlMap.Of(("operation", operation)), Writer, cancellation: cancellation).ConfigureAwait(false);
    }

    /// <summary>Changes the set itself: annotations, finalizers.</summary>
    public async Task PatchAsync(ApplicationKey key, YamlMap patch, CancellationToken cancellation)
    {
        var resource = await client.ResolveAsync(ApplicationSet.Kind, cancellation).ConfigureAwait(false);
        await client.PatchAsync(resource, key.Namespace, key.Name, PatchKind.Merge, patch, Writer, cancellation: cancellation).ConfigureAwait(false);
    }

    /// <summary>Writes a set's status where it is another. Argo CD's definition keeps it behind a subresource, Capstan's does not.</summary>
    public async Task WriteStatusAsync(ApplicationKey key, YamlMap before, YamlMap after, CancellationToken cancellation)
    {
        if (MergePatch.Create(before, after) is not YamlMap { Count: > 0 } patch)
        {
            return;
        }

        var resource = await client.ResolveAsync(ApplicationSet.Kind, cancellation).ConfigureAwait(false);
        var subresource = resource.Subresources.Contains("status") ? "status" : "";
        await client.PatchAsync(resource, key.Namespace, key.Name, PatchKind.Merge, YamlMap.Of(("status", patch)), Writer, subresource, cancellation).ConfigureAwait(false);
    }
}
