using System.Net;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Resources;
using Capstan.Yaml;
using Kinds = Capstan.LocalCluster.Controllers.Kinds;

namespace Capstan.LocalCluster.Node.Network;

/// <summary>The names of a cluster, as Kubernetes' DNS specification has them (version 1.1.0).</summary>
internal sealed class ClusterNames(ClusterClient cluster)
{
    private const string Domain = "cluster.local";
    private const string Services = ".svc." + Domain;

    /// <summary>Whether a name is the cluster's own to tell.</summary>
    public static bool IsOwn(string name) => name == Domain || name.EndsWith("." + Domain, StringComparison.Ordinal);

    /// <summary>The answers; null when there is no such name. A name that has no answer of the type gives none.</summary>
    public IReadOnlyList<DnsAnswer>? Find(DnsQuestion question)
    {
        if (!question.Name.EndsWith(Services, StringComparison.Ordinal))
        {
            return question.Name is Domain or "svc." + Domain ? [] : null;
        }

        // [host.]service.namespace, or _port._protocol.service.namespace.
        return question.Name[..^Services.Length].Split('.') switch
        {
            [var service, var space] => Service(question, service, space),
            [var host, var service, var space] => Host(question, host, service, space),
            [['_', .. var port], ['_', .. var protocol], var service, var space] => Port(question, port, protocol, service, space),
            [var space] => cluster.Get(new ObjectKey(Kinds.Namespace, "", space)) is null ? null : [],
            _ => null,
        };
    }

    private List<DnsAnswer>? Service(DnsQuestion question, string name, string space)
    {
        if (cluster.Get(new ObjectKey(Kinds.Service, space, name)) is not { } service)
        {
            return null;
        }

        if (service.Spec.Text("type") == "ExternalName")
        {
            return [DnsMessage.Named(question.Name, DnsMessage.Alias, service.Spec.Text("externalName"))];
        }

        var addresses = service.Spec.Text("clusterIP") == "None"
            ? Endpoints(service).SelectMany(Addresses).Distinct()
            : IPAddress.TryParse(service.Spec.Text("clusterIP"), out var address) ? [address] : [];
        return Answer(question, addresses);
    }

    private List<DnsAnswer>? Host(DnsQuestion question, string host, string name, string space)
    {
        if (cluster.Get(new ObjectKey(Kinds.Service, space, name)) is not { } service || service.Spec.Text("clusterIP") != "None")
        {
            return null;
        }

        var found = Endpoints(service).Where(e => HostOf(e) == host).SelectMany(Addresses).Distinct().ToList();
        return found.Count == 0 ? null : Answer(question, found);
    }

    private List<DnsAnswer>? Port(DnsQuestion question, string port, string protocol, string name, string space)
    {
        if (cluster.Get(new ObjectKey(Kinds.Service, space, name)) is not { } service
            || service.Spec.Maps("ports").FirstOrDefault(p => p.Text("name") == port && (p.Text("protocol") is { Length: > 0 } given ? given : "TCP").Equals(protocol, StringComparison.OrdinalIgnoreCase)) is not { } found)
        {
            return null;
        }

        if (question.Type != DnsMessage.Server)
        {
            return [];
        }

        var full = $"{name}.{space}{Services}";
        return service.Spec.Text("clusterIP") != "None"
            ? [DnsMessage.Service(question.Name, (int)(found.Number("port") ?? 0), full)]
            : [.. Endpoints(service).SelectMany(e => Addresses(e).Take(1).Select(a => DnsMessage.Service(question.Name, (int)(found.Number("port") ?? 0), $"{HostOf(e)}.{full}")))];
    }

    private IEnumerable<YamlMap> Endpoints(KubernetesObject service)
    {
        var all = service.Spec.IsTrue("publishNotReadyAddresses");
        return cluster.List(Kinds.EndpointSlice, service.Namespace).Items.Where(s => s.Label("kubernetes.io/service-name") == service.Name)
            .SelectMany(s => s.Body.Maps("endpoints")).Where(e => all || e.At("conditions", "ready") is not YamlScalar { Text: "false" });
    }

    private static IEnumerable<IPAddress> Addresses(YamlMap endpoint) => (endpoint["addresses"] as YamlList ?? YamlList.Empty)
        .Select(a => IPAddress.TryParse(a.AsString(), out var address) ? address : null).OfType<IPAddress>();

    // A pod with a host name is known by it, any other by its address with dashes.
    private static string HostOf(YamlMap endpoint) => endpoint.Text("hostname") is { Length: > 0 } name ? name
        : Addresses(endpoint).FirstOrDefault()?.ToString().Replace('.', '-').Replace(':', '-') ?? "";

    private static List<DnsAnswer> Answer(DnsQuestion question, IEnumerable<IPAddress> addresses) =>
        [.. addresses.Select(a => DnsMessage.Address(question.Name, a)).Where(a => a.Type == question.Type)];
}
