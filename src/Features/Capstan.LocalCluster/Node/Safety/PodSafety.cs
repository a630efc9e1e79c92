using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Node.Safety;

/// <summary>
/// What a pod may ask of the machine. A manifest that was pushed must not own the machine: what leads out of the container is refused
/// unless the operator allows it.
/// </summary>
internal static class PodSafety
{
    public const string Flag = "--allow-privileged-pods";

    // The kernel settings that cannot reach beyond the pod (Kubernetes, pod security standards).
    private static readonly HashSet<string> SafeSysctls = new(StringComparer.Ordinal)
    {
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
        "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes",
    };

    // What engines give every container, which may therefore be asked for.
    private static readonly HashSet<string> UsualCapabilities = new(StringComparer.Ordinal)
    {
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    };

    /// <summary>What of the pod is not allowed, each with its field; empty when all is well.</summary>
    public static IReadOnlyList<string> Violations(YamlMap spec)
    {
        var found = new List<string>();
        foreach (var field in (ReadOnlySpan<string>)["hostNetwork", "hostPID", "hostIPC"])
        {
            if (spec.IsTrue(field))
            {
                found.Add($"spec.{field}");
            }
        }

        found.AddRange(spec.Maps("securityContext", "sysctls").Select(s => s.Text("name")).Where(n => !SafeSysctls.Contains(n)).Select(n => $"spec.securityContext.sysctls ({n})"));
        if (IsUnconfined(spec.MapAt("securityContext")))
        {
            found.Add("spec.securityContext.seccompProfile (Unconfined)");
        }

        foreach (var list in (ReadOnlySpan<string>)["initContainers", "containers", "ephemeralContainers"])
        {
            foreach (var container in spec.Maps(list))
            {
                found.AddRange(Container(container).Select(f => $"spec.{list}[{container.Text("name")}].{f}"));
            }
        }

        return found;
    }

    /// <summary>The whole refusal; null when the pod may run.</summary>
    public static string? Refusal(KubernetesObject pod, bool allowed)
    {
        var violations = allowed ? [] : Violations(pod.Spec);
        return violations.Count == 0 ? null
            : $"pods that own the machine are not allowed: {string.Join(", ", violations)}; remove these fields, or let the operator start Capstan with {Flag}";
    }

    private static IEnumerable<string> Container(YamlMap container)
    {
        var security = container.MapAt("securityContext");
        if (security.IsTrue("privileged"))
        {
            yield return "securityContext.privileged";
        }

        foreach (var capability in (security.At("capabilities", "add") as YamlList ?? YamlList.Empty).Select(c => Plain(c.AsString() ?? "")).Where(c => !UsualCapabilities.Contains(c)))
        {
            yield return $"securityContext.capabilities.add ({capability})";
        }

        if (IsUnconfined(security))
        {
            yield return "securityContext.seccompProfile (Unconfined)";
        }

        if (security.Text("procMount") == "Unmasked")
        {
            yield return "securityContext.procMount (Unmasked)";
        }

        if (container.Maps("volumeDevices").Any())
        {
            yield return "volumeDevices";
        }
    }

    private static bool IsUnconfined(YamlMap security) => security.Text("seccompProfile", "type") == "Unconfined" || security.Text("appArmorProfile", "type") == "Unconfined";

    private static string Plain(string capability)
    {
        var upper = capability.ToUpperInvariant();
        return upper.StartsWith("CAP_", StringComparison.Ordinal) ? upper[4..] : upper;
    }
}
