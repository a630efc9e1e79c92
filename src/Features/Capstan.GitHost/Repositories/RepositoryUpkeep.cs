using Capstan.Sources.Git;

namespace Capstan.GitHost.Repositories;

/// <summary>When a repository is packed anew, and how long that may take.</summary>
public sealed record UpkeepLimits
{
    /// <summary>How many packs a repository may have: each push that is not small brings one, and every reader opens all of them.</summary>
    public int Packs { get; init; } = 50;

    /// <summary>How many objects may lie by themselves, about; git's own housekeeping begins at the same number.</summary>
    public int LooseObjects { get; init; } = 6_700;

    /// <summary>How long one repository may take; pushes to it wait meanwhile. What was not finished then is left as it was.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>
/// Packs repositories anew when pushes have left many small pieces, as <c>git gc --auto</c> would. It takes the repository's turn, so no push is
/// under way; readers are not disturbed. Objects that no branch reaches stay: the history of deployments may name them.
/// </summary>
public sealed class RepositoryUpkeep(RepositoryStore store, GitProgram git, UpkeepLimits limits)
{
    // One of git's 256 folders stands for all, as in git's own estimate.
    private const string Sample = "17";
    private const int Folders = 256;

    /// <summary>Looks at every repository and packs those that need it, one after another.</summary>
    /// <param name="failed">Told of each repository that could not be packed; the others are gone on with.</param>
    /// <param name="cancellation">Gives up; what was begun leaves no trace but a file that the next start sweeps away.</param>
    /// <returns>How many were packed.</returns>
    public async Task<int> RunAsync(Action<RepositoryName, Exception> failed, CancellationToken cancellation)
    {
        var packed = 0;
        foreach (var name in store.List())
        {
            try
            {
                packed += await TidyAsync(name, cancellation).ConfigureAwait(false) ? 1 : 0;
            }
            catch (Exception error) when (error is Sources.SourceException or GitHostException or IOException or UnauthorizedAccessException)
            {
                failed(name, error);
            }
        }

        return packed;
    }

    /// <summary>Packs one repository anew if it needs it.</summary>
    /// <returns>Whether it was packed.</returns>
    /// <exception cref="Sources.SourceException">Git failed, or took too long; the repository is as it was.</exception>
    public async Task<bool> TidyAsync(RepositoryName name, CancellationToken cancellation)
    {
        // Asked before the turn is taken too: a repository in order costs its pushes nothing.
        if (!store.Exists(name) || !IsScattered(store.PathTo(name)))
        {
            return false;
        }

        // Before the turn: a backup may hold this for minutes, and pushes shall not wait for it.
        using var alone = await store.PauseUpkeepAsync(cancellation).ConfigureAwait(false);
        using var turn = await store.TakeTurnAsync(name, cancellation).ConfigureAwait(false);
        if (!store.Exists(name) || store.PathTo(name) is var path && !IsScattered(path))
        {
            return false;
        }

        (string, string)[] modest = [("pack.threads", "1"), ("pack.windowMemory", "128m"), ("repack.writeBitmaps", "false")];
        await git.RunAsync(GitProgram.Call(["repack", "-a", "-d", "-q", "--keep-unreachable"], modest) with { WorkingFolder = path, TimeLimit = limits.Longest }, cancellation).ConfigureAwait(false);
        await git.RunAsync(GitProgram.Call(["pack-refs", "--all"]) with { WorkingFolder = path, TimeLimit = limits.Longest }, cancellation).ConfigureAwait(false);
        return true;
    }

    private bool IsScattered(string path)
    {
        var objects = Path.Combine(path, "objects");
        return Count(Path.Combine(objects, "pack"), "*.pack") > limits.Packs || Count(Path.Combine(objects, Sample), "*") * Folders > limits.LooseObjects;
    }

    private static int Count(string folder, string pattern) => Directory.Exists(folder) ? Directory.EnumerateFiles(folder, pattern).Count() : 0;
}
