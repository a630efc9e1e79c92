namespace Capstan.Containers.Containers;

/// <summary>The network that a container is in.</summary>
public sealed record ContainerNetwork
{
    private ContainerNetwork(string mode) => Mode = mode;

    /// <summary>Only itself (loopback).</summary>
    public static readonly ContainerNetwork None = new("none");

    /// <summary>The machine's own.</summary>
    public static readonly ContainerNetwork Host = new("host");

    /// <summary>The engine's usual one, from which the world is reached.</summary>
    public static readonly ContainerNetwork Bridge = new("bridge");

    /// <summary>The engine's word for it.</summary>
    internal string Mode { get; }

    /// <summary>The name of the network; empty for none, the machine's or another container's.</summary>
    public string Name { get; private init; } = "";

    /// <summary>Names by which other containers of the network find it.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Name servers instead of the engine's; empty for the engine's.</summary>
    public IReadOnlyList<string> Dns { get; init; } = [];

    /// <summary>Domains in which short names are looked up.</summary>
    public IReadOnlyList<string> DnsSearch { get; init; } = [];

    /// <summary>Options of the resolver, such as <c>ndots:5</c>.</summary>
    public IReadOnlyList<string> DnsOptions { get; init; } = [];

    /// <summary>Lines of <c>/etc/hosts</c>, as <c>name:address</c>.</summary>
    public IReadOnlyList<string> ExtraHosts { get; init; } = [];

    /// <summary>Ports of the container that the machine answers for.</summary>
    public IReadOnlyList<PublishedPort> Ports { get; init; } = [];

    /// <summary>A network of the owner (<see cref="Networks.EngineNetworks"/>).</summary>
    public static ContainerNetwork Named(string name, params IReadOnlyList<string> aliases) => new(name) { Name = name, Aliases = aliases };

    /// <summary>The network of another container, which must be running.</summary>
    public static ContainerNetwork Of(string containerId) => new("container:" + containerId);
}

/// <summary>A port of a container that the machine answers for.</summary>
/// <param name="ContainerPort">The container's.</param>
/// <param name="HostAddress">The machine's address, such as <c>127.0.0.1</c>.</param>
/// <param name="HostPort">The machine's; 0 for a free one.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
public sealed record PublishedPort(int ContainerPort, string HostAddress, int HostPort, string Protocol = "tcp");
