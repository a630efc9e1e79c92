using System.Net;
using System.Net.Sockets;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Resources;
using Capstan.Yaml;
using Kinds = Capstan.LocalCluster.Controllers.Kinds;

namespace Capstan.LocalCluster.Node.Network;

/// <summary>One port of a Service: where it is reached, and what is behind it.</summary>
/// <param name="Name">The Service and port, for messages.</param>
/// <param name="Listen">Where it is reached.</param>
/// <param name="Protocol">TCP or UDP.</param>
/// <param name="Sticky">Whether one client always reaches the same endpoint.</param>
/// <param name="Endpoints">The ready endpoints.</param>
internal sealed record ServiceRoute(string Name, IPEndPoint Listen, ProtocolType Protocol, bool Sticky, IReadOnlyList<IPEndPoint> Endpoints)
{
    /// <summary>The routes of all Services: the cluster's addresses, and on this machine's loopback the node ports.</summary>
    /// <param name="cluster">Where Services and EndpointSlices are.</param>
    /// <param name="api">Where the API itself listens, for the Service <c>kubernetes</c>.</param>
    /// <param name="clusterAddresses">Whether the cluster's addresses can be reached on this machine.</param>
    public static IReadOnlyList<ServiceRoute> All(ClusterClient cluster, IPEndPoint api, bool clusterAddresses)
    {
        var slices = cluster.List(Kinds.EndpointSlice).Items.ToLookup(s => (s.Namespace, s.Label("kubernetes.io/service-name") ?? ""));
        return [.. cluster.List(Kinds.Service).Items.SelectMany(service => Of(service, [.. slices[(service.Namespace, service.Name)]], api, clusterAddresses))];
    }

    /// <summary>The ready endpoints of a port of a Service.</summary>
    public static IReadOnlyList<IPEndPoint> Ready(IEnumerable<KubernetesObject> slices, string portName) =>
    [
        .. from slice in slices
           from port in slice.Body.Maps("ports")
           where port.Text("name") == portName && port.Number("port") is > 0 and <= 65_535
           from endpoint in slice.Body.Maps("endpoints")
           where endpoint.At("conditions", "ready") is not YamlScalar { Text: "false" }
           from address in endpoint["addresses"] as YamlList ?? YamlList.Empty
           where IPAddress.TryParse(address.AsString(), out _)
           select new IPEndPoint(IPAddress.Parse(address.AsString()!), (int)port.Number("port")!),
    ];

    private static IEnumerable<ServiceRoute> Of(KubernetesObject service, IReadOnlyList<KubernetesObject> slices, IPEndPoint api, bool clusterAddresses)
    {
        if (service.Spec.Text("type") == "ExternalName")
        {
            yield break;
        }

        var isApi = service is { Namespace: "default", Name: "kubernetes" };
        var sticky = service.Spec.Text("sessionAffinity") == "ClientIP";
        foreach (var port in service.Spec.Maps("ports"))
        {
            var protocol = port.Text("protocol") == "UDP" ? ProtocolType.Udp : ProtocolType.Tcp;
            if (port.Text("protocol") == "SCTP" || port.Number("port") is not (> 0 and <= 65_535 and var number))
            {
                continue;
            }

            var endpoints = isApi ? [api] : Ready(slices, port.Text("name"));
            var name = $"Service/{service.Namespace}/{service.Name}:{number}";
            if (clusterAddresses && IPAddress.TryParse(service.Spec.Text("clusterIP"), out var address))
            {
                yield return new ServiceRoute(name, new IPEndPoint(address, (int)number), protocol, sticky, endpoints);
            }

            if (port.Number("nodePort") is > 0 and <= 65_535 and var nodePort)
            {
                yield return new ServiceRoute(name, new IPEndPoint(IPAddress.Loopback, (int)nodePort), protocol, sticky, endpoints);
            }
        }
    }
}
