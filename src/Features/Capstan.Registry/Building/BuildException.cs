namespace Capstan.Registry.Building;

/// <summary>An image cannot be built. The message names file and line.</summary>
/// <param name="message">What, where, why, and what to do.</param>
/// <param name="needsEngine">Whether a container engine could build it, since what is missing here is running commands.</param>
/// <param name="inner">The cause, if any.</param>
public sealed class BuildException(string message, bool needsEngine = false, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>Whether Docker, Podman or buildah could build it.</summary>
    public bool NeedsEngine { get; } = needsEngine;
}
