using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Networking;

/// <summary>The endpoints of a Service that serve the same ports. A named target port may be another number in every pod.</summary>
/// <param name="Ports">Name, protocol, number and application protocol of each.</param>
/// <param name="Endpoints">Who serves them.</param>
internal sealed record PortGroup(YamlList Ports, IReadOnlyList<ServiceEndpoint> Endpoints)
{
    /// <summary>The groups of the pods that a Service selects.</summary>
    public static List<PortGroup> Of(KubernetesObject service, IEnumerable<KubernetesObject> pods)
    {
        var groups = new Dictionary<YamlNode, List<ServiceEndpoint>>();
        var order = new List<YamlList>();
        var published = service.Spec.Flag("publishNotReadyAddresses");
        var servicePorts = (service.Spec["ports"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().ToList();
        foreach (var pod in pods)
        {
            if (ServiceEndpoint.Of(service, pod, published) is not { } endpoint)
            {
                continue;
            }

            var ports = new YamlList(servicePorts.Select(p => PortOf(p, pod)).OfType<YamlMap>());
            if (ports.Count == 0 && servicePorts.Count > 0)
            {
                continue;
            }

            if (!groups.TryGetValue(ports, out var members))
            {
                groups[ports] = members = [];
                order.Add(ports);
            }

            members.Add(endpoint);
        }

        return [.. order.Select(p => new PortGroup(p, groups[p]))];
    }

    /// <summary>The groups of Endpoints that somebody wrote.</summary>
    public static List<PortGroup> Of(KubernetesObject endpoints) =>
        [.. (endpoints.Body["subsets"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(subset => new PortGroup(
            subset["ports"] as YamlList ?? YamlList.Empty,
            [.. Addresses(subset, "addresses", true), .. Addresses(subset, "notReadyAddresses", false)]))];

    /// <summary>The group as a subset of Endpoints, where pods that are stopping do not appear; null when nobody is left.</summary>
    public YamlMap? Subset()
    {
        var subset = YamlMap.Empty;
        foreach (var (field, ready) in new[] { ("addresses", true), ("notReadyAddresses", false) })
        {
            var members = Endpoints.Where(e => !e.Terminating && e.Ready == ready).Select(e => (YamlNode)e.Address()).ToList();
            subset = members.Count == 0 ? subset : subset.With(field, new YamlList(members));
        }

        return subset.Count == 0 ? null : Ports.Count == 0 ? subset : subset.With("ports", Ports);
    }

    private static IEnumerable<ServiceEndpoint> Addresses(YamlMap subset, string field, bool ready) =>
        (subset[field] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(a => new ServiceEndpoint(
            a.Text("ip"), ready, ready, false, a.Text("nodeName"), a.Text("hostname"), a["targetRef"] as YamlMap));

    private static YamlMap? PortOf(YamlMap servicePort, KubernetesObject pod)
    {
        var protocol = servicePort.Text("protocol") is { Length: > 0 } given ? given : "TCP";
        if (Number(servicePort, pod, protocol) is not { } number)
        {
            return null;
        }

        var port = servicePort.Text("name") is { Length: > 0 } name ? YamlMap.Of(("name", name)) : YamlMap.Empty;
        port = port.With("port", number).With("protocol", protocol);
        return servicePort["appProtocol"] is { } application ? port.With("appProtocol", application) : port;
    }

    private static long? Number(YamlMap servicePort, KubernetesObject pod, string protocol)
    {
        var target = servicePort["targetPort"] ?? servicePort["port"];
        if (target is YamlScalar scalar && scalar.TryGetInteger(out var number))
        {
            return number;
        }

        var name = target?.AsString();
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            foreach (var container in (pod.Spec[list] as YamlList ?? YamlList.Empty).OfType<YamlMap>())
            {
                var found = (container["ports"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().FirstOrDefault(p =>
                    p.Text("name") == name && (p.Text("protocol") is { Length: > 0 } own ? own : "TCP") == protocol);
                if (found is not null)
                {
                    return found.Int(0, "containerPort");
                }
            }
        }

        return null;
    }
}
