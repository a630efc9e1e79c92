using System.Security.Cryptography;
using System.Text;
using Capstan.Sources.Git.Reading;
using Capstan.Sources.Ssrf;
using Capstan.Sources.Git.Urls;
using Capstan.Sources.Processes;

namespace Capstan.Sources.Git;

/// <summary>The bare copy of one remote repository on this disk: a cache that can be deleted at any time.</summary>
internal sealed class Mirror : IDisposable
{
    private static readonly TimeSpan SizeCheckInterval = TimeSpan.FromMilliseconds(500);
    private const int PacksBeforeRepack = 50;
    private readonly GitMirrorContext _context;
    private readonly SemaphoreSlim _one = new(1, 1);
    private volatile bool _suspect;

    public Mirror(GitMirrorContext context, RepositoryUrl url)
    {
        _context = context;
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url.Key)))[..40];
        Path = System.IO.Path.Combine(context.Folder, name + ".git");
        Reader = new ObjectReader(Path);
    }

    public string Path { get; }

    public ObjectReader Reader { get; }

    /// <summary>Makes sure that a commit is here: fetches all branches and tags, and when that does not bring it, the commit itself.</summary>
    /// <returns>False when the remote does not have it.</returns>
    public async Task<bool> EnsureAsync(GitRemote remote, string commit, string? reference, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (HasCommit(commit))
            {
                return true;
            }

            await FetchAsync(remote, reference, cancellation).ConfigureAwait(false);
            if (HasCommit(commit))
            {
                return true;
            }

            return await TryFetchCommitAsync(remote, commit, cancellation).ConfigureAwait(false) && HasCommit(commit);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Fetches all branches and tags, for a revision that only their history can tell.</summary>
    public async Task RefreshAsync(GitRemote remote, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await FetchAsync(remote, null, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Makes the copy anew at the next use.</summary>
    public void Suspect() => _suspect = true;

    public void Dispose()
    {
        Reader.Forget();
        _one.Dispose();
    }

    private bool IsThere => File.Exists(System.IO.Path.Combine(Path, "HEAD"));

    private bool HasCommit(string commit)
    {
        if (_suspect || !IsThere)
        {
            return false;
        }

        try
        {
            return Reader.HasCommit(commit);
        }
        catch (SourceException failure) when (failure.Problem == SourceProblem.Corrupt)
        {
            _suspect = true;
            return false;
        }
    }

    private async Task FetchAsync(GitRemote remote, string? reference, CancellationToken cancellation)
    {
        var fresh = await PrepareAsync(cancellation).ConfigureAwait(false);
        try
        {
            await FetchOnceAsync(remote, Refspecs(reference), cancellation).ConfigureAwait(false);
        }
        catch (SourceException failure) when (failure.Problem == SourceProblem.Failed && !fresh)
        {
            // Nothing that is known of remotes: the copy itself may be broken. It costs one more fetch to be sure.
            _suspect = true;
            await PrepareAsync(cancellation).ConfigureAwait(false);
            await FetchOnceAsync(remote, Refspecs(reference), cancellation).ConfigureAwait(false);
        }

        await RepackIfScatteredAsync(cancellation).ConfigureAwait(false);
    }

    private static List<string> Refspecs(string? reference)
    {
        var specs = new List<string> { "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*" };
        if (reference is not null && reference.StartsWith("refs/", StringComparison.Ordinal)
            && !reference.StartsWith("refs/heads/", StringComparison.Ordinal) && !reference.StartsWith("refs/tags/", StringComparison.Ordinal))
        {
            specs.Add($"+{reference}:{reference}");
        }

        return specs;
    }

    private async Task<bool> TryFetchCommitAsync(GitRemote remote, string commit, CancellationToken cancellation)
    {
        try
        {
            await FetchOnceAsync(remote, [$"+{commit}:refs/capstan/commits/{commit}"], cancellation, prune: false).ConfigureAwait(false);
            return true;
        }
        catch (SourceException failure) when (!failure.IsTransient)
        {
            // Servers answer differently when they do not have a commit or do not give one out; to us it is not there.
            return false;
        }
    }

    private async Task FetchOnceAsync(GitRemote remote, IReadOnlyList<string> refspecs, CancellationToken cancellation, bool prune = true)
    {
        using var connection = await GitConnection.OpenAsync(remote, _context.Guard, _context.Folder, cancellation).ConfigureAwait(false);
        string[] options = prune ? ["--prune"] : [];
        var call = GitProgram.Call(
            ["fetch", "--quiet", "--force", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules", .. options, "--", remote.Url.Text, .. refspecs],
            connection.Configuration,
            connection.Environment) with
        {
            WorkingFolder = Path,
            TimeLimit = _context.Limits.TransferTime,
        };
        using var tooLarge = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watch = WatchSizeAsync(tooLarge, done.Token);
        try
        {
            var result = await _context.Git.TryRunAsync(call, tooLarge.Token).ConfigureAwait(false);
            if (result.ExitCode != 0)
            {
                throw GitFailures.Explain(remote, "fetch", result.Errors);
            }
        }
        catch (OperationCanceledException) when (tooLarge.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            _suspect = true;
            throw new SourceException(SourceProblem.TooLarge, $"{remote.Url}: the repository is larger than the {_context.Limits.MirrorBytes:N0} bytes allowed");
        }
        finally
        {
            await done.CancelAsync().ConfigureAwait(false);
            await watch.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Git has no limit of its own on what it fetches, so the folder is looked at while it grows.
    private async Task WatchSizeAsync(CancellationTokenSource tooLarge, CancellationToken done)
    {
        using var timer = new PeriodicTimer(SizeCheckInterval, _context.Time);
        while (await timer.WaitForNextTickAsync(done).ConfigureAwait(false))
        {
            var bytes = new DirectoryInfo(Path).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).Sum(SizeOf);
            if (bytes > _context.Limits.MirrorBytes)
            {
                await tooLarge.CancelAsync().ConfigureAwait(false);
                return;
            }
        }
    }

    private static long SizeOf(FileInfo file) => file.Exists ? file.Length : 0;

    private async Task<bool> PrepareAsync(CancellationToken cancellation)
    {
        if (IsThere && !_suspect)
        {
            return false;
        }

        Reader.Forget();
        if (Directory.Exists(Path))
        {
            // Moved away first: half a deletion must not look like a repository.
            var trash = Path + ".broken-" + Guid.NewGuid().ToString("N");
            Directory.Move(Path, trash);
            Directory.Delete(trash, recursive: true);
        }

        // Made aside and moved into place: who writes here looks whether the folder is there, and must not find half of it.
        Directory.CreateDirectory(_context.Folder);
        var draft = Path + ".new-" + Guid.NewGuid().ToString("N");
        await _context.Git.RunAsync(GitProgram.Call(["init", "--quiet", "--bare", "--template=", "--initial-branch=main", "--", draft]), cancellation).ConfigureAwait(false);
        Directory.Move(draft, Path);
        _suspect = false;
        return true;
    }

    private async Task RepackIfScatteredAsync(CancellationToken cancellation)
    {
        var packs = new DirectoryInfo(System.IO.Path.Combine(Path, "objects", "pack"));
        if (packs.Exists && packs.EnumerateFiles("*.pack").Count() > PacksBeforeRepack)
        {
            await _context.Git.RunAsync(Repack(), cancellation).ConfigureAwait(false);
            Reader.Forget();
        }
    }

    private ProgramCall Repack() => GitProgram.Call(["repack", "-a", "-d", "-q", "--keep-unreachable"]) with
    {
        WorkingFolder = Path,
        TimeLimit = _context.Limits.TransferTime,
    };
}

/// <summary>What all mirrors share.</summary>
internal sealed record GitMirrorContext(string Folder, GitProgram Git, AddressGuard Guard, GitLimits Limits, TimeProvider Time);
