using Capstan.Containers.Discovery;
using Docker.DotNet.Models;

namespace Capstan.Containers.Containers;

/// <summary>A container as it shall be, in the engine's words.</summary>
internal sealed class SpecTranslation(EngineInfo engine, string owner)
{
    private const string LogSize = "32m";
    private readonly SocketGuard _guard = new(engine.SocketPath);
    private readonly IReadOnlyList<Ulimit> _limits = HostLimits.Of(engine.SharesKernel);

    /// <exception cref="ContainerEngineException">Refused: a mount holds the engine's socket.</exception>
    public CreateContainerParameters Translate(ContainerSpec spec)
    {
        foreach (var folder in spec.Mounts.OfType<ContainerMount.Folder>())
        {
            if (_guard.Problem(folder.Source) is { } problem)
            {
                throw new ContainerEngineException(EngineProblem.Refused, $"container {spec.Name}: mount at {folder.Target}: {problem}");
            }
        }

        return new CreateContainerParameters
        {
            Name = spec.Name,
            Image = spec.Image,
            // Null is the engine's word for the image's own.
            Entrypoint = spec.Entrypoint?.ToList()!,
            Cmd = (spec.Arguments?.ToList() ?? (spec.Entrypoint is null ? null : []))!,
            Env = [.. spec.Environment.Select(e => $"{e.Key}={e.Value}")],
            WorkingDir = spec.WorkingFolder,
            User = spec.User,
            Hostname = spec.Hostname,
            Tty = spec.Terminal,
            OpenStdin = spec.Input,
            StdinOnce = spec.InputOnce,
            Labels = OwnershipLabels.With(owner, spec.Labels),

            // Podman's checks need systemd, so health is asked by running programs; the image's own check is not run twice.
            Healthcheck = engine.Name == "docker" ? new HealthcheckConfig { Test = ["NONE"] } : null!,
            ExposedPorts = spec.Network.Ports.ToDictionary(p => $"{p.ContainerPort}/{p.Protocol}", _ => new EmptyStruct()),
            HostConfig = Host(spec),
            NetworkingConfig = spec.Network.Name.Length == 0 ? null : new NetworkingConfig
            {
                EndpointsConfig = new Dictionary<string, EndpointSettings> { [spec.Network.Name] = new() { Aliases = [.. spec.Network.Aliases] } },
            },
        };
    }

    private HostConfig Host(ContainerSpec spec)
    {
        var security = spec.Security;
        return new HostConfig
        {
            NetworkMode = spec.Network.Mode,
            DNS = spec.Network.Dns.ToList(),
            DNSSearch = spec.Network.DnsSearch.ToList(),
            DNSOptions = spec.Network.DnsOptions.ToList(),
            ExtraHosts = spec.Network.ExtraHosts.ToList(),
            PortBindings = spec.Network.Ports.GroupBy(p => $"{p.ContainerPort}/{p.Protocol}").ToDictionary(g => g.Key, g => (IList<PortBinding>)[.. g.Select(Binding)]),
            UTSMode = spec.SharesWith.Length > 0 ? "container:" + spec.SharesWith : "",
            IpcMode = security.HostIpc ? "host" : spec.SharesWith.Length > 0 ? "container:" + spec.SharesWith : "shareable",
            PidMode = security.HostProcesses ? "host" : spec.ProcessesOf.Length > 0 ? "container:" + spec.ProcessesOf : "",
            Mounts = [.. spec.Mounts.Select(Mount)],
            Memory = spec.Limits.MemoryBytes ?? 0,
            MemorySwap = spec.Limits.MemoryBytes ?? 0,
            NanoCPUs = (long)((spec.Limits.Cpus ?? 0) * 1e9),
            CPUShares = spec.Limits.CpuShares ?? 0,
            PidsLimit = spec.Limits.Processes,
            ShmSize = spec.Limits.SharedMemoryBytes ?? 0,
            Ulimits = [.. _limits],
            Privileged = security.Privileged,
            ReadonlyRootfs = security.ReadOnlyRoot,
            CapAdd = security.AddCapabilities.ToList(),
            CapDrop = security.DropCapabilities.ToList(),
            SecurityOpt = [.. SecurityOptions(security)],
            Sysctls = security.Sysctls.ToDictionary(),
            GroupAdd = spec.Groups.ToList(),
            Init = spec.Init ? true : null,
            LogConfig = new LogConfig { Type = "json-file", Config = new Dictionary<string, string> { ["max-size"] = LogSize } },
            RestartPolicy = new RestartPolicy { Name = RestartPolicyKind.No },
        };
    }

    private static IEnumerable<string> SecurityOptions(ContainerSecurity security)
    {
        if (security.NoNewPrivileges)
        {
            yield return "no-new-privileges";
        }

        if (security.Unconfined)
        {
            yield return "seccomp=unconfined";
        }
    }

    private static PortBinding Binding(PublishedPort port) =>
        new() { HostIP = port.HostAddress, HostPort = port.HostPort == 0 ? "" : port.HostPort.ToString(System.Globalization.CultureInfo.InvariantCulture) };

    private static Mount Mount(ContainerMount mount) => mount switch
    {
        ContainerMount.Folder folder => new Mount { Type = "bind", Source = folder.Source, Target = folder.Target, ReadOnly = folder.ReadOnly, BindOptions = new BindOptions { Propagation = "rprivate" } },
        ContainerMount.Memory memory => new Mount { Type = "tmpfs", Target = memory.Target, TmpfsOptions = memory.SizeBytes is { } size ? new TmpfsOptions { SizeBytes = size } : null },
        _ => throw new InvalidOperationException($"a mount of the kind {mount.GetType().Name} is not known"),
    };
}
