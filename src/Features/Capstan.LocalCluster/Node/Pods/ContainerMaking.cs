using System.Globalization;
using Capstan.Containers.Containers;
using Capstan.Containers.Images;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Node.Volumes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Node.Pods;

/// <summary>What a container of a pod needs to be made.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Entry">The container.</param>
/// <param name="Attempt">How often it was started before.</param>
/// <param name="Image">Its image.</param>
/// <param name="SandboxId">The container that holds the pod's network.</param>
/// <param name="Variables">Its variables.</param>
/// <param name="Volumes">The folder or file of each volume.</param>
/// <param name="EtcFiles">The files of <see cref="PodFiles"/>, by their path in the container.</param>
/// <param name="TerminationFile">Where it writes why it ends.</param>
internal sealed record ContainerNeeds(
    KubernetesObject Pod, ContainerEntry Entry, int Attempt, ImageDetails Image, string SandboxId, IReadOnlyDictionary<string, string> Variables,
    IReadOnlyDictionary<string, string> Volumes, IReadOnlyDictionary<string, string> EtcFiles, string TerminationFile)
{
    /// <summary>The container whose processes it sees; empty for none.</summary>
    public string ProcessesOf { get; init; } = "";
}

/// <summary>From a container of a pod to the engine's.</summary>
internal static class ContainerMaking
{
    /// <exception cref="PodProblemException">CreateContainerConfigError: it asks for what cannot be.</exception>
    public static ContainerSpec Spec(ContainerNeeds needs, string namePrefix)
    {
        var (pod, body) = (needs.Pod, needs.Entry.Body);
        var podSecurity = pod.Spec.MapAt("securityContext");
        var security = body.MapAt("securityContext");
        var command = Texts(body, "command", needs.Variables);
        var arguments = Texts(body, "args", needs.Variables);
        return new ContainerSpec
        {
            Name = $"{namePrefix}-{needs.Entry.Name}-{needs.Attempt}",
            Image = needs.Image.Id,
            Entrypoint = command,
            Arguments = arguments,
            Environment = needs.Variables,
            WorkingFolder = body.Text("workingDir"),
            User = User(needs, security, podSecurity),
            Groups = Groups(podSecurity),
            Network = pod.Spec.IsTrue("hostNetwork") ? ContainerNetwork.Host : ContainerNetwork.Of(needs.SandboxId),
            ProcessesOf = needs.ProcessesOf,
            SharesWith = pod.Spec.IsTrue("hostNetwork") ? "" : needs.SandboxId,
            Mounts = [.. Mounts(needs)],
            Limits = Limits(body),
            Security = Security(pod.Spec, security),
            Labels = PodLabels.Of(pod, needs.Entry.Name, needs.Attempt, needs.Entry.Hash),
            Terminal = body.IsTrue("tty"),
            Input = body.IsTrue("stdin"),
            InputOnce = body.IsTrue("stdinOnce"),
        };
    }

    private static List<string>? Texts(YamlMap body, string field, IReadOnlyDictionary<string, string> variables) =>
        body[field] is YamlList { Count: > 0 } list ? [.. list.Select(t => Expansion.Expand(t.AsString() ?? "", variables))] : null;

    private static string User(ContainerNeeds needs, YamlMap security, YamlMap podSecurity)
    {
        var user = security.Number("runAsUser") ?? podSecurity.Number("runAsUser");
        var group = security.Number("runAsGroup") ?? podSecurity.Number("runAsGroup");
        var mustNotBeRoot = security["runAsNonRoot"] is null ? podSecurity.IsTrue("runAsNonRoot") : security.IsTrue("runAsNonRoot");
        var image = needs.Image.User.Split(':')[0];
        if (mustNotBeRoot && (user ?? (image is "" or "root" ? 0 : long.TryParse(image, CultureInfo.InvariantCulture, out var number) ? number : null)) is var who && who is null or 0)
        {
            throw new PodProblemException("CreateContainerConfigError", who is null
                ? $"container has runAsNonRoot and image has non-numeric user ({image}), cannot verify user is non-root"
                : user == 0 ? "container's runAsUser breaks non-root policy" : "container has runAsNonRoot and image will run as root");
        }

        var name = user?.ToString(CultureInfo.InvariantCulture) ?? needs.Image.User;
        return group is null ? name : $"{(name.Length == 0 ? "0" : name.Split(':')[0])}:{group}";
    }

