namespace Capstan.Containers;

/// <summary>Why an engine did not do what it was asked.</summary>
public enum EngineProblem
{
    /// <summary>It cannot be reached, broke off, or did not answer in time; trying again later may help.</summary>
    Unreachable,

    /// <summary>It has no such container, network or file.</summary>
    NotFound,

    /// <summary>It has no such image, and the registry none or none for us.</summary>
    ImageNotFound,

    /// <summary>The name is taken, or the state of the thing does not allow it (already stopped, in use).</summary>
    Conflict,

    /// <summary>What was asked for is not allowed here; the message says by what.</summary>
    Refused,

    /// <summary>The engine cannot do it with what it was given: a program that is not in the image, a folder that is not there.</summary>
    Invalid,

    /// <summary>The engine failed; the message holds what it said.</summary>
    Failed,
}

/// <summary>An engine did not do what it was asked. The message names what, where and why.</summary>
/// <param name="problem">What kind of failure.</param>
/// <param name="message">The whole sentence for people.</param>
/// <param name="inner">The cause, if any.</param>
public sealed class ContainerEngineException(EngineProblem problem, string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>What kind of failure it is.</summary>
    public EngineProblem Problem { get; } = problem;

    /// <summary>Whether the same call may succeed later without anybody changing anything.</summary>
    public bool IsTransient => Problem == EngineProblem.Unreachable;
}
