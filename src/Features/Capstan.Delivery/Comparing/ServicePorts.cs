using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Comparing;

/// <summary>
/// Says the protocol of a Service's ports where the source leaves it out. It is part of the key of these ports, and API servers before
/// 1.21 do not fill it in before they look the key up: they refuse such a Service on server-side apply. TCP is what every server defaults.
/// </summary>
internal static class ServicePorts
{
    public static KubernetesObject WithProtocol(KubernetesObject @object)
    {
        if (@object.GroupVersionKind is not { Group: "", Kind: "Service" } || @object.Body["spec"] is not YamlMap spec || spec["ports"] is not YamlList ports
            || !ports.OfType<YamlMap>().Any(LacksProtocol))
        {
            return @object;
        }

        var said = new YamlList(ports.Select(p => p is YamlMap port && LacksProtocol(port) ? port.With("protocol", "TCP") : p));
        return new KubernetesObject(@object.Body.With("spec", spec.With("ports", said)));
    }

    private static bool LacksProtocol(YamlMap port) => port["protocol"] is null or { IsNull: true };
}
