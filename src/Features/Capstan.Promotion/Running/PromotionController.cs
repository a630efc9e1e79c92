using Capstan.Kubernetes;
using Capstan.Promotion.Pipelines;
using Capstan.Promotion.Planning;
using Capstan.Resources;
using Capstan.Sources;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Writing;
using Microsoft.Extensions.Logging;

namespace Capstan.Promotion.Running;

/// <summary>What the controller works with.</summary>
/// <param name="Cluster">Where pipelines, releases and applications are.</param>
/// <param name="Mirrors">The repositories.</param>
/// <param name="Commits">Writes commits.</param>
/// <param name="Repositories">How repositories are reached.</param>
/// <param name="Artifacts">The registry.</param>
public sealed record PromotionParts(ClusterClient Cluster, GitMirrors Mirrors, CommitWriter Commits, IStageRepositories Repositories, IReleaseArtifacts Artifacts);

/// <summary>
/// Takes every pipeline where its stages allow: looks, plans, writes commits, and writes down what it did. The state is written before a commit that
/// follows from it and after; killed between, it finds the commit written and writes none a second time.
/// </summary>
/// <param name="parts">What it works with.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
public sealed partial class PromotionController(PromotionParts parts, TimeProvider time, ILogger<PromotionController> log)
{
    /// <summary>Where pipelines and releases are.</summary>
    public const string Namespace = "capstan";

    private readonly StageObserver _observer = new(parts.Cluster, parts.Mirrors, parts.Repositories);
    private readonly PromotionWriter _writer = new(parts.Commits, parts.Repositories);

    /// <summary>Looks at all pipelines once.</summary>
    /// <returns>Whether a commit was written: what follows from it may be done at once.</returns>
    public async Task<bool> RunOnceAsync(CancellationToken cancellation)
    {
        var pipelines = await ListAsync(PipelineReader.Kind, cancellation).ConfigureAwait(false);
        if (pipelines.Count == 0) return false;
        var written = false;
        var releases = await ReadReleasesAsync(cancellation).ConfigureAwait(false);
        foreach (var pipeline in pipelines)
        {
            try
            {
                written |= await RunAsync(pipeline, releases, cancellation).ConfigureAwait(false);
            }
            catch (PromotionException e)
            {
                await WriteAsync(pipeline, PipelineState.Read(pipeline.Status), e.Message, cancellation).ConfigureAwait(false);
            }
        }

        return written;
    }

    private async Task<bool> RunAsync(KubernetesObject @object, IReadOnlyList<Release> releases, CancellationToken cancellation)
    {
        var pipeline = PipelineReader.Read(@object);
        var own = releases.Where(r => r.IsFor(pipeline)).ToList();
        var before = PipelineState.Read(@object.Status);
        var seen = new Dictionary<string, StageObservation>();
        foreach (var stage in pipeline.Stages)
        {
            seen[stage.Name] = await _observer.ObserveAsync(stage, own.FirstOrDefault(r => r.Name == before.Of(stage.Name).Release), cancellation).ConfigureAwait(false);
        }

        var plan = PromotionPlanner.Plan(pipeline, before, own, seen, time.GetUtcNow());
        var state = plan.State;
        // A quarantine is written down before anything else can happen.
        if (plan.Steps.Count > 0) @object = await WriteAsync(@object, state, null, cancellation).ConfigureAwait(false);
        foreach (var step in plan.Steps) state = state.With(await DoAsync(pipeline, step, state.Of(step.Stage.Name), cancellation).ConfigureAwait(false));
        await WriteAsync(@object, state, null, cancellation).ConfigureAwait(false);
        return plan.Steps.Any(s => state.Of(s.Stage.Name).Commit != before.Of(s.Stage.Name).Commit);
    }

    private async Task<StageState> DoAsync(PipelineSpec pipeline, PromotionStep step, StageState stage, CancellationToken cancellation)
    {
        try
        {
            if (step is PromotionStep.Revert revert)
            {
                var back = await _writer.RevertAsync(pipeline, revert, cancellation).ConfigureAwait(false);
                LogReverted(pipeline.Name, step.Stage.Name, revert.Bad.Name, revert.Good.Name, back.Commit, revert.Cause);
                return stage with { Release = revert.Good.Name, Commit = back.Commit, PromotedAt = time.GetUtcNow(), HealthySince = null, Waiting = null, Message = $"{revert.Bad.Name} was reverted: {revert.Cause}" };
            }

            var promote = (PromotionStep.Promote)step;
            if (await parts.Artifacts.WhyNotAsync(promote.Release, step.Stage.Gates.OfType<Gate.Signature>().Any(), cancellation).ConfigureAwait(false) is { } why)
            {
                return stage with { Message = $"{promote.Release.Name} waits for its artifacts: {why}" };
            }

            var written = await _writer.PromoteAsync(pipeline, promote, cancellation).ConfigureAwait(false);
            LogPromoted(pipeline.Name, step.Stage.Name, promote.Release.Name, written.Commit);
            return stage with { Release = promote.Release.Name, Commit = written.Commit, PromotedAt = time.GetUtcNow(), HealthySince = null, Waiting = null, Message = null };
        }
        catch (Exception e) when (e is SourceException or PromotionException)
        {
            LogNotWritten(pipeline.Name, step.Stage.Name, e.Message);
            return stage with { Message = $"the commit could not be written: {e.Message}" };
        }
    }

    private async Task<IReadOnlyList<Release>> ReadReleasesAsync(CancellationToken cancellation)
    {
        var releases = new List<Release>();
        foreach (var item in await ListAsync(Release.Kind, cancellation).ConfigureAwait(false))
        {
            try
            {
                releases.Add(Release.Read(item));
            }
            catch (PromotionException e)
            {
                LogBadRelease(e.Message);
            }
        }

        return releases;
    }

    private async Task<IReadOnlyList<KubernetesObject>> ListAsync(GroupKind kind, CancellationToken cancellation)
    {
        var resource = await parts.Cluster.ResolveAsync(kind, cancellation).ConfigureAwait(false);
        return (await parts.Cluster.ListAsync(resource, new ListOptions { Namespace = Namespace }, cancellation).ConfigureAwait(false)).Items;
    }

    // What people wrote meanwhile (an approval) makes the write conflict, and the next look sees it.
    private async Task<KubernetesObject> WriteAsync(KubernetesObject @object, PipelineState state, string? problem, CancellationToken cancellation)
    {
        var status = problem is null ? state.Write() : state.Write().With("problem", problem);
        if (status.Equals(@object.Status)) return @object;
        var result = await parts.Cluster.UpdateAsync(@object.With(["status"], status), null, "", cancellation).ConfigureAwait(false);
        return result.Object;
    }

    [LoggerMessage(6001, LogLevel.Information, "{Pipeline}/{Stage}: {Release} was promoted by commit {Commit}")]
    private partial void LogPromoted(string pipeline, string stage, string release, string commit);

    [LoggerMessage(6002, LogLevel.Warning, "{Pipeline}/{Stage}: {Bad} was reverted to {Good} by commit {Commit}: {Cause}")]
    private partial void LogReverted(string pipeline, string stage, string bad, string good, string commit, string cause);

    [LoggerMessage(6003, LogLevel.Warning, "{Pipeline}/{Stage}: the commit could not be written: {Why}")]
    private partial void LogNotWritten(string pipeline, string stage, string why);

    [LoggerMessage(6004, LogLevel.Warning, "{Problem}")]
    private partial void LogBadRelease(string problem);
}
