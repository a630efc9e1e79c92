using Capstan.LocalCluster.ApiServer;
using Capstan.LocalCluster.ApiServer.Access;
using Capstan.LocalCluster.Controllers.Volumes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster;

/// <summary>What every cluster has from the start: Kubernetes' namespaces and the Service of the API.</summary>
internal static class FirstObjects
{
    private static readonly string[] Namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

    public static async Task EnsureAsync(ClusterClient client, IEnumerable<string> more, CancellationToken cancellation)
    {
        foreach (var name in Namespaces.Concat(more).Distinct(StringComparer.Ordinal))
        {
            await EnsureAsync(client, "v1", "Namespace", "", name, YamlMap.Empty, cancellation).ConfigureAwait(false);
        }

        var spec = YamlMap.Of(("clusterIP", "10.96.0.1"), ("ports", YamlList.Create([YamlMap.Of(("name", "https"), ("port", 443), ("targetPort", 6443))])));
        await EnsureAsync(client, "v1", "Service", "default", "kubernetes",
            YamlMap.Of(("spec", spec)), cancellation).ConfigureAwait(false);
        await EnsureClassAsync(client, cancellation).ConfigureAwait(false);
        foreach (var (name, value) in new[] { ("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000) })
        {
            await EnsureAsync(client, "scheduling.k8s.io/v1", "PriorityClass", "", name, YamlMap.Of(("value", value)), cancellation).ConfigureAwait(false);
        }

        await DefaultRoles.EnsureAsync(client, cancellation).ConfigureAwait(false);
    }

    private static async Task EnsureClassAsync(ClusterClient client, CancellationToken cancellation)
    {
        var key = new ObjectKey(new GroupKind("storage.k8s.io", "StorageClass"), "", StorageClasses.Default);
        if (client.Get(key) is null)
        {
            var metadata = YamlMap.Of(("name", StorageClasses.Default), ("annotations", StorageClasses.FirstAnnotations));
            var body = YamlMap.Of(("apiVersion", "storage.k8s.io/v1"), ("kind", "StorageClass"), ("metadata", metadata));
            await client.CreateAsync(new KubernetesObject(StorageClasses.First.Aggregate(body, (all, f) => all.With(f.Key, f.Value))), cancellation).ConfigureAwait(false);
        }
    }

    private static async Task EnsureAsync(
        ClusterClient client, string version, string kind, string space, string name, YamlMap rest, CancellationToken cancellation)
    {
        if (client.Get(new ObjectKey(GroupVersionKind.From(version, kind).GroupKind, space, name)) is not null)
        {
            return;
        }

        var metadata = space.Length == 0 ? YamlMap.Of(("name", name)) : YamlMap.Of(("name", name), ("namespace", space));
        var body = YamlMap.Of(("apiVersion", version), ("kind", kind), ("metadata", metadata));
        foreach (var (key, value) in rest)
        {
            body = body.With(key, value);
        }

        try
        {
            await client.CreateAsync(new KubernetesObject(body), cancellation).ConfigureAwait(false);
        }
        catch (ApiStatusException known) when (known.Reason == ApiReasons.AlreadyExists)
        {
            // It is there, which is all that is wanted.
            return;
        }
    }
}
