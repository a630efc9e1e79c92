namespace Capstan.Workflows;

/// <summary>The repositories whose workflows run, as this feature asks for them; the program binds it to the Git host.</summary>
public interface IWorkflowRepositories
{
    /// <summary>The names of all.</summary>
    IReadOnlyList<string> List();

    /// <summary>Whether there is one of a name.</summary>
    bool Exists(string repository);

    /// <summary>Branches and tags by full name, each with its commit.</summary>
    Task<IReadOnlyDictionary<string, string>> RefsAsync(string repository, CancellationToken cancellation);

    /// <summary>The full name of the default branch.</summary>
    Task<string> DefaultBranchAsync(string repository, CancellationToken cancellation);

    /// <summary>The commit of a branch, tag or commit; null when there is none.</summary>
    Task<string?> ResolveAsync(string repository, string revision, CancellationToken cancellation);

    /// <summary>The paths of the files right in a folder at a commit; none when there is no such folder.</summary>
    Task<IReadOnlyList<string>> FilesAsync(string repository, string commit, string folder, CancellationToken cancellation);

    /// <summary>The text of a file at a commit; null when it is not there or has more than a megabyte.</summary>
    Task<string?> ReadAsync(string repository, string commit, string path, CancellationToken cancellation);

    /// <summary>The paths that differ between two commits; null when that cannot be told.</summary>
    Task<IReadOnlyList<string>?> ChangedAsync(string repository, string? before, string after, CancellationToken cancellation);

    /// <summary>What a commit says.</summary>
    Task<CommitSummary> CommitAsync(string repository, string commit, CancellationToken cancellation);

    /// <summary>Puts the files of a commit into an empty folder, as a work tree of Git.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="gitRef">The full ref that it is of; empty for a commit alone.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="depth">How many commits of history; 0 for all.</param>
    /// <param name="cancellation">Ends it.</param>
    Task CheckOutAsync(string repository, string commit, string gitRef, string folder, int depth, CancellationToken cancellation);

    /// <summary>Which repositories of public actions may be fetched from elsewhere, as the operator says it now.</summary>
    Task<Func<string, bool>> PublicActionsAsync(CancellationToken cancellation);

    /// <summary>The commit of a public action that may be fetched.</summary>
    /// <param name="repository">Its repository, <c>OWNER/NAME</c>.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null when it may not be fetched.</returns>
    /// <exception cref="WorkflowException">It cannot be fetched; the message says from where and why.</exception>
    Task<string?> ResolvePublicAsync(string repository, string revision, CancellationToken cancellation);

    /// <summary>Puts the files of a public action's commit into an empty folder.</summary>
    /// <exception cref="WorkflowException">It cannot be fetched; the message says from where and why.</exception>
    Task CheckOutPublicAsync(string repository, string commit, string folder, CancellationToken cancellation);

    /// <summary>The address that people and programs use.</summary>
    string UrlOf(string repository);
}

/// <summary>What a commit says.</summary>
/// <param name="Message">The whole message.</param>
/// <param name="AuthorName">Who wrote it.</param>
/// <param name="AuthorEmail">Their address.</param>
/// <param name="Time">When, in RFC 3339.</param>
public sealed record CommitSummary(string Message, string AuthorName, string AuthorEmail, string Time);
