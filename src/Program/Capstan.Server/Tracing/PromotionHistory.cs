using System.Text;
using Capstan.GitHost.Repositories;
using Capstan.Promotion.Pipelines;
using Capstan.Sources.Git;

namespace Capstan.Server.Tracing;

/// <summary>A commit that Capstan wrote into a stage.</summary>
/// <param name="Commit">The commit.</param>
/// <param name="At">When, RFC 3339.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Release">The release that it brought.</param>
/// <param name="Reverted">The release that it took back; empty for none.</param>
/// <param name="Approvals">Who approved.</param>
internal sealed record StageCommit(string Commit, string At, string Stage, string Release, string Reverted, IReadOnlyList<string> Approvals);

/// <summary>Reads a pipeline's promotions from the trailers of their commits: Git is where they are kept.</summary>
internal sealed class PromotionHistory(RepositoryStore repositories, GitProgram git)
{
    private const int MostCommits = 1000;
    private const string Format = "--format=%H%x1f%cI%x1f%(trailers:key=Capstan-Pipeline,valueonly,separator=%x1d)%x1f%(trailers:key=Capstan-Stage,valueonly,separator=%x1d)%x1f%(trailers:key=Capstan-Release,valueonly,separator=%x1d)"
        + "%x1f%(trailers:key=Capstan-Reverted-Release,valueonly,separator=%x1d)%x1f%(trailers:key=Capstan-Approved-By,valueonly,separator=%x1d)%x1e";

    /// <summary>The promotions of a pipeline into one stage, the newest first; none for a repository of another host, which is not read here.</summary>
    public async Task<IReadOnlyList<StageCommit>> OfAsync(PipelineSpec pipeline, StageSpec stage, CancellationToken cancellation)
    {
        if (!RepositoryName.TryParse(stage.Target.Repository, out var name) || !repositories.Exists(name)) return [];
        var call = GitProgram.Call(["log", $"--max-count={MostCommits}", Format, "--end-of-options", $"refs/heads/{stage.Target.Branch}", "--", stage.Target.Path]) with { WorkingFolder = repositories.PathTo(name) };
        var result = await git.TryRunAsync(call, cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0) return [];
        return [.. Encoding.UTF8.GetString(result.Output.Span).Split('\x1e', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(r => r.Split('\x1f')).Where(f => f.Length == 7 && f[2] == pipeline.Name && f[3] == stage.Name)
            .Select(f => new StageCommit(f[0], f[1], f[3], f[4], f[5], f[6].Split('\x1d', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))];
    }
}
