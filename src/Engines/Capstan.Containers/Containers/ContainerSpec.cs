namespace Capstan.Containers.Containers;

/// <summary>A container as it shall be.</summary>
public sealed record ContainerSpec
{
    /// <summary>Its name, which no other container of the engine may have.</summary>
    public required string Name { get; init; }

    /// <summary>The image: a reference or an id. It must be in the engine's store.</summary>
    public required string Image { get; init; }

    /// <summary>The program with its first arguments; null for the image's own.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>The arguments; null for the image's own (none, when <see cref="Entrypoint"/> is given).</summary>
    public IReadOnlyList<string>? Arguments { get; init; }

    /// <summary>Variables besides the image's.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The working folder; empty for the image's.</summary>
    public string WorkingFolder { get; init; } = "";

    /// <summary>User, or <c>user:group</c>; empty for the image's.</summary>
    public string User { get; init; } = "";

    /// <summary>Further groups, by number or name.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Its host name; empty for the engine's choice. Not for a container in another's network.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>The network it is in.</summary>
    public ContainerNetwork Network { get; init; } = ContainerNetwork.None;

    /// <summary>Another container whose host name and shared memory it takes part in (the id), as the containers of one pod do; empty for none.</summary>
    public string SharesWith { get; init; } = "";

    /// <summary>The container whose processes it sees and may signal; empty for none but its own.</summary>
    public string ProcessesOf { get; init; } = "";

    /// <summary>What of the machine it sees.</summary>
    public IReadOnlyList<ContainerMount> Mounts { get; init; } = [];

    /// <summary>How much it may use.</summary>
    public ContainerLimits Limits { get; init; } = new();

    /// <summary>What it may do.</summary>
    public ContainerSecurity Security { get; init; } = new();

    /// <summary>Labels besides the owner's.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it has a terminal.</summary>
    public bool Terminal { get; init; }

    /// <summary>Whether its standard input is open.</summary>
    public bool Input { get; init; }

    /// <summary>Whether its standard input closes when the first who attached goes.</summary>
    public bool InputOnce { get; init; }

    /// <summary>Whether the engine puts a small init process before the program, which reaps orphans and passes signals on.</summary>
    public bool Init { get; init; }
}

/// <summary>How much a container may use; null for as much as there is.</summary>
public sealed record ContainerLimits
{
    /// <summary>Memory in bytes; what goes over is killed.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Processors, in parts of one.</summary>
    public double? Cpus { get; init; }

    /// <summary>The weight among others when processors are short; 1024 is one processor's.</summary>
    public long? CpuShares { get; init; }

    /// <summary>Processes and threads.</summary>
    public long? Processes { get; init; }

    /// <summary>Shared memory (<c>/dev/shm</c>) in bytes.</summary>
    public long? SharedMemoryBytes { get; init; }
}

/// <summary>What a container may do.</summary>
public sealed record ContainerSecurity
{
    /// <summary>Everything that root may, devices included.</summary>
    public bool Privileged { get; init; }

    /// <summary>Whether its own files cannot be changed.</summary>
    public bool ReadOnlyRoot { get; init; }

    /// <summary>Whether programs cannot gain rights (<c>setuid</c>).</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>Capabilities besides the engine's usual ones, without <c>CAP_</c>.</summary>
    public IReadOnlyList<string> AddCapabilities { get; init; } = [];

    /// <summary>Capabilities it does without; <c>ALL</c> for all.</summary>
    public IReadOnlyList<string> DropCapabilities { get; init; } = [];

    /// <summary>Kernel settings of its namespaces.</summary>
    public IReadOnlyDictionary<string, string> Sysctls { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it sees the machine's processes.</summary>
    public bool HostProcesses { get; init; }

    /// <summary>Whether it shares the machine's inter-process communication.</summary>
    public bool HostIpc { get; init; }

    /// <summary>Without confinement by system call filters.</summary>
    public bool Unconfined { get; init; }
}
