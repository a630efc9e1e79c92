using System.Collections.Concurrent;
using System.Text;
using Capstan.GitHost.Repositories;
using Capstan.Sources.Git;
using Capstan.Sources.Processes;
using Capstan.Workflows;

namespace Capstan.Server.Bindings;

/// <summary>The Git host's repositories, as workflows ask for them.</summary>
internal sealed class HostedRepositories(RepositoryStore store, GitProgram git, Func<string, string> urlOf, PublicActions? actions = null) : IWorkflowRepositories
{
    private const int LargestFile = 1 << 20;
    private const int MostPaths = 3_000;
    private const int CommitDigits = 40;

    // What a commit holds never changes: each run of it asks for the same few files.
    private const int MostRemembered = 500;
    private const int LargestRemembered = 64 << 10;
    private readonly ConcurrentDictionary<(string Repository, string Commit, string Path), string> _files = new();
    private readonly ConcurrentDictionary<(string Repository, string Commit, string Path), IReadOnlyList<string>> _folders = new();
    private readonly ConcurrentDictionary<(string Repository, string Commit), CommitSummary> _commits = new();

    public IReadOnlyList<string> List() => [.. store.List().Select(n => n.Text)];

    public bool Exists(string repository) => RepositoryName.TryParse(repository, out var name) && store.Exists(name);

    public string UrlOf(string repository) => urlOf(repository);

    public async Task<IReadOnlyDictionary<string, string>> RefsAsync(string repository, CancellationToken cancellation)
    {
        var text = await RunAsync(repository, ["for-each-ref", "--format=%(objectname) %(refname) %(*objectname)", "refs/heads", "refs/tags"], cancellation).ConfigureAwait(false);
        // What an annotated tag points to stands behind its name.
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')).ToDictionary(p => p[1], p => p.Length > 2 && p[2].Length > 0 ? p[2] : p[0], StringComparer.Ordinal);
    }

    public async Task<string> DefaultBranchAsync(string repository, CancellationToken cancellation) =>
        (await RunAsync(repository, ["symbolic-ref", "HEAD"], cancellation).ConfigureAwait(false)).Trim();

    public async Task<string?> ResolveAsync(string repository, string revision, CancellationToken cancellation)
    {
        var result = await TryAsync(repository, ["rev-parse", "--quiet", "--verify", "--end-of-options", $"{revision}^{{commit}}"], cancellation).ConfigureAwait(false);
        return result.ExitCode == 0 ? Encoding.UTF8.GetString(result.Output.Span).Trim() : null;
    }

    public async Task<IReadOnlyList<string>> FilesAsync(string repository, string commit, string folder, CancellationToken cancellation)
    {
        if (_folders.TryGetValue((repository, commit, folder), out var known)) return known;
        var result = await TryAsync(repository, ["ls-tree", "-z", commit, "--", folder + "/"], cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0) return [];
        var entries = Encoding.UTF8.GetString(result.Output.Span).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        IReadOnlyList<string> files = [.. entries.Where(e => e.StartsWith("100", StringComparison.Ordinal)).Select(e => e[(e.IndexOf('\t', StringComparison.Ordinal) + 1)..])];
        return files.Count <= MostRemembered ? Remember(_folders, commit, (repository, commit, folder), files) : files;
    }

    /// <summary>Whether a file or folder is in a commit.</summary>
    public async Task<bool> HasAsync(string repository, string commit, string path, CancellationToken cancellation) =>
        (await TryAsync(repository, ["cat-file", "-e", $"{commit}:{path}"], cancellation).ConfigureAwait(false)).ExitCode == 0;

    public async Task<string?> ReadAsync(string repository, string commit, string path, CancellationToken cancellation)
    {
        if (_files.TryGetValue((repository, commit, path), out var known)) return known;
        var size = await TryAsync(repository, ["cat-file", "-s", $"{commit}:{path}"], cancellation).ConfigureAwait(false);
        if (size.ExitCode != 0 || !long.TryParse(Encoding.UTF8.GetString(size.Output.Span).Trim(), out var bytes) || bytes > LargestFile) return null;
        var result = await TryAsync(repository, ["cat-file", "blob", $"{commit}:{path}"], cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0) return null;
        var text = Encoding.UTF8.GetString(result.Output.Span);
        return text.Length <= LargestRemembered ? Remember(_files, commit, (repository, commit, path), text) : text;
    }

