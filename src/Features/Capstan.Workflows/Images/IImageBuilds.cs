namespace Capstan.Workflows.Images;

/// <summary>Builds images for steps, outside their jobs: no job gets a container engine's socket for that. The program binds it to the registry.</summary>
public interface IImageBuilds
{
    /// <summary>Host and port under which this installation's own registry names its images.</summary>
    string Registry { get; }

    /// <summary>Builds an image and pushes it under each of its names, with its provenance and signature where it goes to the own registry.</summary>
    /// <exception cref="WorkflowException">It cannot be built or pushed; the message names the Dockerfile's line, or the registry and what it said.</exception>
    Task<BuildOutcome> BuildAsync(BuildOrder order, Action<string> log, CancellationToken cancellation);

    /// <summary>Gives an image that is in a registry further tags there.</summary>
    /// <returns>The image's digest.</returns>
    /// <exception cref="WorkflowException">It is not there, or may not be changed.</exception>
    Task<string> TagAsync(string image, IReadOnlyList<string> tags, BuildOrigin origin, RegistryLogins logins, CancellationToken cancellation);
}

/// <summary>An image that a step wants built.</summary>
/// <param name="Folder">The build's folder on this machine.</param>
/// <param name="Origin">What it is built from: told in its provenance.</param>
public sealed record BuildOrder(string Folder, BuildOrigin Origin)
{
    /// <summary>The Dockerfile's path on this machine; that of the folder where none is given.</summary>
    public string? Dockerfile { get; init; }

    /// <summary>How messages name the Dockerfile.</summary>
    public string ShownAs { get; init; } = "Dockerfile";

    /// <summary>The stage; the last where none is given.</summary>
    public string? Target { get; init; }

    /// <summary>Values of <c>ARG</c>.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();

    /// <summary>Labels that are added.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>For what, as <c>linux/amd64</c>; this machine's where none is given.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];

    /// <summary>The names under which it is pushed, with tags; none where it is only built.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Who pushes to and pulls from other registries.</summary>
    public RegistryLogins Logins { get; init; } = new();
}

/// <summary>From what an image is built.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="RepositoryUrl">Its address.</param>
/// <param name="Commit">The commit.</param>
/// <param name="Ref">The branch or tag.</param>
/// <param name="Workflow">The workflow's file.</param>
/// <param name="Run">The run.</param>
/// <param name="StartedAt">When it began, in RFC 3339; empty where that is not known.</param>
/// <param name="Token">The run's token, with whose rights the own registry is used.</param>
public sealed record BuildOrigin(string Repository, string RepositoryUrl, string Commit, string Ref, string Workflow, string Run, string StartedAt, string Token)
{
    /// <summary>Without the token.</summary>
    public override string ToString() => $"{Repository}@{Commit} by {Run}";
}

/// <summary>What was built.</summary>
/// <param name="Digest">The digest of its manifest or index.</param>
/// <param name="ImageId">The digest of its configuration; of several platforms that of the first.</param>
/// <param name="MediaType">Of the manifest or index.</param>
/// <param name="Size">Of the manifest or index, in bytes.</param>
/// <param name="Pushed">Every name under which it was pushed, with tag and digest.</param>
public sealed record BuildOutcome(string Digest, string ImageId, string MediaType, long Size, IReadOnlyList<string> Pushed);
