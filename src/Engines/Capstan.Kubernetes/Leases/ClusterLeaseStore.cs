using System.Globalization;
using Capstan.Reconcile;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Kubernetes;

/// <summary>Leases as <c>coordination.k8s.io/v1</c> objects of one namespace.</summary>
/// <param name="client">The cluster.</param>
/// <param name="space">The namespace; it must exist.</param>
public sealed class ClusterLeaseStore(ClusterClient client, string space) : ILeaseStore
{
    private static readonly ApiResource Leases = new(
        new GroupVersionKind("coordination.k8s.io", "v1", "Lease"),
        "leases",
        Namespaced: true,
        ResourceVerbs.Get | ResourceVerbs.List | ResourceVerbs.Create | ResourceVerbs.Update | ResourceVerbs.Delete);

    /// <inheritdoc/>
    public async Task<Lease?> GetAsync(string name, CancellationToken cancellation) =>
        await client.FindAsync(Leases, space, name, cancellation).ConfigureAwait(false) is { } found ? Read(found) : null;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Lease>> ListAsync(string prefix, CancellationToken cancellation)
    {
        var all = await client.ListAsync(Leases, new ListOptions { Namespace = space }, cancellation).ConfigureAwait(false);
        return [.. all.Items.Where(l => l.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(Read)];
    }

    /// <inheritdoc/>
    public async Task<Lease?> TryWriteAsync(Lease lease, CancellationToken cancellation)
    {
        try
        {
            var body = Body(lease);
            var written = lease.Version.Length == 0
                ? await client.CreateAsync(Leases, body, cancellation: cancellation).ConfigureAwait(false)
                : await client.UpdateAsync(body, cancellation: cancellation).ConfigureAwait(false);
            return Read(written.Object);
        }
        catch (KubernetesException error) when (error.IsConflict || error.IsAlreadyExists || (error.IsNotFound && lease.Version.Length > 0))
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(Lease lease, CancellationToken cancellation)
    {
        try
        {
            await client.DeleteAsync(Leases, space, lease.Name, new DeleteOptions { ResourceVersion = lease.Version }, cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException error) when (error.IsConflict)
        {
            // Somebody else holds it now.
        }
    }

    private KubernetesObject Body(Lease lease)
    {
        var metadata = new YamlMapBuilder().Set("name", lease.Name).Set("namespace", space);
        if (lease.Version.Length > 0)
        {
            metadata.Set("resourceVersion", lease.Version);
        }

        return new KubernetesObject(YamlMap.Of(
            ("apiVersion", Leases.Kind.ApiVersion),
            ("kind", Leases.Kind.Kind),
            ("metadata", metadata.ToMap()),
            ("spec", YamlMap.Of(
                ("holderIdentity", lease.Holder),
                ("leaseDurationSeconds", Math.Max(1, (long)lease.Duration.TotalSeconds)),
                ("renewTime", lease.RenewedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture)),
                ("leaseTransitions", lease.Generation)))));
    }

    private static Lease Read(KubernetesObject found) => new(
        found.Name,
        found.Spec["holderIdentity"]?.AsString() ?? "",
        TimeSpan.FromSeconds(Number(found.Spec["leaseDurationSeconds"])),
        DateTimeOffset.TryParse(found.Spec["renewTime"]?.AsString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : default,
        (int)Math.Min(Number(found.Spec["leaseTransitions"]), int.MaxValue),
        found.ResourceVersion);

    private static long Number(YamlNode? node) => node is YamlScalar scalar && scalar.TryGetInteger(out var number) ? number : 0;
}