    public async Task<IReadOnlyList<string>?> ChangedAsync(string repository, string? before, string after, CancellationToken cancellation)
    {
        IReadOnlyList<string> arguments = before is null
            ? ["ls-tree", "-r", "-z", "--name-only", after]
            : ["diff-tree", "-r", "-z", "--no-commit-id", "--name-only", "--no-renames", before, after];
        var result = await TryAsync(repository, arguments, cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0) return null;
        var paths = Encoding.UTF8.GetString(result.Output.Span).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        return paths.Length > MostPaths ? null : paths;
    }

    public async Task<CommitSummary> CommitAsync(string repository, string commit, CancellationToken cancellation)
    {
        if (_commits.TryGetValue((repository, commit), out var known)) return known;
        var text = await RunAsync(repository, ["log", "-1", "--no-show-signature", "--format=%an%x00%ae%x00%cI%x00%B", "--end-of-options", commit], cancellation).ConfigureAwait(false);
        var parts = text.Split('\0', 4);
        var summary = new CommitSummary(parts.ElementAtOrDefault(3)?.TrimEnd() ?? "", parts[0], parts.ElementAtOrDefault(1) ?? "", parts.ElementAtOrDefault(2) ?? "");
        return summary.Message.Length <= LargestRemembered ? Remember(_commits, commit, (repository, commit), summary) : summary;
    }

    public async Task CheckOutAsync(string repository, string commit, string gitRef, string folder, int depth, CancellationToken cancellation)
    {
        var path = store.PathTo(Name(repository));
        (string, string)[] local = [("protocol.file.allow", "always"), ("uploadpack.allowAnySHA1InWant", "true"), ("core.symlinks", "true")];
        async Task GitAsync(params IReadOnlyList<string> arguments) =>
            await git.RunAsync(GitProgram.Call(arguments, local) with { WorkingFolder = folder }, cancellation).ConfigureAwait(false);

        await GitAsync("init", "--quiet", "--initial-branch=main", ".").ConfigureAwait(false);
        await GitAsync("remote", "add", "origin", urlOf(repository)).ConfigureAwait(false);
        IReadOnlyList<string> limit = depth > 0 ? [$"--depth={depth}"] : [];
        IReadOnlyList<string> wanted = depth > 0 ? [commit] : [commit, "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"];
        await GitAsync(["fetch", "--quiet", "--no-tags", .. limit, $"file://{path}", .. wanted]).ConfigureAwait(false);
        if (gitRef.StartsWith("refs/heads/", StringComparison.Ordinal))
        {
            await GitAsync("checkout", "--quiet", "--force", "-B", gitRef["refs/heads/".Length..], commit).ConfigureAwait(false);
        }
        else
        {
            await GitAsync("checkout", "--quiet", "--force", "--detach", commit).ConfigureAwait(false);
        }
    }

    public Task<Func<string, bool>> PublicActionsAsync(CancellationToken cancellation) => actions?.AllowedAsync(cancellation) ?? Task.FromResult<Func<string, bool>>(_ => false);

    public Task<string?> ResolvePublicAsync(string repository, string revision, CancellationToken cancellation) => actions?.ResolveAsync(repository, revision, cancellation) ?? Task.FromResult<string?>(null);

    public Task CheckOutPublicAsync(string repository, string commit, string folder, CancellationToken cancellation) =>
        actions?.CheckOutAsync(repository, commit, folder, cancellation) ?? throw new WorkflowException($"{repository}: no public actions are fetched here");

    // By the name of a commit alone: that of a branch is another commit tomorrow.
    private static T Remember<TKey, T>(ConcurrentDictionary<TKey, T> book, string commit, TKey key, T value) where TKey : notnull
    {
        if (commit.Length < CommitDigits || !commit.All(char.IsAsciiHexDigit)) return value;
        if (book.Count >= MostRemembered) book.Clear();
        book[key] = value;
        return value;
    }

    private static RepositoryName Name(string repository) =>
        RepositoryName.TryParse(repository, out var name) ? name : throw new WorkflowException($"repository {repository}: is no name");

    private Task<string> RunAsync(string repository, IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        git.RunAsync(GitProgram.Call(arguments) with { WorkingFolder = store.PathTo(Name(repository)) }, cancellation);

    private Task<ProgramResult> TryAsync(string repository, IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        git.TryRunAsync(GitProgram.Call(arguments) with { WorkingFolder = store.PathTo(Name(repository)) }, cancellation);
}
