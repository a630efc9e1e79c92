using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Networking;

/// <summary>One address behind a Service.</summary>
/// <param name="Ip">The address.</param>
/// <param name="Ready">Whether requests may go there.</param>
/// <param name="Serving">Whether it would answer, be it stopping or not.</param>
/// <param name="Terminating">Whether it is stopping.</param>
/// <param name="Node">Its node; empty when unknown.</param>
/// <param name="Hostname">The name under a headless Service; empty for none.</param>
/// <param name="Target">The pod; null for addresses that somebody wrote.</param>
internal sealed record ServiceEndpoint(string Ip, bool Ready, bool Serving, bool Terminating, string Node, string Hostname, YamlMap? Target)
{
    /// <summary>The endpoint of a pod; null for one that has no address or has ended.</summary>
    public static ServiceEndpoint? Of(KubernetesObject service, KubernetesObject pod, bool published)
    {
        var address = pod.Status.Text("podIP");
        if (address.Length == 0 || pod.Status.Text("phase") is "Succeeded" or "Failed")
        {
            return null;
        }

        var serving = pod.Condition("Ready")?.Text("status") == "True";
        var terminating = pod.DeletionTimestamp is not null;
        var hostname = pod.Spec.Text("subdomain") == service.Name ? pod.Spec.Text("hostname") : "";
        var target = YamlMap.Of(("kind", "Pod"), ("name", pod.Name), ("namespace", pod.Namespace), ("uid", pod.Uid));
        return new ServiceEndpoint(address, published || serving && !terminating, published || serving, terminating, pod.Spec.Text("nodeName"), hostname, target);
    }

    /// <summary>As Endpoints word it.</summary>
    public YamlMap Address()
    {
        var address = YamlMap.Of(("ip", Ip));
        address = Hostname.Length == 0 ? address : address.With("hostname", Hostname);
        address = Node.Length == 0 ? address : address.With("nodeName", Node);
        return Target is null ? address : address.With("targetRef", Target);
    }

    /// <summary>As EndpointSlices word it.</summary>
    public YamlMap Sliced()
    {
        var endpoint = YamlMap.Of(
            ("addresses", YamlList.Create([Ip])),
            ("conditions", YamlMap.Of(("ready", Ready), ("serving", Serving), ("terminating", Terminating))));
        endpoint = Hostname.Length == 0 ? endpoint : endpoint.With("hostname", Hostname);
        endpoint = Node.Length == 0 ? endpoint : endpoint.With("nodeName", Node);
        return Target is null ? endpoint : endpoint.With("targetRef", Target);
    }
}
