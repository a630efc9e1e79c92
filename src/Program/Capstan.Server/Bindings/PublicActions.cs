using Capstan.Delivery.Settings;
using Capstan.Kubernetes;
using Capstan.Sources;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Urls;
using Capstan.Workflows;

namespace Capstan.Server.Bindings;

/// <summary>Public actions of another host that the operator allows: mirrored like any other repository, and checked out by commit.</summary>
/// <param name="mirrors">The mirrors.</param>
/// <param name="git">Git.</param>
/// <param name="settings">Reads the operator's settings.</param>
internal sealed class PublicActions(GitMirrors mirrors, GitProgram git, Func<CancellationToken, Task<OperatorSettings>> settings)
{
    // A tag that moves is followed after this time.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);
    private const string Ref = "refs/capstan/action";

    /// <summary>Which repositories may be fetched now.</summary>
    public async Task<Func<string, bool>> AllowedAsync(CancellationToken cancellation)
    {
        var now = await ReadAsync(cancellation).ConfigureAwait(false);
        return now.Allows;
    }

    /// <summary>The commit of a revision; null when the repository may not be fetched.</summary>
    public async Task<string?> ResolveAsync(string repository, string revision, CancellationToken cancellation)
    {
        if (await FindAsync(repository, cancellation).ConfigureAwait(false) is not { } remote) return null;
        try
        {
            return (await mirrors.ResolveAsync(remote, revision, Fresh, cancellation).ConfigureAwait(false)).Commit;
        }
        catch (SourceException failure)
        {
            throw new WorkflowException(failure.Message, failure);
        }
    }

    /// <summary>Puts the files of a commit into an empty folder.</summary>
    public async Task CheckOutAsync(string repository, string commit, string folder, CancellationToken cancellation)
    {
        if (await FindAsync(repository, cancellation).ConfigureAwait(false) is not { } remote) throw new WorkflowException($"{repository}: may not be fetched any more");
        try
        {
            await git.RunAsync(GitProgram.Call(["init", "--quiet", "--initial-branch=main", "."]) with { WorkingFolder = folder }, cancellation).ConfigureAwait(false);
            await mirrors.CopyAsync(remote, commit, folder, Ref, cancellation).ConfigureAwait(false);
            await git.RunAsync(GitProgram.Call(["checkout", "--quiet", "--force", "--detach", commit]) with { WorkingFolder = folder }, cancellation).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            throw new WorkflowException(failure.Message, failure);
        }
    }

    private async Task<GitRemote?> FindAsync(string repository, CancellationToken cancellation)
    {
        var now = await ReadAsync(cancellation).ConfigureAwait(false);
        return now.Allows(repository) && RepositoryUrl.TryParse($"{now.From}/{repository}", out var url, out _) ? new GitRemote(url) { Registered = now.AllowPrivate } : null;
    }

    private async Task<PublicActionSettings> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            return (await settings(cancellation).ConfigureAwait(false)).Workflows.Actions;
        }
        catch (Exception failure) when (failure is KubernetesException or ClusterUnreachableException or UnknownKindException)
        {
            throw new WorkflowException($"the Settings cannot be read now: {failure.Message}", failure);
        }
    }
}
