using System.Buffers;
using System.Collections.Concurrent;
using Capstan.Sources.Git.Reading;
using Capstan.Sources.Git.Revisions;
using Capstan.Sources.Git.Signatures;
using Capstan.Sources.Git.Urls;
using Capstan.Sources.Ssrf;
using Capstan.Trees;
using LibGit2Sharp;

namespace Capstan.Sources.Git;

/// <summary>
/// The front door to Git repositories: one bare mirror for each, however many applications use it. Repositories of this process's own
/// host are read where they lie. All failures are <see cref="SourceException"/>s.
/// </summary>
public sealed class GitMirrors : IDisposable
{
    private static readonly SearchValues<char> PatternCharacters = SearchValues.Create("*?[: ~^\\");
    private readonly GitMirrorContext _context;
    private readonly ILocalRepositories? _local;
    private readonly ConcurrentDictionary<string, Lazy<Place>> _places = new(StringComparer.Ordinal);

    /// <summary>Opens the mirrors of a data folder.</summary>
    /// <param name="folder">Where mirrors are kept (<c>DATA/cache/mirrors</c>).</param>
    /// <param name="git">The git program.</param>
    /// <param name="guard">Judges the addresses of repositories that no operator registered.</param>
    /// <param name="local">The repositories that this process hosts; null when it hosts none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="limits">Limits; the defaults when null.</param>
    public GitMirrors(string folder, GitProgram git, AddressGuard guard, ILocalRepositories? local, TimeProvider time, GitLimits? limits = null)
    {
        _context = new GitMirrorContext(Path.GetFullPath(folder), git, guard, limits ?? new GitLimits(), time);
        _local = local;
        Directory.CreateDirectory(_context.Folder);
    }

    internal GitMirrorContext Context => _context;

    internal ILocalRepositories? Local => _local;

    /// <summary>Whether a repository is hosted by this process: its pushes are events, it needs no polling.</summary>
    public bool IsLocal(RepositoryUrl url) => _local?.PathOf(url) is not null;

    /// <summary>The branches and tags of a repository.</summary>
    /// <param name="remote">The repository.</param>
    /// <param name="maxAge">How old an answer may be; zero asks the server. Of no meaning for own repositories, which are always read anew.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<RemoteRefs> RefsAsync(GitRemote remote, TimeSpan maxAge, CancellationToken cancellation)
    {
        var place = PlaceOf(remote.Url);
        return place.Refs is null ? place.Reader.Refs() : await place.Refs.GetAsync(remote, maxAge, cancellation).ConfigureAwait(false);
    }

    /// <summary>Finds the commit that a target revision means, as Argo CD does, and makes sure that it can be read here.</summary>
    /// <param name="remote">The repository.</param>
    /// <param name="targetRevision">Empty or HEAD, a branch, a tag, a full ref, a whole or shortened commit id, or a range of versions over the tags.</param>
    /// <param name="maxAge">How old the knowledge of branches and tags may be.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<GitRevision> ResolveAsync(GitRemote remote, string? targetRevision, TimeSpan maxAge, CancellationToken cancellation)
    {
        var wanted = targetRevision?.Trim() ?? "";
        if (RevisionResolver.Problem(wanted) is { } problem)
        {
            throw new SourceException(SourceProblem.Invalid, $"{remote.Url}: the target revision {problem}");
        }

        if (RevisionResolver.IsCommit(wanted))
        {
            var commit = wanted.ToLowerInvariant();
            return await EnsureAsync(remote, commit, null, cancellation).ConfigureAwait(false)
                ? new GitRevision(commit, RevisionKind.Commit, null)
                : throw NotFound(remote, wanted);
        }

        var refs = await RefsAsync(remote, maxAge, cancellation).ConfigureAwait(false);
        var found = RevisionResolver.Find(refs, wanted)
            ?? await FindOtherRefAsync(remote, wanted, cancellation).ConfigureAwait(false)
            ?? await FindShortAsync(remote, wanted, cancellation).ConfigureAwait(false)
            ?? throw NotFound(remote, wanted);
        return await EnsureAsync(remote, found.Commit, found.Ref, cancellation).ConfigureAwait(false)
            ? found
            : throw NotFound(remote, wanted);
    }

