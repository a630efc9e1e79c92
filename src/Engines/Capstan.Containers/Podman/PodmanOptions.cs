namespace Capstan.Containers.Podman;

/// <summary>A Podman service of our own.</summary>
public sealed record PodmanOptions
{
    /// <summary>Where images, layers and networks are kept; made when it is absent.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where the state of what runs is kept, and the socket. It must be empty after the machine was started anew, as <c>/run</c> is.</summary>
    public required string RunFolder { get; init; }

    /// <summary>How long it may take until it answers.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The socket's path.</summary>
    public string SocketPath => Path.Combine(RunFolder, "podman.sock");

    /// <summary>Where it answers.</summary>
    public Uri Address => new("unix://" + SocketPath);
}
