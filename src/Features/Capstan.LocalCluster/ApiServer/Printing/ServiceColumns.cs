using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Printing;

/// <summary>Cells about addresses and ports.</summary>
internal static class ServiceColumns
{
    private const int Most = 3;

    public static string ExternalAddress(YamlMap service) => service.Text("spec", "type") switch
    {
        "ExternalName" => service.Text("spec", "externalName"),
        "LoadBalancer" when service.Maps("status", "loadBalancer", "ingress").Select(i => i.Text("ip")).FirstOrDefault() is { Length: > 0 } ip => ip,
        "LoadBalancer" => "<pending>",
        _ => "<none>",
    };

    public static string Ports(YamlMap service)
    {
        var ports = service.Maps("spec", "ports").Select(p =>
            p.Number("nodePort") is > 0 and { } node ? $"{p.Number("port")}:{node}/{p.Text("protocol")}" : $"{p.Number("port")}/{p.Text("protocol")}");
        return BuiltInColumns.OrNone(string.Join(',', ports));
    }

    public static string Endpoints(YamlMap endpoints) => Few(endpoints.Maps("subsets")
        .SelectMany(s => s.Maps("addresses").SelectMany(a => s.Maps("ports").Select(p => $"{a.Text("ip")}:{p.Number("port")}"))));

    public static string SlicePorts(YamlMap slice) => Few(slice.Maps("ports").Select(p => $"{p.Number("port")}"));

    public static string SliceEndpoints(YamlMap slice) =>
        Few(slice.Maps("endpoints").SelectMany(e => (e["addresses"] as YamlList ?? YamlList.Empty).Select(a => a.AsString() ?? "")));

    public static string Hosts(YamlMap ingress)
    {
        var hosts = ingress.Maps("spec", "rules").Select(r => r.Text("host") is { Length: > 0 } host ? host : "*").ToList();
        return hosts.Count == 0 ? "*" : Few(hosts);
    }

    private static string Few(IEnumerable<string> items)
    {
        var all = items.ToList();
        return all.Count == 0 ? "<none>" : all.Count <= Most ? string.Join(',', all) : $"{string.Join(',', all.Take(Most))} + {all.Count - Most} more...";
    }
}
