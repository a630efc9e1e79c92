namespace Capstan.Containers.Containers;

/// <summary>Where a container is in its life.</summary>
public enum ContainerPhase
{
    /// <summary>Made, not started yet.</summary>
    Created,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>Its processes are frozen.</summary>
    Paused,

    /// <summary>It has ended.</summary>
    Exited,

    /// <summary>The engine is removing it, or cannot say.</summary>
    Other,
}

/// <summary>A container as the list tells it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Phase">Where it is in its life.</param>
/// <param name="Labels">All of its labels.</param>
public sealed record ContainerSummary(string Id, string Name, ContainerPhase Phase, IReadOnlyDictionary<string, string> Labels);

/// <summary>A container as the engine tells it.</summary>
public sealed record ContainerStatus
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required ContainerPhase Phase { get; init; }

    /// <summary>All of its labels.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>The id of its image, <c>sha256:…</c>.</summary>
    public required string ImageId { get; init; }

    /// <summary>How it ended; meaningless before. 128 + n means that signal n ended it.</summary>
    public required int ExitCode { get; init; }

    /// <summary>Whether it was ended because it used more memory than it may.</summary>
    public required bool OutOfMemory { get; init; }

    /// <summary>What the engine says of a start that failed; else empty.</summary>
    public required string Error { get; init; }

    /// <summary>When it was started; null before.</summary>
    public required DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null before.</summary>
    public required DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Its first process, as the engine's machine numbers it; 0 when it does not run.</summary>
    public required long ProcessId { get; init; }

    /// <summary>Its address in each of its networks.</summary>
    public required IReadOnlyDictionary<string, string> Addresses { get; init; }

    /// <summary>The machine's port for each published one (<c>80/tcp</c>).</summary>
    public required IReadOnlyDictionary<string, int> HostPorts { get; init; }

    /// <summary>Where each of its mounts comes from, by the path in the container.</summary>
    public required IReadOnlyDictionary<string, string> MountSources { get; init; }

    /// <summary>Whether it has a terminal.</summary>
    public required bool Terminal { get; init; }
}
