using System.Net;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Resources;
using Capstan.Yaml;
using Kinds = Capstan.LocalCluster.Controllers.Kinds;

namespace Capstan.LocalCluster.Node.Network;

/// <summary>One path of an Ingress, with what is behind it.</summary>
/// <param name="Host">The host, in small letters; <c>*.example.com</c> for one label; empty for every host.</param>
/// <param name="Path">The path; empty for every path.</param>
/// <param name="Exact">Whether the whole path must be the same, instead of beginning with it.</param>
/// <param name="Backend">The Service and port, for messages.</param>
/// <param name="Endpoints">The ready endpoints.</param>
internal sealed record IngressRule(string Host, string Path, bool Exact, string Backend, IReadOnlyList<IPEndPoint> Endpoints)
{
    /// <summary>The rules of all Ingress objects, the more particular ones first.</summary>
    public static IReadOnlyList<IngressRule> All(ClusterClient cluster)
    {
        var slices = cluster.List(Kinds.EndpointSlice).Items.ToLookup(s => (s.Namespace, s.Label("kubernetes.io/service-name") ?? ""));
        var rules = new List<IngressRule>();
        foreach (var ingress in cluster.List(new GroupKind("networking.k8s.io", "Ingress")).Items)
        {
            foreach (var rule in ingress.Spec.Maps("rules"))
            {
                foreach (var path in rule.Maps("http", "paths"))
                {
                    rules.Add(Of(cluster, slices, ingress, rule.Text("host"), path.Text("path"), path.Text("pathType") == "Exact", path.MapAt("backend")));
                }
            }

            if (ingress.Spec["defaultBackend"] is YamlMap backend)
            {
                rules.Add(Of(cluster, slices, ingress, "", "", exact: false, backend));
            }
        }

        // Kubernetes: the longest path wins, Exact before Prefix; a host that is named before a wildcard, and that before none.
        return [.. rules.OrderBy(r => r.Host.Length == 0 ? 2 : r.Host.StartsWith("*.", StringComparison.Ordinal) ? 1 : 0).ThenByDescending(r => r.Path.Length).ThenByDescending(r => r.Exact)];
    }

    /// <summary>Whether a request is for this rule.</summary>
    /// <param name="host">The request's host, without a port.</param>
    /// <param name="path">The request's path.</param>
    public bool Matches(string host, string path) => IsForHost(host.ToLowerInvariant()) && IsForPath(path);

    private static IngressRule Of(
        ClusterClient cluster, ILookup<(string, string), KubernetesObject> slices, KubernetesObject ingress, string host, string path, bool exact, YamlMap backend)
    {
        var name = backend.Text("service", "name");
        var number = backend.Number("service", "port", "number");
        var portName = backend.Text("service", "port", "name");
        var port = cluster.Get(new ObjectKey(Kinds.Service, ingress.Namespace, name))?.Spec.Maps("ports")
            .FirstOrDefault(p => number is { } wanted ? p.Number("port") == wanted : p.Text("name") == portName);
        var endpoints = port is null ? [] : ServiceRoute.Ready(slices[(ingress.Namespace, name)], port.Text("name"));
        return new IngressRule(host.ToLowerInvariant(), path, exact, $"Service/{ingress.Namespace}/{name}:{(number is null ? portName : number)}", endpoints);
    }

    private bool IsForHost(string host) => Host.Length == 0 || Host == host
        || (Host.StartsWith("*.", StringComparison.Ordinal) && host.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && host[dot..] == Host[1..]);

    // Prefix goes by elements: /a is for /a and /a/b, not for /ab.
    private bool IsForPath(string path) => Path.Length == 0 || Path == "/" && !Exact || path == Path
        || (!Exact && (path.StartsWith(Path.TrimEnd('/') + "/", StringComparison.Ordinal) || path == Path.TrimEnd('/')));
}
