using System.Collections.Concurrent;
using Capstan.Access.Rights;
using Capstan.GitHost.Pushes;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Urls;

namespace Capstan.GitHost.Repositories;

/// <summary>The hosted repositories: bare, beneath one folder, written to by git alone, their configuration by this class alone.</summary>
public sealed class RepositoryStore : ILocalRepositories, IDisposable
{
    private const string TemplateName = ".template.git";
    private const string IncomingName = ".incoming";
    private const string HooksName = ".hooks";
    private readonly GitProgram _git;
    private readonly PushEvents _events;
    private readonly StaleFiles _stale;
    private readonly ConcurrentDictionary<RepositoryName, SemaphoreSlim> _turns = new();
    private readonly SemaphoreSlim _names = new(1, 1);
    private readonly SemaphoreSlim _upkeep = new(1, 1);
    private IReadOnlyList<Uri> _ownUrls = [];

    /// <summary>Opens the repositories of a data folder.</summary>
    /// <param name="folder">Where they are kept (<c>DATA/git</c>).</param>
    /// <param name="git">The git program.</param>
    /// <param name="events">Told of what moves.</param>
    /// <param name="time">The clock.</param>
    public RepositoryStore(string folder, GitProgram git, PushEvents events, TimeProvider time)
    {
        Folder = Path.GetFullPath(folder);
        _git = git;
        _events = events;
        _stale = new StaleFiles(Folder, time);
    }

    /// <summary>Where the repositories are kept.</summary>
    public string Folder { get; }

    internal string IncomingFolder => Path.Combine(Folder, IncomingName);

    /// <summary>The hooks of pushes that may not change everything; git looks for them nowhere else.</summary>
    internal string HooksFolder => Path.Combine(Folder, HooksName);

    internal string TemplatePath => Path.Combine(Folder, TemplateName);

    /// <summary>Makes the folder ready and sweeps away what a killed process left behind. Call once, before the first request.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        Directory.CreateDirectory(Folder);
        if (Directory.Exists(IncomingFolder))
        {
            Directory.Delete(IncomingFolder, recursive: true);
        }

        Directory.CreateDirectory(IncomingFolder);
        await PushGuard.WriteAsync(HooksFolder, cancellation).ConfigureAwait(false);
        if (!IsRepository(TemplatePath))
        {
            await InitAsync(TemplatePath, cancellation).ConfigureAwait(false);
        }

