using System.Globalization;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Resources;
using Capstan.Yaml;
using Kinds = Capstan.LocalCluster.Controllers.Kinds;

namespace Capstan.LocalCluster.Node.Pods;

/// <summary>Variables that name Services (kubelet, pkg/kubelet/envvars): those of the namespace where the pod asks for links, and always the API's own.</summary>
internal static class ServiceVariables
{
    public static IEnumerable<(string Name, string Value)> Of(ClusterClient cluster, KubernetesObject pod)
    {
        var links = pod.Spec["enableServiceLinks"] is not YamlScalar { Text: "false" };
        var services = links ? cluster.List(Kinds.Service, pod.Namespace).Items.ToList() : [];
        if ((pod.Namespace != "default" || !links) && cluster.Get(new ObjectKey(Kinds.Service, "default", "kubernetes")) is { } api)
        {
            services.Add(api);
        }

        foreach (var service in services)
        {
            var address = service.Spec.Text("clusterIP");
            var ports = service.Spec.Maps("ports").ToList();
            if (address is "" or "None" || ports.Count == 0)
            {
                continue;
            }

            foreach (var variable in Variables(service.Name, address, ports))
            {
                yield return variable;
            }
        }
    }

    private static IEnumerable<(string Name, string Value)> Variables(string service, string address, List<YamlMap> ports)
    {
        var name = service.ToUpperInvariant().Replace('-', '_');
        yield return ($"{name}_SERVICE_HOST", address);
        yield return ($"{name}_SERVICE_PORT", Port(ports[0]));
        foreach (var port in ports.Where(p => p.Text("name").Length > 0))
        {
            yield return ($"{name}_SERVICE_PORT_{port.Text("name").ToUpperInvariant().Replace('-', '_')}", Port(port));
        }

        for (var i = 0; i < ports.Count; i++)
        {
            var protocol = ports[i].Text("protocol") is { Length: > 0 } given ? given : "TCP";
            var url = $"{protocol.ToLowerInvariant()}://{address}:{Port(ports[i])}";
            var prefix = $"{name}_PORT_{Port(ports[i])}_{protocol}";
            if (i == 0)
            {
                yield return ($"{name}_PORT", url);
            }

            yield return (prefix, url);
            yield return (prefix + "_PROTO", protocol.ToLowerInvariant());
            yield return (prefix + "_PORT", Port(ports[i]));
            yield return (prefix + "_ADDR", address);
        }
    }

    private static string Port(YamlMap port) => (port.Number("port") ?? 0).ToString(CultureInfo.InvariantCulture);
}
