using System.Globalization;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Controllers;
using Capstan.Sources;
using Capstan.Sources.Git.Revisions;
using Capstan.Sources.Git.Urls;
using Capstan.Sources.Git.Writing;

namespace Capstan.Delivery.Undo;

/// <summary>What a rollback did or would do.</summary>
/// <param name="From">The commit that is deployed.</param>
/// <param name="To">The commit whose files come back.</param>
/// <param name="Diff">What changes in the files of the Application's path, as a unified diff; empty when nothing does.</param>
/// <param name="Commit">The commit that was written; null when none was.</param>
/// <param name="Pinned">Whether the Application is pinned instead, because nothing may be pushed from here.</param>
public sealed record RollbackOutcome(string From, string To, string Diff, string? Commit = null, bool Pinned = false);

/// <summary>Goes back by going forward: a commit that restores the Application's paths and touches no other.</summary>
internal sealed class Rollbacks(DeskContext context)
{
    // 1. Which deployment. 2. What each source has now and had then. 3. One commit where one repository holds all that differs, else a pin.
    public async Task<RollbackOutcome> RunAsync(
        Application application, IReadOnlyList<Deployment> history, string? to, string user, bool dryRun, CancellationToken cancellation)
    {
        if (application.Sources.All(s => s.Chart.Length > 0))
        {
            // The version of a chart stands in the Application, not in a repository that a commit could go back in.
            var deployed = history.FirstOrDefault(d => d.Outcome == OperationPhase.Succeeded)?.Revision ?? "";
            return new RollbackOutcome(deployed, Choose(application, history, to, deployed), "", Pinned: !dryRun);
        }

        var now = await context.Repositories.ResolveAsync(application, application.WantedRevisions, TimeSpan.Zero, cancellation).ConfigureAwait(false);
        var target = application.RevisionsOf(Choose(application, history, to, now.Revision));
        var then = await context.Repositories.ResolveAsync(application, target, TimeSpan.FromMinutes(10), cancellation).ConfigureAwait(false);
        var changes = RestoredPaths.Between(application, now, then);
        var outcome = new RollbackOutcome(now.Revision, then.Revision, string.Concat(changes.Select(c => c.Diff)));
        var charts = now.All.Zip(then.All).Any(s => s.First.At.Remote is null && s.First.At.Commit != s.Second.At.Commit);
        if (dryRun || (outcome.Diff.Length == 0 && !charts))
        {
            return outcome;
        }

        return !charts && await BranchAsync(changes, cancellation).ConfigureAwait(false) is { } branch
            ? await CommitAsync(application, outcome, changes, branch, user, cancellation).ConfigureAwait(false)
            : outcome with { Pinned = true };
    }

    private async Task<RollbackOutcome> CommitAsync(
        Application application, RollbackOutcome outcome, IReadOnlyList<RestoredPaths> changes, string branch, string user, CancellationToken cancellation)
    {
        try
        {
            var paths = changes.SelectMany(c => c.Paths.Select(p => (Path: p, c.Then.Commit))).Distinct().ToList();
            var commits = string.Join(", ", changes.Select(c => c.Then.Commit[..7]).Distinct());
            var draft = new CommitDraft(
                new CommitAuthor(user, context.Options.CommitterEmail),
                $"Roll {application.Object.Name} back to {commits}\n\n{string.Join('\n', paths.Select(p => $"Restores {p.Path} as it was in {p.Commit}."))}")
            {
                Trailers = [("Capstan-Application", application.Key.ToString()), ("Capstan-Rollback-From", outcome.From), ("Capstan-Rollback-To", outcome.To)],
            };
            var written = await context.Writer.RestorePathsAsync(changes[0].Now.Remote!, branch, paths, draft, cancellation).ConfigureAwait(false);
            context.Repositories.Forget(changes[0].Source.RepoUrl);
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
            return history.FirstOrDefault(d => d.Outcome == OperationPhase.Succeeded && d.Revision != now && application.CanBeAt(d.Revision))?.Revision
                ?? throw new DeliveryException($"Application/{application.Key}: its history holds no other deployment that succeeded; name a commit with --to");
        }

        if (long.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && history.FirstOrDefault(d => d.Id == id) is { } deployment)
        {
            return deployment.Revision;
        }

        // Among several sources one commit means the deployment that had it.
        return application.CanBeAt(to) ? to : history.FirstOrDefault(d => SourceRevisions.Contains(d.Revision, to))?.Revision ?? to;
    }

    // Only a branch can go forward; a tag or a commit stays where it is. And there is one commit only where there is one branch.
    private async Task<string?> BranchAsync(IReadOnlyList<RestoredPaths> changes, CancellationToken cancellation)
    {
        var branches = new HashSet<(string Repository, string? Branch)>();
        foreach (var change in changes)
        {
            var url = RepositoryUrl.Parse(change.Source.RepoUrl);
            var revision = await context.Mirrors.ResolveAsync(context.Repositories.Remote(url), change.Source.TargetRevision, TimeSpan.Zero, cancellation).ConfigureAwait(false);
            branches.Add((url.Key, revision is { Kind: RevisionKind.Branch or RevisionKind.Head, Ref: { } name } && name.StartsWith("refs/heads/", StringComparison.Ordinal)
                ? name["refs/heads/".Length..]
                : null));
        }

        return branches.Count == 1 ? branches.First().Branch : null;
    }
}
