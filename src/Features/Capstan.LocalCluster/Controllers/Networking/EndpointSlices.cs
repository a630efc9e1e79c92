using Capstan.LocalCluster.Controllers.Workloads;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Networking;

/// <summary>The EndpointSlices of a Service: one for each set of ports and hundred endpoints. Their names follow from the Service, so that none is made twice.</summary>
internal static class EndpointSlices
{
    // Kubernetes' maxEndpointsPerSlice.
    private const int MostInOne = 100;

    private const string ServiceName = "kubernetes.io/service-name";

    private static readonly string[] Written = ["addressType", "endpoints", "ports"];

    public static IEnumerable<KubernetesObject> Of(KubernetesObject service, List<PortGroup> groups, string manager)
    {
        var number = 0;
        foreach (var group in groups.DefaultIfEmpty(new PortGroup(YamlList.Empty, [])))
        {
            foreach (var chunk in group.Endpoints.Chunk(MostInOne).DefaultIfEmpty([]))
            {
                yield return Make(service, number++, group.Ports, chunk, manager);
            }
        }
    }

    public static bool Same(KubernetesObject slice, KubernetesObject wanted) =>
        slice.Labels.Equals(wanted.Labels) && Written.All(field => (slice.Body[field] ?? YamlList.Empty).Equals(wanted.Body[field] ?? YamlList.Empty));

    public static KubernetesObject Changed(KubernetesObject slice, KubernetesObject wanted)
    {
        var changed = slice.With(["metadata", "labels"], wanted.Labels);
        foreach (var field in Written)
        {
            changed = wanted.Body[field] is { } value ? changed.With([field], value) : changed.Without(field);
        }

        return changed;
    }

    private static KubernetesObject Make(KubernetesObject service, int number, YamlList ports, ServiceEndpoint[] endpoints, string manager)
    {
        var suffix = PodTemplateHash.Of(YamlMap.Of(("uid", service.Uid)), number)[..5];
        var labels = service.Labels.With(ServiceName, service.Name).With(EndpointController.ManagedBy, manager);
        labels = service.Spec.Text("clusterIP") == "None" ? labels.With("service.kubernetes.io/headless", "") : labels;
        var family = endpoints.Any(e => e.Ip.Contains(':', StringComparison.Ordinal)) ? "IPv6" : "IPv4";
        return new KubernetesObject(YamlMap.Of(
            ("addressType", family),
            ("apiVersion", "discovery.k8s.io/v1"),
            ("kind", "EndpointSlice"),
            ("metadata", YamlMap.Of(
                ("name", $"{service.Name[..Math.Min(service.Name.Length, 57)]}-{suffix}"), ("namespace", service.Namespace), ("labels", labels))),
            ("endpoints", new YamlList(endpoints.Select(e => (YamlNode)e.Sliced()))),
            ("ports", new YamlList(ports.Select(p => p is YamlMap map && !map.ContainsKey("name") ? map.With("name", "") : p))))).ControlledBy(service);
    }
}
