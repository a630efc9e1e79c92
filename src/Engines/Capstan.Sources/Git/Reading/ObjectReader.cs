using Capstan.Sources.Git.Revisions;
using LibGit2Sharp;

namespace Capstan.Sources.Git.Reading;

/// <summary>
/// Reads the objects of one bare repository. libgit2's handles are not for several threads, so a lock stands before each use; reads are of
/// memory-mapped packs and take microseconds.
/// </summary>
internal sealed class ObjectReader
{
    private readonly Lock _lock = new();
    private readonly string _path;
    private Repository? _repository;

    static ObjectReader()
    {
        // What the user's or the machine's configuration says must not steer how objects are read.
        foreach (var level in (ConfigurationLevel[])[ConfigurationLevel.Global, ConfigurationLevel.Xdg, ConfigurationLevel.System, ConfigurationLevel.ProgramData])
        {
            GlobalSettings.SetConfigSearchPaths(level, "/nonexistent");
        }

        GlobalSettings.SetOwnerValidation(false);
    }

    /// <param name="path">The folder of the bare repository.</param>
    public ObjectReader(string path) => _path = path;

    /// <summary>Runs a read under the lock and turns what libgit2 throws into our own errors.</summary>
    /// <exception cref="SourceException">The repository on disk is damaged or gone.</exception>
    public T Use<T>(Func<Repository, T> read)
    {
        lock (_lock)
        {
            try
            {
                _repository ??= new Repository(_path);
                return read(_repository);
            }
            catch (LibGit2SharpException failure)
            {
                Forget();
                throw new SourceException(SourceProblem.Corrupt, $"the local copy of the repository cannot be read ({failure.Message}); it is made anew at the next use", failure);
            }
        }
    }

    /// <summary>Opens the repository anew at the next use.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _repository?.Dispose();
            _repository = null;
        }
    }

    /// <summary>Whether a commit is here.</summary>
    public bool HasCommit(string commit) => Use(repository => repository.Lookup<Commit>(new ObjectId(commit)) is not null);

    /// <summary>The whole id of the one commit that a shortened id means; null when there is none.</summary>
    /// <exception cref="SourceException">Several objects begin so.</exception>
    public string? FindShort(string prefix) => Use(repository =>
    {
        try
        {
            return repository.Lookup(prefix)?.Peel<Commit>()?.Sha;
        }
        catch (AmbiguousSpecificationException failure)
        {
            throw new SourceException(SourceProblem.RevisionNotFound, $"\"{prefix}\" is the beginning of several commits; write more of it", failure);
        }
        catch (InvalidSpecificationException)
        {
            return null;
        }
        catch (NotFoundException)
        {
            return null;
        }
    });

    /// <summary>The branches and tags that the repository itself holds.</summary>
    public RemoteRefs Refs() => Use(repository =>
    {
        var commits = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var reference in repository.Refs)
        {
            if (reference is DirectReference && PeelToCommit(repository, reference) is { } commit)
            {
                commits[reference.CanonicalName] = commit;
            }
        }

        var head = (repository.Refs.Head as SymbolicReference)?.TargetIdentifier;
        if (head is not null && commits.TryGetValue(head, out var target))
        {
            commits["HEAD"] = target;
        }

        return new RemoteRefs(head, commits);
    });

    /// <summary>What is told of a commit; null when it is not here.</summary>
    public CommitInfo? Describe(string commit) => Use(repository =>
        repository.Lookup<Commit>(new ObjectId(commit)) is { } found ? CommitInfo.Of(found) : null);

    /// <summary>The id of what lies at a path of a commit; null when nothing does.</summary>
    public static string? EntryId(Commit commit, string path) => path.Length == 0 ? commit.Tree.Sha : commit[path]?.Target.Sha;

    /// <summary>The content of a blob.</summary>
    public ReadOnlyMemory<byte> Blob(string id, long length) => Use<ReadOnlyMemory<byte>>(repository =>
    {
        var blob = repository.Lookup<Blob>(new ObjectId(id)) ?? throw new NotFoundException($"the object {id} is missing");
        var content = new byte[length];
        using var stream = blob.GetContentStream();
        stream.ReadExactly(content);
        return content;
    });

    private static string? PeelToCommit(Repository repository, Reference reference)
    {
        var id = new ObjectId(reference.TargetIdentifier);
        return repository.Lookup(id) switch
        {
            Commit commit => commit.Sha,
            TagAnnotation tag => tag.Target.Peel<Commit>().Sha,
            _ => null,
        };
    }
}
