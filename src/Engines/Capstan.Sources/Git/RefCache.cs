using System.Text;
using Capstan.Sources.Git.Revisions;

namespace Capstan.Sources.Git;

/// <summary>
/// What a remote's branches and tags were when last asked. However many applications ask at once, the remote is asked once, and an answer
/// serves all who take one of its age.
/// </summary>
internal sealed class RefCache(GitMirrorContext context) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private volatile Answer? _last;

    private sealed record Answer(RemoteRefs Refs, long AskedAt);

    public async Task<RemoteRefs> GetAsync(GitRemote remote, TimeSpan maxAge, CancellationToken cancellation)
    {
        var called = context.Time.GetTimestamp();
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            // An answer to a question that was asked after this call began is as fresh as anyone can want.
            if (_last is { } last && (last.AskedAt >= called || context.Time.GetElapsedTime(last.AskedAt) <= maxAge))
            {
                return last.Refs;
            }

            var asked = context.Time.GetTimestamp();
            var refs = await ListAsync(remote, ["HEAD", "refs/heads/*", "refs/tags/*"], cancellation).ConfigureAwait(false);
            _last = new Answer(refs, asked);
            return refs;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Asks for refs outside branches and tags; not remembered.</summary>
    public async Task<RemoteRefs> ListAsync(GitRemote remote, IReadOnlyList<string> patterns, CancellationToken cancellation)
    {
        using var connection = await GitConnection.OpenAsync(remote, context.Guard, context.Folder, cancellation).ConfigureAwait(false);
        var call = GitProgram.Call(["ls-remote", "--quiet", "--symref", "--", remote.Url.Text, .. patterns], connection.Configuration, connection.Environment) with
        {
            TimeLimit = context.Limits.ListTime,
        };
        var result = await context.Git.TryRunAsync(call, cancellation).ConfigureAwait(false);
        return result.ExitCode == 0
            ? RemoteRefs.Parse(Encoding.UTF8.GetString(result.Output.Span))
            : throw GitFailures.Explain(remote, "reading the branches", result.Errors);
    }

    /// <summary>Asks the remote at the next use, whatever age would do.</summary>
    public void Forget() => _last = null;

    public void Dispose() => _one.Dispose();
}