    private static List<string> Groups(YamlMap podSecurity)
    {
        var groups = (podSecurity["supplementalGroups"] as YamlList ?? YamlList.Empty).Select(g => g.AsString() ?? "").ToList();
        if (podSecurity.Number("fsGroup") is { } shared)
        {
            groups.Add(shared.ToString(CultureInfo.InvariantCulture));
        }

        return groups;
    }

    private static ContainerSecurity Security(YamlMap pod, YamlMap security)
    {
        var drop = Plain(security.At("capabilities", "drop"));
        return new ContainerSecurity
        {
            Privileged = security.IsTrue("privileged"),
            ReadOnlyRoot = security.IsTrue("readOnlyRootFilesystem"),
            NoNewPrivileges = security["allowPrivilegeEscalation"] is YamlScalar { Text: "false" },
            AddCapabilities = Plain(security.At("capabilities", "add")),
            DropCapabilities = drop,
            HostProcesses = pod.IsTrue("hostPID"),
            HostIpc = pod.IsTrue("hostIPC"),
            Unconfined = (security.Text("seccompProfile", "type") is { Length: > 0 } own ? own : pod.Text("securityContext", "seccompProfile", "type")) == "Unconfined",
        };
    }

    private static List<string> Plain(YamlNode? list) => (list as YamlList ?? YamlList.Empty).Select(c => (c.AsString() ?? "").ToUpperInvariant())
        .Select(c => c.StartsWith("CAP_", StringComparison.Ordinal) ? c[4..] : c).ToList();

    private static ContainerLimits Limits(YamlMap body) => new()
    {
        MemoryBytes = Amount(body, "limits", "memory") is { } memory ? (long)memory : null,
        Cpus = Amount(body, "limits", "cpu") is { } cpus ? (double)cpus : null,

        // kubelet: MilliCPUToShares, and never fewer than two.
        CpuShares = Math.Max(2, (long)((Amount(body, "requests", "cpu") ?? 0) * 1024)),
    };

    private static decimal? Amount(YamlMap body, string list, string name) =>
        Quantities.TryParse(body.At("resources", list, name)?.AsString() ?? "", out var amount) && amount > 0 ? amount : null;

    private static IEnumerable<ContainerMount> Mounts(ContainerNeeds needs)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var mount in needs.Entry.Body.Maps("volumeMounts"))
        {
            var target = mount.Text("mountPath");
            taken.Add(target);
            yield return new ContainerMount.Folder(Source(needs, mount), target, mount.IsTrue("readOnly") || IsMirror(needs.Pod, mount.Text("name")));
        }

        foreach (var (path, file) in needs.EtcFiles.Where(f => !taken.Contains(f.Key)))
        {
            yield return new ContainerMount.Folder(file, path);
        }

        var message = needs.Entry.Body.Text("terminationMessagePath") is { Length: > 0 } given ? given : "/dev/termination-log";
        yield return new ContainerMount.Folder(needs.TerminationFile, message);
    }

    private static string Source(ContainerNeeds needs, YamlMap mount)
    {
        var name = mount.Text("name");
        var volume = needs.Volumes.TryGetValue(name, out var folder) ? folder : throw Refused($"the volume \"{name}\" is not there");
        var sub = mount.Text("subPath") is { Length: > 0 } plain ? plain : Expansion.Expand(mount.Text("subPathExpr"), needs.Variables);
        if (sub.Length == 0)
        {
            return volume;
        }

        // A variable that has no value must not make a relative path an absolute one.
        if (sub[0] == '/')
        {
            throw Refused($"error SubPath `{sub}` must not be an absolute path");
        }

        // What mirrors an object lies behind the node's own link; what a container wrote may not lead out of the volume.
        var root = IsMirror(needs.Pod, name) && new FileInfo(Path.Combine(volume, "..data")).LinkTarget is { } data ? Path.Combine(volume, data) : volume;
        var place = ConfinedFolder.Beneath(root, sub) ?? throw Refused($"subPath {sub} leaves the volume \"{name}\"");
        if (!File.Exists(place))
        {
            Directory.CreateDirectory(place);
        }

        return place;
    }

    private static bool IsMirror(KubernetesObject pod, string volume) => pod.Spec.Maps("volumes").FirstOrDefault(v => v.Text("name") == volume) is { } found
        && (found["configMap"] ?? found["secret"] ?? found["downwardAPI"] ?? found["projected"]) is not null;

    private static PodProblemException Refused(string message) => new("CreateContainerConfigError", message);
}
