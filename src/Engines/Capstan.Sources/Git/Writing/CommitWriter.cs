using System.Text;
using Capstan.Sources.Git.Reading;
using Capstan.Trees;
using LibGit2Sharp;

namespace Capstan.Sources.Git.Writing;

/// <summary>
/// Writes commits to a branch: of an own repository directly, of any other by a push. When the branch moves meanwhile, the changes are
/// computed again on top of where it is now; nothing is ever overwritten.
/// </summary>
/// <param name="mirrors">The repositories.</param>
/// <param name="time">The clock.</param>
public sealed class CommitWriter(GitMirrors mirrors, TimeProvider time)
{
    private const int Attempts = 8;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Writes one commit; a branch that is not there begins with it.</summary>
    /// <param name="remote">The repository.</param>
    /// <param name="branch">The branch without <c>refs/heads/</c>.</param>
    /// <param name="draft">Author and message.</param>
    /// <param name="changes">Computes the changes from the files as they are; called again when the branch has moved. What it throws reaches the caller.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SourceException">It could not be written; nothing has changed then.</exception>
    public Task<WrittenCommit> WriteAsync(
        GitRemote remote, string branch, CommitDraft draft, Func<SourceTree, IReadOnlyList<TreeChange>> changes, CancellationToken cancellation) =>
        RetryAsync(remote, branch, draft, (_, tree) => changes(tree), cancellation);

    /// <summary>Writes one commit that brings a path back to what it was in an older commit and touches no other path.</summary>
    /// <param name="remote">The repository.</param>
    /// <param name="branch">The branch without <c>refs/heads/</c>.</param>
    /// <param name="path">The file or folder; where the older commit has none it is removed.</param>
    /// <param name="fromCommit">The older commit.</param>
    /// <param name="draft">Author and message.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SourceException">It could not be written; nothing has changed then.</exception>
    public Task<WrittenCommit> RestorePathAsync(
        GitRemote remote, string branch, TreePath path, string fromCommit, CommitDraft draft, CancellationToken cancellation) =>
        RestorePathsAsync(remote, branch, [(path, fromCommit)], draft, cancellation);

    /// <summary>Writes one commit that brings paths back to what each was in an older commit and touches no other path.</summary>
    /// <param name="remote">The repository.</param>
    /// <param name="branch">The branch without <c>refs/heads/</c>.</param>
    /// <param name="paths">Files and folders, each with the older commit; where that has none it is removed. Of two that overlap the later one counts.</param>
    /// <param name="draft">Author and message.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SourceException">It could not be written; nothing has changed then.</exception>
    public async Task<WrittenCommit> RestorePathsAsync(
        GitRemote remote, string branch, IReadOnlyList<(TreePath Path, string Commit)> paths, CommitDraft draft, CancellationToken cancellation)
    {
        foreach (var commit in paths.Select(p => p.Commit).Distinct())
        {
            if (!await mirrors.EnsureAsync(remote, commit, null, cancellation).ConfigureAwait(false))
            {
                throw new SourceException(SourceProblem.RevisionNotFound, $"{remote.Url}: the commit {commit} is not in the repository");
            }
        }

        return await RetryAsync(remote, branch, draft, (reader, _) => [.. paths.SelectMany(p => Restoration(reader, p.Path, p.Commit))], cancellation).ConfigureAwait(false);
    }

    private static List<TreeChange> Restoration(ObjectReader reader, TreePath path, string fromCommit) => reader.Use(repository =>
    {
        var commit = repository.Lookup<Commit>(new ObjectId(fromCommit)) ?? throw new NotFoundException($"the commit {fromCommit} is missing");
        var changes = new List<TreeChange> { TreeChange.Remove(path) };
        if (path.IsRoot)
        {
            changes.Add(new TreeChange.PutObject(path, "040000", commit.Tree.Sha));
        }
        else if (commit[path.Text] is { } entry)
        {
            changes.Add(new TreeChange.PutObject(path, Convert.ToString((int)entry.Mode, 8).PadLeft(6, '0'), entry.Target.Sha));
        }

        return changes;
    });

