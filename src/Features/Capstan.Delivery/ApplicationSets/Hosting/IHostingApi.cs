namespace Capstan.Delivery.ApplicationSets.Hosting;

/// <summary>A branch of a repository of a hosting service.</summary>
/// <param name="Organization">Who owns the repository.</param>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its id; empty when the service has none.</param>
/// <param name="SshUrl">Where it is cloned from over ssh; empty when it is not.</param>
/// <param name="HttpsUrl">Where it is cloned from over https.</param>
/// <param name="Branch">The branch.</param>
/// <param name="Commit">The commit of the branch.</param>
/// <param name="Labels">Labels or topics of the repository.</param>
public sealed record HostedBranch(
    string Organization, string Name, string Id, string SshUrl, string HttpsUrl, string Branch, string Commit, IReadOnlyList<string> Labels);

/// <summary>An open pull request.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Title">Its title.</param>
/// <param name="Branch">Where the change is.</param>
/// <param name="TargetBranch">Where it is to go.</param>
/// <param name="Commit">The newest commit of the change.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Author">Who opened it.</param>
public sealed record HostedPullRequest(
    long Number, string Title, string Branch, string TargetBranch, string Commit, IReadOnlyList<string> Labels, string Author);

/// <summary>What generators ask a Git hosting service. Failures are <see cref="Sources.SourceException"/>s.</summary>
public interface IHostingApi
{
    /// <summary>The repositories of an owner: their default branches, or all.</summary>
    Task<IReadOnlyList<HostedBranch>> BranchesAsync(string owner, bool allBranches, CancellationToken cancellation);

    /// <summary>Whether a file or folder is in a branch.</summary>
    Task<bool> HasPathAsync(HostedBranch branch, string path, CancellationToken cancellation);

    /// <summary>The open pull requests of a repository.</summary>
    /// <exception cref="Sources.SourceException">With <see cref="Sources.SourceProblem.RepositoryNotFound"/> when there is no such repository.</exception>
    Task<IReadOnlyList<HostedPullRequest>> PullRequestsAsync(string owner, string repository, CancellationToken cancellation);
}

/// <summary>Which hosting service.</summary>
internal enum HostingKind
{
    GitHub,
    Gitea,

    /// <summary>Capstan's own Git host.</summary>
    Own,
}

/// <summary>A hosting service as a generator names it.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Api">The address of its API; empty for the service's usual one.</param>
/// <param name="TokenSecret">The Secret that holds the token; empty for none.</param>
/// <param name="TokenKey">The key of the token in it.</param>
internal sealed record HostingService(HostingKind Kind, string Api, string TokenSecret, string TokenKey);
