namespace Capstan.OciClient;

/// <summary>Why a registry could not be used.</summary>
public enum RegistryProblem
{
    /// <summary>What was asked for cannot be meant.</summary>
    Invalid,

    /// <summary>The registry has no such repository, tag, manifest or blob, or hides it.</summary>
    NotFound,

    /// <summary>The registry asks for a credential, or refuses the one it got.</summary>
    AuthenticationFailed,

    /// <summary>The credential may not do that.</summary>
    Denied,

    /// <summary>An address to which the registry leads is not followed.</summary>
    Refused,

    /// <summary>The registry does not take what is pushed.</summary>
    Rejected,

    /// <summary>The registry cannot be reached, broke off, or fails; trying again later may help.</summary>
    Unreachable,

    /// <summary>It took longer than allowed; trying again later may help.</summary>
    TimedOut,

    /// <summary>The answer is larger than allowed.</summary>
    TooLarge,

    /// <summary>What came is not what its digest says.</summary>
    Corrupt,
}

/// <summary>A registry cannot be used. The message names what, where and why, and never holds a credential.</summary>
/// <param name="problem">What kind of failure.</param>
/// <param name="message">The whole sentence for people.</param>
/// <param name="inner">The cause, if any.</param>
public sealed class RegistryClientException(RegistryProblem problem, string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>What kind of failure it is.</summary>
    public RegistryProblem Problem { get; } = problem;

    /// <summary>Whether the same call may succeed later without anybody changing anything.</summary>
    public bool IsTransient => Problem is RegistryProblem.Unreachable or RegistryProblem.TimedOut or RegistryProblem.Corrupt;
}
