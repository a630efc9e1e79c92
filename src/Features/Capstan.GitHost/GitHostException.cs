namespace Capstan.GitHost;

/// <summary>Why the Git host could not do something.</summary>
public enum GitHostProblem
{
    /// <summary>The name of a repository is not one.</summary>
    InvalidName,

    /// <summary>There is no such repository.</summary>
    NotFound,

    /// <summary>There is one already, or an owner and a repository would have the same name.</summary>
    AlreadyExists,

    /// <summary>The request breaks Git's protocol, or is cut off.</summary>
    BadRequest,

    /// <summary>The request's content is of another type than the service takes.</summary>
    WrongContent,

    /// <summary>The request is larger than allowed.</summary>
    TooLarge,

    /// <summary>Too much is going on; try again later.</summary>
    Busy,
}

/// <summary>The Git host could not do something.</summary>
/// <param name="problem">What kind of failure.</param>
/// <param name="message">The whole sentence for people.</param>
public sealed class GitHostException(GitHostProblem problem, string message) : IOException(message)
{
    /// <summary>What kind of failure it is.</summary>
    public GitHostProblem Problem { get; } = problem;
}
