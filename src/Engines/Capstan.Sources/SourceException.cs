namespace Capstan.Sources;

/// <summary>Why a source could not be used.</summary>
public enum SourceProblem
{
    /// <summary>What the user wrote cannot be used: a URL, a path, credentials. Only a change of it helps.</summary>
    Invalid,

    /// <summary>The server does not have the repository, or hides it.</summary>
    RepositoryNotFound,

    /// <summary>The repository has no such branch, tag, commit or version.</summary>
    RevisionNotFound,

    /// <summary>The server refused the credentials, or asks for some.</summary>
    AuthenticationFailed,

    /// <summary>The address, protocol or redirect is not allowed here.</summary>
    Refused,

    /// <summary>The server cannot be reached, broke off, or answered with an error of its own; trying again later may help.</summary>
    Unreachable,

    /// <summary>It took longer than allowed; trying again later may help.</summary>
    TimedOut,

    /// <summary>It is larger than allowed.</summary>
    TooLarge,

    /// <summary>The copy on this disk is damaged; it is made anew at the next use.</summary>
    Corrupt,

    /// <summary>A commit could not be written because the branch kept moving, or because the server rejects it.</summary>
    WriteRejected,

    /// <summary>Git failed in a way that is not known here; the message holds what it said.</summary>
    Failed,
}

/// <summary>A source cannot be used. The message names what, where and why, and never holds a credential.</summary>
/// <param name="problem">What kind of failure.</param>
/// <param name="message">The whole sentence for people.</param>
/// <param name="inner">The cause, if any.</param>
public sealed class SourceException(SourceProblem problem, string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>What kind of failure it is.</summary>
    public SourceProblem Problem { get; } = problem;

    /// <summary>Whether the same call may succeed later without anybody changing anything.</summary>
    public bool IsTransient => Problem is SourceProblem.Unreachable or SourceProblem.TimedOut or SourceProblem.Corrupt;
}
