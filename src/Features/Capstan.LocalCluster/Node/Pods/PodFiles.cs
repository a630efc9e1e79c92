using System.Text;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Node.Pods;

/// <summary>The files under <c>/etc</c> that a node writes for a pod.</summary>
internal static class PodFiles
{
    private const string Domain = "cluster.local";

    /// <summary>The pod's host name.</summary>
    public static string Hostname(KubernetesObject pod)
    {
        var name = pod.Spec.Text("hostname") is { Length: > 0 } given ? given : pod.Name;
        return name.Length > 63 ? name[..63].TrimEnd('-', '.') : name;
    }

    /// <summary><c>/etc/hosts</c> (kubelet, managedHostsFileContent).</summary>
    public static string Hosts(KubernetesObject pod, string podIp)
    {
        var text = new StringBuilder("""
            # Kubernetes-managed hosts file.
            127.0.0.1	localhost
            ::1	localhost ip6-localhost ip6-loopback
            fe00::0	ip6-localnet
            fe00::0	ip6-mcastprefix
            fe00::1	ip6-allnodes
            fe00::2	ip6-allrouters

            """);
        var host = Hostname(pod);
        if (podIp.Length > 0)
        {
            var subdomain = pod.Spec.Text("subdomain");
            text.Append(podIp).Append('\t').Append(subdomain.Length == 0 ? "" : $"{host}.{subdomain}.{pod.Namespace}.svc.{Domain}\t").Append(host).Append('\n');
        }

        var aliases = pod.Spec.Maps("hostAliases").ToList();
        if (aliases.Count > 0)
        {
            text.Append("\n# Entries added by HostAliases.\n");
            foreach (var alias in aliases)
            {
                text.Append(alias.Text("ip")).Append('\t').AppendJoin('\t', (alias["hostnames"] as YamlList ?? YamlList.Empty).Select(h => h.AsString())).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary><c>/etc/resolv.conf</c>; null for the engine's own.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="dns">The cluster's name server; empty when there is none.</param>
    public static string? Resolver(KubernetesObject pod, string dns)
    {
        var servers = new List<string>();
        var search = new List<string>();
        var options = new List<string>();
        var policy = pod.Spec.Text("dnsPolicy");
        if (dns.Length > 0 && policy is "ClusterFirstWithHostNet" || dns.Length > 0 && policy is "ClusterFirst" or "" && !pod.Spec.IsTrue("hostNetwork"))
        {
            servers.Add(dns);
            search.AddRange([$"{pod.Namespace}.svc.{Domain}", $"svc.{Domain}", Domain]);
            options.Add("ndots:5");
        }

        var more = pod.Spec.MapAt("dnsConfig");
        servers.AddRange((more["nameservers"] as YamlList ?? YamlList.Empty).Select(n => n.AsString() ?? ""));
        search.AddRange((more["searches"] as YamlList ?? YamlList.Empty).Select(n => n.AsString() ?? ""));
        foreach (var option in more.Maps("options"))
        {
            options.RemoveAll(o => o.Split(':')[0] == option.Text("name"));
            options.Add(option["value"] is null ? option.Text("name") : $"{option.Text("name")}:{option.Text("value")}");
        }

        if (servers.Count == 0)
        {
            return null;
        }

        var text = new StringBuilder();
        foreach (var server in servers.Distinct(StringComparer.Ordinal))
        {
            text.Append("nameserver ").Append(server).Append('\n');
        }

        text.Append(search.Count == 0 ? "" : $"search {string.Join(' ', search.Distinct(StringComparer.Ordinal))}\n");
        text.Append(options.Count == 0 ? "" : $"options {string.Join(' ', options)}\n");
        return text.ToString();
    }
}
