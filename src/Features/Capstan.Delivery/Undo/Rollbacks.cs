using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Controllers;
using Capstan.Sources;
using Capstan.Sources.Git.Revisions;
using Capstan.Sources.Git.Urls;
using Capstan.Sources.Git.Writing;
using Capstan.Trees;

namespace Capstan.Delivery.Undo;

/// <summary>What a rollback did or would do.</summary>
/// <param name="From">The commit that is deployed.</param>
/// <param name="To">The commit whose files come back.</param>
/// <param name="Diff">What changes in the files of the Application's path, as a unified diff; empty when nothing does.</param>
/// <param name="Commit">The commit that was written; null when none was.</param>
/// <param name="Pinned">Whether the Application is pinned instead, because nothing may be pushed from here.</param>
public sealed record RollbackOutcome(string From, string To, string Diff, string? Commit = null, bool Pinned = false);

/// <summary>Goes back by going forward: a commit that restores the Application's path and touches no other.</summary>
internal sealed partial class Rollbacks(DeskContext context)
{
    private const int MostFiles = 200;
    private const int MostBytes = 1 << 20;

    public async Task<RollbackOutcome> RunAsync(
        Application application, IReadOnlyList<Deployment> history, string? to, string user, bool dryRun, CancellationToken cancellation)
    {
        var source = application.Source;
        if (source.Chart.Length > 0)
        {
            // The version of a chart stands in the Application, not in a repository that a commit could go back in.
            var deployed = history.FirstOrDefault(d => d.Outcome == OperationPhase.Succeeded)?.Revision ?? "";
            return new RollbackOutcome(deployed, Choose(application, history, to, deployed), "", Pinned: !dryRun);
        }

        var now = await context.Repositories.ResolveAsync(source.RepoUrl, application.WantedRevision, TimeSpan.Zero, cancellation).ConfigureAwait(false);
        var target = Choose(application, history, to, now.Commit);
        var then = await context.Repositories.ResolveAsync(source.RepoUrl, target, TimeSpan.FromMinutes(10), cancellation).ConfigureAwait(false);
        var path = TreePath.Parse(source.Path);
        var diff = Diff(now.Tree, then.Tree, path);
        var outcome = new RollbackOutcome(now.Commit, then.Commit, diff);
        if (dryRun || diff.Length == 0)
        {
            return outcome;
        }

        if (await BranchAsync(application, cancellation).ConfigureAwait(false) is not { } branch)
        {
            return outcome with { Pinned = true };
        }

        try
        {
            var draft = new CommitDraft(
                new CommitAuthor(user, context.Options.CommitterEmail), $"Roll {application.Object.Name} back to {then.Commit[..7]}\n\nRestores {path} as it was in {then.Commit}.")
            {
                Trailers = [("Capstan-Application", application.Key.ToString()), ("Capstan-Rollback-From", now.Commit), ("Capstan-Rollback-To", then.Commit)],
            };
            var written = await context.Writer.RestorePathAsync(now.Remote!, branch, path, then.Commit, draft, cancellation).ConfigureAwait(false);
            context.Repositories.Forget(source.RepoUrl);
            return outcome with { Commit = written.Commit };
        }
        catch (SourceException error) when (error.Problem is SourceProblem.AuthenticationFailed or SourceProblem.Refused or SourceProblem.WriteRejected)
        {
            return outcome with { Pinned = true };
        }
    }

    private static string Choose(Application application, IReadOnlyList<Deployment> history, string? to, string now)
    {
        if (to is null)
        {
            return history.FirstOrDefault(d => d.Outcome == OperationPhase.Succeeded && d.Revision != now)?.Revision
                ?? throw new DeliveryException($"Application/{application.Key}: its history holds no other deployment that succeeded; name a commit with --to");
        }

        return long.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && history.FirstOrDefault(d => d.Id == id) is { } deployment
            ? deployment.Revision
            : to;
    }

    // Only a branch can go forward; a tag or a commit stays where it is.
    private async Task<string?> BranchAsync(Application application, CancellationToken cancellation)
    {
        var remote = context.Repositories.Remote(RepositoryUrl.Parse(application.Source.RepoUrl));
        var revision = await context.Mirrors.ResolveAsync(remote, application.Source.TargetRevision, TimeSpan.Zero, cancellation).ConfigureAwait(false);
        return revision is { Kind: RevisionKind.Branch or RevisionKind.Head, Ref: { } name } && name.StartsWith("refs/heads/", StringComparison.Ordinal)
            ? name["refs/heads/".Length..]
            : null;
    }

    private static string Diff(SourceTree now, SourceTree then, TreePath path)
    {
        var (before, after) = (Files(now, path), Files(then, path));
        var lines = new StringBuilder();
        var changed = before.Keys.Union(after.Keys).Order(StringComparer.Ordinal).Where(f => before.GetValueOrDefault(f)?.ContentId != after.GetValueOrDefault(f)?.ContentId).ToList();
        foreach (var file in changed.Take(MostFiles))
        {
            var (left, right) = (Content(now, before.GetValueOrDefault(file)), Content(then, after.GetValueOrDefault(file)));
            _ = HoldsSecret(left) || HoldsSecret(right)
                ? lines.Append(CultureInfo.InvariantCulture, $"--- a/{file}\n+++ b/{file}\n(holds a Secret: what differs is not shown)\n")
                : lines.Append(UnifiedDiff.Of(file, left, right));
        }

        return changed.Count <= MostFiles ? lines.ToString() : lines.Append(CultureInfo.InvariantCulture, $"and {changed.Count - MostFiles} more files\n").ToString();
    }

    // What is too large to be manifests is not shown line by line.
    private static byte[]? Content(SourceTree tree, TreeEntry? entry) => entry switch
    {
        null => null,
        { Kind: TreeEntryKind.File or TreeEntryKind.SymbolicLink, Length: <= MostBytes } => tree.Read(entry, MostBytes).ToArray(),
        _ => new byte[1],
    };

    private static bool HoldsSecret(byte[]? content) => content is not null && SecretKind().IsMatch(Encoding.UTF8.GetString(content));

    [GeneratedRegex("""(?m)^[ \t-]*["']?kind["']?[ \t]*:[ \t]*["']?Secret["']?[ \t\r]*(?:$|#)|"kind"\s*:\s*"Secret"|[{,]\s*kind\s*:\s*["']?Secret\b""", RegexOptions.NonBacktracking)]
    private static partial Regex SecretKind();

    private static Dictionary<string, TreeEntry> Files(SourceTree tree, TreePath path)
    {
        var files = new Dictionary<string, TreeEntry>(StringComparer.Ordinal);
        var folders = new Stack<TreePath>([path]);
        while (folders.TryPop(out var folder))
        {
            foreach (var entry in tree.List(folder))
            {
                if (entry.Kind == TreeEntryKind.Folder)
                {
                    folders.Push(entry.Path);
                }
                else
                {
                    files[entry.Path.Text] = entry;
                }
            }
        }

        return files;
    }
}
