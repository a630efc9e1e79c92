using System.Text;
using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplicationSets.Generators;
using Capstan.Delivery.ApplicationSets.Hosting;
using Capstan.Delivery.Controllers;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Trees;

namespace Capstan.Delivery.ApplicationSets.Controlling;

/// <summary>What generators read, of the engine's own cluster, its repositories, and hosting services.</summary>
internal sealed class ClusterInputs(Cluster own, RepositoryReader repositories, HostingClient hosting, DeliveryOptions options) : ISetInputs
{
    private static readonly GroupKind Secret = new("", "Secret");
    private static readonly GroupKind ConfigMap = new("", "ConfigMap");

    public IReadOnlyList<RegisteredCluster> Clusters()
    {
        var clusters = new List<RegisteredCluster>();
        foreach (var cached in options.ApplicationNamespaces.SelectMany(space => own.Live.List(Secret, space)).Where(s => s.Mark(Cluster.SecretTypeLabel) == "cluster"))
        {
            var secret = cached.Read();
            var registration = ClusterSecret.Peek(secret);

            // The annotation of kubectl holds the whole Secret.
            var marks = new ClusterMarks(secret.Labels, secret.Annotations.Without(LastApplied.Annotation));
            clusters.Add(new RegisteredCluster(registration.Name, registration.Server, Text(secret, "project") ?? "", marks));
        }

        if (!clusters.Any(c => c.Server.TrimEnd('/') == ApplicationDestination.InCluster))
        {
            clusters.Add(new RegisteredCluster("in-cluster", ApplicationDestination.InCluster, "", null));
        }

        return [.. clusters.OrderBy(c => c.Name, StringComparer.Ordinal)];
    }

    public async Task<SourceTree> OpenAsync(string repoUrl, string revision, CancellationToken cancellation) =>
        (await repositories.ResolveAsync(repoUrl, revision, options.PollInterval, cancellation).ConfigureAwait(false)).Tree;

    public Task<KubernetesObject?> ConfigMapAsync(string space, string name, CancellationToken cancellation) =>
        own.Client.FindAsync(new ObjectKey(ConfigMap, space, name), cancellation);

    public async Task<IReadOnlyList<KubernetesObject>> ObjectsAsync(
        string apiVersion, string plural, string space, string name, string labelSelector, CancellationToken cancellation)
    {
        var discovery = await own.Client.DiscoverAsync(cancellation: cancellation).ConfigureAwait(false);
        var resource = discovery.All.FirstOrDefault(r => r.Plural == plural && r.Kind.ApiVersion == apiVersion)
            ?? throw new SetException($"the cluster serves no {plural} of {apiVersion}");
        if (name.Length > 0)
        {
            return await own.Client.FindAsync(resource, resource.Namespaced ? space : "", name, cancellation).ConfigureAwait(false) is { } found ? [found]
                : throw new SetException($"there is no {plural}.{apiVersion} \"{name}\"{(resource.Namespaced ? $" in the namespace {space}" : "")}");
        }

        var list = await own.Client.ListAsync(resource, new ListOptions { Namespace = resource.Namespaced ? space : "", LabelSelector = labelSelector }, cancellation).ConfigureAwait(false);
        return [.. list.Items.OrderBy(i => i.Name, StringComparer.Ordinal)];
    }

    public async Task<IHostingApi> HostingAsync(HostingService service, string space, CancellationToken cancellation)
    {
        if (service.Kind == HostingKind.Own)
        {
            return options.OwnHosting ?? throw new SetException("scmProvider.capstan: this engine has no Git host of its own");
        }

        var api = default(Uri);
        if (service.Api.Length > 0 && (!Uri.TryCreate(service.Api, UriKind.Absolute, out api) || api.Scheme is not ("https" or "http") || api.UserInfo.Length > 0))
        {
            throw new SetException($"api \"{service.Api}\" is no https address", SetConditions.InvalidSpec);
        }

        // A token must not travel in the clear, but for hosts that the operator named.
        if (api is { Scheme: "http" } && !options.HostingHosts.Contains(api.Host))
        {
            throw new SetException($"api \"{service.Api}\": only https is allowed", SetConditions.InvalidSpec);
        }

        var token = service.TokenSecret.Length == 0 ? null : await TokenAsync(service, space, cancellation).ConfigureAwait(false);
        return service.Kind == HostingKind.GitHub ? new GitHubApi(hosting, api, token) : new GiteaApi(hosting, api!, token);
    }

    // Of the set's own namespace only, and never one that is something else: a set could send it to an address of its author's choice.
    private async Task<string> TokenAsync(HostingService service, string space, CancellationToken cancellation)
    {
        var secret = await own.Client.FindAsync(new ObjectKey(Secret, space, service.TokenSecret), cancellation).ConfigureAwait(false);
        if (secret?.Labels.Keys.Any(k => k.StartsWith("capstan.dev/", StringComparison.Ordinal)) == true || secret?.Label(Cluster.SecretTypeLabel) is "cluster")
        {
            throw new SetException($"tokenRef: the Secret {space}/{service.TokenSecret} is no token of a hosting service");
        }

        return secret is not null && Text(secret, service.TokenKey) is { Length: > 0 } token
            ? token
            : throw new SetException($"tokenRef: there is no key {service.TokenKey} in a Secret {space}/{service.TokenSecret}");
    }

    private static string? Text(KubernetesObject secret, string key)
    {
        var encoded = secret.Body.At("data", key)?.AsString() ?? "";
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length).Trim() : null;
    }
}
