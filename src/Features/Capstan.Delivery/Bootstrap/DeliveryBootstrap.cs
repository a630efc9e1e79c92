using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Bootstrap;

/// <summary>Makes what the engine needs in its cluster, where it is absent. What is there is left alone.</summary>
public static class DeliveryBootstrap
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly WriteOptions Writer = new() { FieldManager = "capstan-bootstrap" };

    /// <summary>Makes namespaces, definitions and the project <c>default</c>, and waits until the kinds are served.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="namespaces">The namespaces to make; the first one holds the project.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task EnsureAsync(ClusterClient client, IReadOnlyList<string> namespaces, TimeProvider time, CancellationToken cancellation)
    {
        foreach (var space in namespaces)
        {
            var body = YamlMap.Of(("apiVersion", "v1"), ("kind", "Namespace"), ("metadata", YamlMap.Of(("name", space))));
            await CreateAsync(client, new KubernetesObject(body), cancellation).ConfigureAwait(false);
        }

        foreach (var definition in CustomResourceDefinitions.All)
        {
            await CreateAsync(client, definition, cancellation).ConfigureAwait(false);
        }

        var kind = new GroupVersionKind("argoproj.io", "v1alpha1", "AppProject");
        var started = time.GetTimestamp();
        while ((await client.DiscoverAsync(refresh: true, cancellation).ConfigureAwait(false)).Find(kind) is null && time.GetElapsedTime(started) < Patience)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellation).ConfigureAwait(false);
        }

        await CreateAsync(client, CustomResourceDefinitions.DefaultProject(namespaces[0]), cancellation).ConfigureAwait(false);
    }

    private static async Task CreateAsync(ClusterClient client, KubernetesObject @object, CancellationToken cancellation)
    {
        try
        {
            await client.CreateAsync(@object, Writer, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException error) when (error.IsAlreadyExists)
        {
            return;
        }
    }
}
