using System.Net;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>Rules of Services.</summary>
internal static class ServiceValidation
{
    private const int FirstNodePort = 30_000;
    private const int LastNodePort = 32_767;

    public static void Check(YamlMap tree, YamlMap? live, List<FieldProblem> problems)
    {
        var spec = tree.MapAt("spec");
        var type = spec.Text("type");
        if (type is not ("ClusterIP" or "NodePort" or "LoadBalancer" or "ExternalName"))
        {
            problems.Add(FieldProblem.Unsupported("spec.type", type, "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"));
        }

        if (spec.Text("sessionAffinity") is not ("None" or "ClientIP"))
        {
            problems.Add(FieldProblem.Unsupported("spec.sessionAffinity", spec["sessionAffinity"], "ClientIP", "None"));
        }

        if (type == "ExternalName" && spec.Text("externalName").Length == 0)
        {
            problems.Add(FieldProblem.Required("spec.externalName"));
        }

        Ports(spec, type, problems);
        MetadataValidation.CheckLabels(spec["selector"] as YamlMap, "spec.selector", problems);
        Address(spec, type, live, problems);
    }

    private static void Ports(YamlMap spec, string type, List<FieldProblem> problems)
    {
        var ports = spec.Maps("ports").ToList();
        if (ports.Count == 0 && type != "ExternalName" && spec.Text("clusterIP") != "None")
        {
            problems.Add(FieldProblem.Required("spec.ports"));
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var numbers = new HashSet<(long?, string)>();
        for (var i = 0; i < ports.Count; i++)
        {
            var path = $"spec.ports[{i}]";
            var name = ports[i].Text("name");
            if (name.Length == 0 && ports.Count > 1)
            {
                problems.Add(FieldProblem.Required($"{path}.name"));
            }
            else if (name.Length > 0 && !names.Add(name))
            {
                problems.Add(FieldProblem.Duplicate($"{path}.name", name));
            }

            if (ports[i].Text("protocol") is not ("TCP" or "UDP" or "SCTP"))
            {
                problems.Add(FieldProblem.Unsupported($"{path}.protocol", ports[i]["protocol"], "SCTP", "TCP", "UDP"));
            }
            else if (!numbers.Add((ports[i].Number("port"), ports[i].Text("protocol"))))
            {
                problems.Add(FieldProblem.Duplicate(path, ports[i]));
            }

            PodValidation.Port(ports[i]["port"], $"{path}.port", problems);
            PodValidation.Port(ports[i]["targetPort"], $"{path}.targetPort", problems);
            if (ports[i].Number("nodePort") is { } node and not 0 && node is < FirstNodePort or > LastNodePort)
            {
                problems.Add(FieldProblem.Invalid($"{path}.nodePort", node, $"provided port is not in the valid range. The range of valid ports is {FirstNodePort}-{LastNodePort}"));
            }
        }
    }

    private static void Address(YamlMap spec, string type, YamlMap? live, List<FieldProblem> problems)
    {
        var address = spec.Text("clusterIP");
        if (address.Length > 0 && address != "None" && !IPAddress.TryParse(address, out _))
        {
            problems.Add(FieldProblem.Invalid("spec.clusterIPs[0]", address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
        }

        var before = live?.Text("spec", "clusterIP") ?? "";
        if (before.Length > 0 && type != "ExternalName" && live!.Text("spec", "type") != "ExternalName" && address != before)
        {
            problems.Add(FieldProblem.Invalid("spec.clusterIPs[0]", spec["clusterIPs"], "may not change once set"));
        }
    }
}
