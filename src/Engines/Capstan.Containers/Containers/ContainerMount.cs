namespace Capstan.Containers.Containers;

/// <summary>Something that a container sees at a path of its own.</summary>
/// <param name="Target">The path in the container.</param>
public abstract record ContainerMount(string Target)
{

    /// <summary>A folder or file of the engine's machine. The engine's own socket, and what holds it, is refused.</summary>
    /// <param name="Source">Its path there, absolute.</param>
    /// <param name="Target">The path in the container.</param>
    /// <param name="ReadOnly">Whether the container cannot change it.</param>
    public sealed record Folder(string Source, string Target, bool ReadOnly = false) : ContainerMount(Target);

    /// <summary>Memory that goes with the container.</summary>
    /// <param name="Target">The path in the container.</param>
    /// <param name="SizeBytes">Its largest size; null for the engine's.</param>
    public sealed record Memory(string Target, long? SizeBytes = null) : ContainerMount(Target);
}
