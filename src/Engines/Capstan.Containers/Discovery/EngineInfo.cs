namespace Capstan.Containers.Discovery;

/// <summary>What an engine says of itself.</summary>
public sealed record EngineInfo
{
    /// <summary>Where it was reached.</summary>
    public required Uri Address { get; init; }

    /// <summary><c>docker</c> or <c>podman</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>The operating system of its containers: <c>linux</c>.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>The architecture in OCI's words: <c>amd64</c>, <c>arm64</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The version of the kernel that runs its containers.</summary>
    public required string Kernel { get; init; }

    /// <summary>Its processors.</summary>
    public required long Processors { get; init; }

    /// <summary>Its memory in bytes.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Whether it runs without root's rights.</summary>
    public required bool Rootless { get; init; }

    /// <summary>
    /// Whether its containers run on this very kernel, so that the addresses of containers can be reached from here and folders of this
    /// machine can be mounted: false for a virtual machine (Docker Desktop, podman machine) and for another host.
    /// </summary>
    public required bool SharesKernel { get; init; }

    /// <summary>The socket's path on this machine; empty when it is none.</summary>
    public string SocketPath => Address.Scheme == "unix" ? Address.LocalPath : "";

    /// <summary><c>podman 4.3.1 at unix:///run/podman/podman.sock</c>.</summary>
    public override string ToString() => $"{Name} {Version} at {Address}";
}