        await _stale.SweepAsync([.. List().Select(PathFor)], cancellation).ConfigureAwait(false);
    }

    /// <summary>Says at which addresses this host is reached, so that <see cref="PathOf"/> knows its own.</summary>
    /// <param name="baseUrls">Addresses such as <c>http://127.0.0.1:7070</c>, without <c>/git</c>.</param>
    public void ServeAt(IReadOnlyList<Uri> baseUrls) => _ownUrls = [.. baseUrls];

    /// <summary>All repositories, ordered by name.</summary>
    public IReadOnlyList<RepositoryName> List()
    {
        var names = new List<RepositoryName>();
        if (!Directory.Exists(Folder))
        {
            return names;
        }

        foreach (var folder in Directory.EnumerateDirectories(Folder))
        {
            var part = Path.GetFileName(folder);
            if (part.EndsWith(".git", StringComparison.Ordinal))
            {
                Add(part, folder);
                continue;
            }

            foreach (var owned in Directory.EnumerateDirectories(folder, "*.git"))
            {
                Add($"{part}/{Path.GetFileName(owned)}", owned);
            }
        }

        return [.. names.OrderBy(name => name.Text, StringComparer.Ordinal)];

        void Add(string text, string folder)
        {
            if (RepositoryName.TryParse(text, out var name) && IsRepository(folder))
            {
                names.Add(name);
            }
        }
    }

    /// <summary>Whether a repository is there.</summary>
    public bool Exists(RepositoryName name) => IsRepository(PathFor(name));

    /// <summary>The folder of a repository.</summary>
    /// <exception cref="GitHostException">It is not there.</exception>
    public string PathTo(RepositoryName name) => Exists(name)
        ? PathFor(name)
        : throw new GitHostException(GitHostProblem.NotFound, $"there is no repository {name}; make it with: capstan create repo {name}");

    /// <summary>Makes an empty repository.</summary>
    /// <exception cref="GitHostException">It is there already.</exception>
    public async Task CreateAsync(RepositoryName name, CancellationToken cancellation)
    {
        if (!await EnsureAsync(name, cancellation).ConfigureAwait(false))
        {
            throw new GitHostException(GitHostProblem.AlreadyExists, $"the repository {name} exists already");
        }
    }

    /// <summary>Makes an empty repository unless it is there.</summary>
    /// <returns>Whether it was made.</returns>
    public async Task<bool> EnsureAsync(RepositoryName name, CancellationToken cancellation)
    {
        await _names.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var path = PathFor(name);
            if (IsRepository(path))
            {
                return false;
            }

            // Made aside and moved, so that a kill in the middle leaves either the whole or nothing.
            var draft = Path.Combine(IncomingFolder, Guid.NewGuid().ToString("N") + ".git");
            Directory.CreateDirectory(IncomingFolder);
            await InitAsync(draft, cancellation).ConfigureAwait(false);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Directory.Move(draft, path);
            return true;
        }
        finally
        {
            _names.Release();
        }
    }

    /// <summary>Deletes a repository with everything in it, once pushes to it are through.</summary>
    /// <exception cref="GitHostException">It is not there.</exception>
    public async Task DeleteAsync(RepositoryName name, CancellationToken cancellation)
    {
        using var turn = await TakeTurnAsync(name, cancellation).ConfigureAwait(false);
        var trash = Path.Combine(IncomingFolder, Guid.NewGuid().ToString("N") + ".deleted");
        Directory.Move(PathTo(name), trash);
        Directory.Delete(trash, recursive: true);
    }

    /// <inheritdoc/>
    public string? PathOf(RepositoryUrl url)
    {
        foreach (var own in _ownUrls)
        {
            if (own.Host.Trim('[', ']').Equals(url.Host, StringComparison.OrdinalIgnoreCase) && own.Port == url.EffectivePort
                && own.Scheme == (url.Scheme == RepositoryScheme.Https ? "https" : url.Scheme == RepositoryScheme.Http ? "http" : "")
                && url.Path.StartsWith("/git/", StringComparison.Ordinal)
                && RepositoryName.TryParse(url.Path["/git/".Length..].TrimEnd('/'), out var name) && Exists(name))
            {
                return PathFor(name);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public async ValueTask ChangedAsync(RepositoryUrl url, RefUpdate update, CancellationToken cancellation)
    {
        if (RepositoryName.TryParse(url.Path["/git/".Length..].TrimEnd('/'), out var name))
        {
            await _events.TellAsync(new PushEvent(name, [update], Principal.System), cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Until it is disposed, no repository is packed anew: objects only come, and none moves. Pushes go on.</summary>
    public async Task<IDisposable> PauseUpkeepAsync(CancellationToken cancellation)
    {
        await _upkeep.WaitAsync(cancellation).ConfigureAwait(false);
        return new Turn(_upkeep);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _names.Dispose();
        _upkeep.Dispose();
        foreach (var turn in _turns.Values)
        {
            turn.Dispose();
        }
    }

    /// <summary>Waits until no other push to the repository is under way.</summary>
    internal async Task<IDisposable> TakeTurnAsync(RepositoryName name, CancellationToken cancellation)
    {
        var turn = _turns.GetOrAdd(name, static _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(cancellation).ConfigureAwait(false);
        return new Turn(turn);
    }

    private sealed class Turn(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }

    // The name cannot leave the folder by its type; that the result lies beneath it is asked once more where it becomes a path.
    private string PathFor(RepositoryName name)
    {
        var path = Path.GetFullPath(Path.Combine(Folder, name.Text + ".git"));
        return path.StartsWith(Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new GitHostException(GitHostProblem.InvalidName, $"\"{name}\" is not the name of a repository");
    }

    private static bool IsRepository(string path) => File.Exists(Path.Combine(path, "HEAD")) && Directory.Exists(Path.Combine(path, "objects"));

    private Task<string> InitAsync(string path, CancellationToken cancellation) =>
        _git.RunAsync(GitProgram.Call(["init", "--quiet", "--bare", "--template=", "--initial-branch=main", "--", path]), cancellation);
}