    /// <summary>The files of a commit.</summary>
    public async Task<GitTree> OpenTreeAsync(GitRemote remote, string commit, CancellationToken cancellation)
    {
        await RequireAsync(remote, commit, cancellation).ConfigureAwait(false);
        return Read(remote, place => new GitTree(place.Reader, commit));
    }

    /// <summary>What is told of a commit.</summary>
    public async Task<CommitInfo> DescribeAsync(GitRemote remote, string commit, CancellationToken cancellation)
    {
        await RequireAsync(remote, commit, cancellation).ConfigureAwait(false);
        return Read(remote, place => place.Reader.Describe(commit)) ?? throw NotFound(remote, commit);
    }

    /// <summary>Checks the signature of a commit with these keys and no others.</summary>
    public async Task<CommitSignature> VerifyAsync(GitRemote remote, string commit, SignerKeys keys, CancellationToken cancellation)
    {
        await RequireAsync(remote, commit, cancellation).ConfigureAwait(false);
        return await SignatureCheck.RunAsync(_context.Git, PlaceOf(remote.Url).Path, commit, keys, cancellation).ConfigureAwait(false);
    }

    /// <summary>The commits in the history of a commit that changed one of these paths, the newest first.</summary>
    /// <param name="remote">The repository.</param>
    /// <param name="commit">Where to begin.</param>
    /// <param name="paths">Files or folders.</param>
    /// <param name="limit">The most commits to return.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<CommitInfo>> CommitsTouchingAsync(
        GitRemote remote, string commit, IReadOnlyList<TreePath> paths, int limit, CancellationToken cancellation)
    {
        await RequireAsync(remote, commit, cancellation).ConfigureAwait(false);
        string[] texts = [.. paths.Select(path => path.Text)];
        return Read(remote, place => place.Reader.Use(repository =>
            PathHistory.Touching(repository, repository.Lookup<Commit>(new ObjectId(commit)), texts, limit)));
    }

    /// <summary>For each line of a file in a commit: the commit that last changed it. Empty when there is no such file.</summary>
    /// <param name="remote">The repository.</param>
    /// <param name="commit">Where to begin.</param>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<IReadOnlyList<CommitInfo>> BlameAsync(GitRemote remote, string commit, TreePath path, CancellationToken cancellation)
    {
        await RequireAsync(remote, commit, cancellation).ConfigureAwait(false);
        return Read(remote, place => place.Reader.Use(repository => LineHistory.Of(repository, repository.Lookup<Commit>(new ObjectId(commit)), path.Text)));
    }

    /// <summary>Puts a commit with its history into another repository on this machine, under a ref.</summary>
    /// <param name="remote">Where the commit is from.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="folder">The folder of the bare repository that gets it.</param>
    /// <param name="name">The full ref there; it is moved wherever it was.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task CopyAsync(GitRemote remote, string commit, string folder, string name, CancellationToken cancellation)
    {
        await RequireAsync(remote, commit, cancellation).ConfigureAwait(false);
        (string, string)[] local = [("protocol.file.allow", "always"), ("uploadpack.allowAnySHA1InWant", "true")];
        var call = GitProgram.Call(
            ["fetch", "--quiet", "--force", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules", "--", $"file://{PlaceOf(remote.Url).Path}", $"+{commit}:{name}"], local) with
        {
            WorkingFolder = folder,
            TimeLimit = _context.Limits.TransferTime,
        };
        var result = await _context.Git.TryRunAsync(call, cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0) throw new SourceException(SourceProblem.Failed, $"{remote.Url}: {commit} could not be put into {Path.GetFileName(folder)}: {result.Errors.Trim()}");
    }

    /// <summary>Whether a path is different in two commits; a commit that is not there differs from every other.</summary>
    public async Task<bool> DiffersAsync(GitRemote remote, string commit, string other, TreePath path, CancellationToken cancellation)
    {
        await RequireAsync(remote, commit, cancellation).ConfigureAwait(false);
        await RequireAsync(remote, other, cancellation).ConfigureAwait(false);
        return Read(remote, place => place.Reader.Use(repository =>
            ObjectReader.EntryId(repository.Lookup<Commit>(new ObjectId(commit)), path.Text)
            != ObjectReader.EntryId(repository.Lookup<Commit>(new ObjectId(other)), path.Text)));
    }

    /// <summary>Asks the remote at the next use, whatever age would do: a webhook said that it changed.</summary>
    public void Forget(RepositoryUrl url)
    {
        if (_places.TryGetValue(url.Key, out var place) && place.IsValueCreated)
        {
            place.Value.Refs?.Forget();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var place in _places.Values.Where(place => place.IsValueCreated))
        {
            place.Value.Mirror?.Dispose();
            place.Value.Refs?.Dispose();
            place.Value.Reader.Forget();
        }
    }

    internal async Task<bool> EnsureAsync(GitRemote remote, string commit, string? reference, CancellationToken cancellation)
    {
        var place = PlaceOf(remote.Url);
        return place.Mirror is null
            ? place.Reader.HasCommit(commit)
            : await place.Mirror.EnsureAsync(remote, commit, reference, cancellation).ConfigureAwait(false);
    }

    internal Place PlaceOf(RepositoryUrl url)
    {
        if (_local?.PathOf(url) is { } path)
        {
            return _places.GetOrAdd("local " + path, _ => new Lazy<Place>(() => new Place(path, new ObjectReader(path), null, null))).Value;
        }

        return _places.GetOrAdd(url.Key, _ => new Lazy<Place>(() =>
        {
            var mirror = new Mirror(_context, url);
            return new Place(mirror.Path, mirror.Reader, mirror, new RefCache(_context));
        })).Value;
    }

    /// <summary>Where a repository is read: a mirror with what is known of its remote, or one of our own without either.</summary>
    internal sealed record Place(string Path, ObjectReader Reader, Mirror? Mirror, RefCache? Refs);

    private async Task RequireAsync(GitRemote remote, string commit, CancellationToken cancellation)
    {
        if (!RevisionResolver.IsCommit(commit) || !await EnsureAsync(remote, commit, null, cancellation).ConfigureAwait(false))
        {
            throw NotFound(remote, commit);
        }
    }

    private T Read<T>(GitRemote remote, Func<Place, T> read)
    {
        var place = PlaceOf(remote.Url);
        try
        {
            return read(place);
        }
        catch (SourceException failure) when (failure.Problem == SourceProblem.Corrupt)
        {
            place.Mirror?.Suspect();
            throw;
        }
    }

    private async Task<GitRevision?> FindOtherRefAsync(GitRemote remote, string wanted, CancellationToken cancellation)
    {
        if (!wanted.StartsWith("refs/", StringComparison.Ordinal) || PlaceOf(remote.Url).Refs is not { } refs || wanted.AsSpan().IndexOfAny(PatternCharacters) >= 0)
        {
            return null;
        }

        return RevisionResolver.Find(await refs.ListAsync(remote, [wanted], cancellation).ConfigureAwait(false), wanted);
    }

    // Only the history can tell a shortened id, so it is fetched first when the copy does not know it yet.
    private async Task<GitRevision?> FindShortAsync(GitRemote remote, string wanted, CancellationToken cancellation)
    {
        if (!RevisionResolver.IsShortCommit(wanted))
        {
            return null;
        }

        var place = PlaceOf(remote.Url);
        if (place.Mirror is { } mirror && (!Directory.Exists(place.Path) || place.Reader.FindShort(wanted) is null))
        {
            await mirror.RefreshAsync(remote, cancellation).ConfigureAwait(false);
        }

        return place.Reader.FindShort(wanted) is { } commit ? new GitRevision(commit, RevisionKind.Commit, null) : null;
    }

    private static SourceException NotFound(GitRemote remote, string wanted) => new(
        SourceProblem.RevisionNotFound,
        wanted is "" or "HEAD"
            ? $"{remote.Url}: the repository has no commit on its default branch yet; push one"
            : $"{remote.Url}: there is no branch, tag, commit or version \"{wanted}\" in the repository; check targetRevision");
}