    private async Task<WrittenCommit> RetryAsync(
        GitRemote remote, string branch, CommitDraft draft, Func<ObjectReader, SourceTree, IReadOnlyList<TreeChange>> changes, CancellationToken cancellation)
    {
        await RequireBranchNameAsync(remote, branch, cancellation).ConfigureAwait(false);
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            var written = await TryWriteAsync(remote, "refs/heads/" + branch, draft, changes, cancellation).ConfigureAwait(false);
            if (written is not null)
            {
                return written;
            }

            if (attempt == Attempts)
            {
                throw new SourceException(SourceProblem.WriteRejected, $"{remote.Url}: the branch {branch} kept moving while a commit was written to it; try again");
            }

            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), time, cancellation).ConfigureAwait(false);
            pause *= 2;
        }
    }

    // 1. Read where the branch is. 2. Compute the changes. 3. Make the commit under a name of its own, so that no other reader sees it and
    // git keeps it. 4. Move the branch if it is still there. 5. Take the name away. Null when the branch had moved.
    private async Task<WrittenCommit?> TryWriteAsync(
        GitRemote remote, string reference, CommitDraft draft, Func<ObjectReader, SourceTree, IReadOnlyList<TreeChange>> changes, CancellationToken cancellation)
    {
        var place = await PlaceAsync(remote, cancellation).ConfigureAwait(false);
        var refs = await mirrors.RefsAsync(remote, TimeSpan.Zero, cancellation).ConfigureAwait(false);
        var parent = refs.Commits.GetValueOrDefault(reference);
        if (parent is not null && !await mirrors.EnsureAsync(remote, parent, reference, cancellation).ConfigureAwait(false))
        {
            return null;
        }

        SourceTree tree = parent is null ? new MemoryTree([]) : new GitTree(place.Reader, parent);
        var wanted = changes(place.Reader, tree);
        RequireWritable(wanted);
        if (wanted.Count == 0 && parent is not null)
        {
            return new WrittenCommit(parent, Changed: false);
        }

        var name = $"refs/capstan/drafts/{Guid.NewGuid():N}";
        await ImportAsync(place, FastImportStream.Of(name, parent, draft, time.GetUtcNow(), wanted), cancellation).ConfigureAwait(false);
        try
        {
            var commit = (await GitAsync(place, ["rev-parse", "--verify", name], cancellation).ConfigureAwait(false)).Trim();
            if (parent is not null && TreeOf(place.Reader, commit) == TreeOf(place.Reader, parent))
            {
                return new WrittenCommit(parent, Changed: false);
            }

            var moved = place.Mirror is null
                ? await MoveBranchAsync(place, reference, parent, commit, cancellation).ConfigureAwait(false)
                : await PushAsync(remote, place, reference, commit, cancellation).ConfigureAwait(false);
            if (moved && place.Mirror is null && mirrors.Local is { } local)
            {
                await local.ChangedAsync(remote.Url, new RefUpdate(reference, parent, commit), cancellation).ConfigureAwait(false);
            }

            return moved ? new WrittenCommit(commit, Changed: true) : null;
        }
        finally
        {
            await GitAsync(place, ["update-ref", "-d", name], CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task<GitMirrors.Place> PlaceAsync(GitRemote remote, CancellationToken cancellation)
    {
        var place = mirrors.PlaceOf(remote.Url);
        if (place.Mirror is not null && !Directory.Exists(place.Path))
        {
            await place.Mirror.RefreshAsync(remote, cancellation).ConfigureAwait(false);
        }

        return place;
    }

    private async Task ImportAsync(GitMirrors.Place place, ReadOnlyMemory<byte> stream, CancellationToken cancellation)
    {
        var call = GitProgram.Call(["fast-import", "--quiet", "--done", "--date-format=raw"]) with { WorkingFolder = place.Path, Input = stream };
        await mirrors.Context.Git.RunAsync(call, cancellation).ConfigureAwait(false);
    }

    private async Task<bool> MoveBranchAsync(GitMirrors.Place place, string reference, string? parent, string commit, CancellationToken cancellation)
    {
        var call = GitProgram.Call(["update-ref", reference, commit, parent ?? new string('0', 40)]) with { WorkingFolder = place.Path };
        var result = await mirrors.Context.Git.TryRunAsync(call, cancellation).ConfigureAwait(false);
        return result.ExitCode == 0;
    }

    private async Task<bool> PushAsync(GitRemote remote, GitMirrors.Place place, string reference, string commit, CancellationToken cancellation)
    {
        using var connection = await GitConnection.OpenAsync(remote, mirrors.Context.Guard, mirrors.Context.Folder, cancellation).ConfigureAwait(false);
        var call = GitProgram.Call(["push", "--porcelain", "--no-verify", "--", remote.Url.Text, $"{commit}:{reference}"], connection.Configuration, connection.Environment) with
        {
            WorkingFolder = place.Path,
            TimeLimit = mirrors.Context.Limits.TransferTime,
        };
        var result = await mirrors.Context.Git.TryRunAsync(call, cancellation).ConfigureAwait(false);
        if (result.ExitCode == 0)
        {
            return true;
        }

        var said = Encoding.UTF8.GetString(result.Output.Span);
        if (said.Contains("(fetch first)", StringComparison.Ordinal) || said.Contains("(non-fast-forward)", StringComparison.Ordinal)
            || said.Contains("cannot lock ref", StringComparison.Ordinal) || said.Contains("failed to update ref", StringComparison.Ordinal))
        {
            return false;
        }

        var rejection = said.Split('\n').FirstOrDefault(line => line.StartsWith('!'));
        throw rejection is null
            ? GitFailures.Explain(remote, "push", result.Errors)
            : new SourceException(SourceProblem.WriteRejected, $"{remote.Url}: the server rejects the commit: {rejection[1..].Trim()}");
    }

    private async Task RequireBranchNameAsync(GitRemote remote, string branch, CancellationToken cancellation)
    {
        var valid = !branch.StartsWith('-') && !branch.Any(char.IsControl) && branch.Length <= 200
            && (await mirrors.Context.Git.TryRunAsync(GitProgram.Call(["check-ref-format", "refs/heads/" + branch]), cancellation).ConfigureAwait(false)).ExitCode == 0;
        if (!valid)
        {
            throw new SourceException(SourceProblem.Invalid, $"{remote.Url}: \"{branch}\" is not the name of a branch");
        }
    }

    // Git itself refuses such names only when it checks a tree; better they never become one.
    private static void RequireWritable(IReadOnlyList<TreeChange> changes)
    {
        foreach (var change in changes)
        {
            if (change is TreeChange.PutFile { Path.IsRoot: true } || change.Path.Text.Split('/').Any(IsGitsOwn))
            {
                throw new SourceException(SourceProblem.Invalid, $"{change.Path}: a commit may not write here");
            }
        }
    }

    private static bool IsGitsOwn(string part)
    {
        var plain = part.TrimEnd('.', ' ');
        return plain.Equals(".git", StringComparison.OrdinalIgnoreCase) || plain.StartsWith("git~", StringComparison.OrdinalIgnoreCase);
    }

    private static string TreeOf(ObjectReader reader, string commit) =>
        reader.Use(repository => repository.Lookup<Commit>(new ObjectId(commit)) is { } found ? found.Tree.Sha : throw new NotFoundException($"the commit {commit} is missing"));

    private Task<string> GitAsync(GitMirrors.Place place, string[] arguments, CancellationToken cancellation) =>
        mirrors.Context.Git.RunAsync(GitProgram.Call(arguments) with { WorkingFolder = place.Path }, cancellation);
}
