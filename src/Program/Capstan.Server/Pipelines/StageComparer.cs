using Capstan.Access.Rights;
using Capstan.Api.Pipelines;
using Capstan.Api.Repositories;
using Capstan.Delivery.Controllers;
using Capstan.GitHost.Repositories;
using Capstan.Resources;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Live;
using Capstan.Server.Problems;
using Capstan.Server.Repositories;
using Capstan.Sources;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pipelines;

/// <summary>Compares two stages of a pipeline for somebody: what they may not see is said to be left out.</summary>
internal sealed class StageComparer(ServerParts parts, Principal principal)
{
    private const int MostCommits = 100;

    /// <summary>For whoever sent a request.</summary>
    public static StageComparer For(HttpContext http, ServerParts parts) => new(parts, GuardMiddleware.PrincipalOf(http));

    /// <summary>Compares.</summary>
    /// <param name="board">The pipeline.</param>
    /// <param name="from">The one stage; empty for the first.</param>
    /// <param name="to">The other; empty for the last.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="RequestProblem">There is no such stage.</exception>
    public async Task<StageComparison> CompareAsync(PipelineBoard board, string from, string to, CancellationToken cancellation)
    {
        var (one, other) = (Find(board, from, 0), Find(board, to, board.Stages.Count - 1));
        var problems = new List<string>();
        var (oneRelease, otherRelease) = (Release(one), Release(other));
        var (ahead, behind) = await CommitsAsync(oneRelease, otherRelease, problems, cancellation).ConfigureAwait(false);
        var (differing, same) = ManifestComparison.Of(
            await ManifestsAsync(one, problems, cancellation).ConfigureAwait(false), await ManifestsAsync(other, problems, cancellation).ConfigureAwait(false), one.Name, other.Name);
        return new StageComparison(board.Name, Stage(one, oneRelease), Stage(other, otherRelease), Images(oneRelease, otherRelease), ahead, behind, differing, same, problems);
    }

    private static StageBoard Find(PipelineBoard board, string name, int otherwise)
    {
        if (board.Stages.Count == 0) throw RequestProblem.Refused($"pipeline {board.Name}: {board.Problem ?? "it has no stages"}");
        return name.Length == 0 ? board.Stages[otherwise] : board.Stages.FirstOrDefault(s => s.Name == name)
            ?? throw RequestProblem.NotFound($"pipeline {board.Name}: stage {name}", $"Its stages are {string.Join(", ", board.Stages.Select(s => s.Name))}");
    }

    private ReleaseCard? Release(StageBoard stage) =>
        stage.Release is { } name && parts.PipelineIndex.FindRelease(name) is { } found ? PipelineReports.Card([.. parts.PipelineIndex.PipelinesOf(found)], found) : null;

    private static ComparedStage Stage(StageBoard stage, ReleaseCard? release) =>
        new(stage.Name, stage.Release, release?.Commit, release?.Repository, stage.PromotedAt, [.. stage.Applications.Select(a => a.Name)]);

    private static IReadOnlyList<ComparedImage> Images(ReleaseCard? one, ReleaseCard? other)
    {
        string? Of(ReleaseCard? release, string name) => release?.Images.FirstOrDefault(i => i.Name == name)?.Image;
        var names = (one?.Images ?? []).Concat(other?.Images ?? []).Select(i => i.Name).Distinct().Order(StringComparer.Ordinal);
        return [.. names.Select(n => new ComparedImage(n, Of(one, n), Of(other, n)))];
    }

    private async Task<(IReadOnlyList<RepositoryCommit> Ahead, IReadOnlyList<RepositoryCommit> Behind)> CommitsAsync(ReleaseCard? one, ReleaseCard? other, List<string> problems, CancellationToken cancellation)
    {
        if (one is null || other is null || one.Commit == other.Commit) return ([], []);
        if (one.Repository is not { } repository || repository != other.Repository || !RepositoryName.TryParse(repository, out var name) || !parts.Repositories.Exists(name))
        {
            problems.Add("The commits between the two releases are not told: they are not of one repository of this server");
            return ([], []);
        }

        if (!parts.Rules.May(principal, Verb.Get, ResourceKind.Repositories, name.Text))
        {
            problems.Add($"The commits between the two releases are not told: you may not read repository {name.Text}");
            return ([], []);
        }

        var browser = new RepositoryBrowser(parts, name) { MaySee = run => parts.Rules.May(principal, Verb.Get, ResourceKind.Runs, RunIndex.FullName(run)) };
        try
        {
            return (await browser.BetweenAsync(other.Commit, one.Commit, MostCommits, cancellation).ConfigureAwait(false),
                await browser.BetweenAsync(one.Commit, other.Commit, MostCommits, cancellation).ConfigureAwait(false));
        }
        catch (RequestProblem e)
        {
            problems.Add($"The commits between the two releases are not told: {e.Message}");
            return ([], []);
        }
    }

    private async Task<IReadOnlyList<KubernetesObject>> ManifestsAsync(StageBoard stage, List<string> problems, CancellationToken cancellation)
    {
        var all = new List<KubernetesObject>();
        foreach (var named in stage.Applications)
        {
            if (parts.Applications.TryGet(named.Name) is not { } application)
            {
                problems.Add($"{stage.Name}: application {named.Name} is not there");
            }
            else if (!parts.Rules.May(principal, Verb.Get, ResourceKind.Applications, FullNames.Of(application)))
            {
                problems.Add($"{stage.Name}: you may not see application {named.Name}");
            }
            else
            {
                try
                {
                    all.AddRange(await parts.Reports.WantedAsync(application, cancellation).ConfigureAwait(false));
                }
                catch (Exception e) when (e is DeliveryException or SourceException)
                {
                    problems.Add($"{stage.Name}: application {named.Name}: {e.Message}");
                }
            }
        }

        return all;
    }
}
