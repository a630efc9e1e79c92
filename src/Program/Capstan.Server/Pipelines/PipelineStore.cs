using Capstan.Api.Pipelines;
using Capstan.Kubernetes;
using Capstan.Promotion;
using Capstan.Promotion.Pipelines;
using Capstan.Promotion.Running;
using Capstan.Resources;
using Capstan.Server.Problems;

namespace Capstan.Server.Pipelines;

/// <summary>Pipelines and releases, and what people say about them: approvals and requests are taken down in the pipeline's status.</summary>
/// <param name="cluster">Where they are.</param>
/// <param name="said">Called when somebody said something.</param>
internal sealed class PipelineStore(ClusterClient cluster, Action said)
{
    private const int Attempts = 10;
    private const int LongestReason = 1000;

    public async Task<IReadOnlyList<KubernetesObject>> ListAsync(GroupKind kind, CancellationToken cancellation)
    {
        var resource = await cluster.ResolveAsync(kind, cancellation).ConfigureAwait(false);
        return (await cluster.ListAsync(resource, new ListOptions { Namespace = PromotionController.Namespace }, cancellation).ConfigureAwait(false)).Items;
    }

    /// <summary>Takes down what somebody says. Whoever says it twice has said it once.</summary>
    public async Task<StageAnswer> SayAsync(string name, StageWish wish, string by, bool approval, CancellationToken cancellation)
    {
        if (wish.Reason?.Length > LongestReason) throw RequestProblem.Refused($"reason: has more than {LongestReason} characters");
        for (var attempt = 1; ; attempt++)
        {
            var found = await cluster.FindAsync(new ObjectKey(PipelineReader.Kind, PromotionController.Namespace, name), cancellation).ConfigureAwait(false)
                ?? throw RequestProblem.NotFound($"pipeline {name}", "`capstan get pipelines` lists all");
            var state = PipelineState.Read(found.Status);
            var release = await ReleaseOfAsync(found, state, wish, cancellation).ConfigureAwait(false);
            var changed = approval
                ? state with { Approvals = [.. state.Approvals.Where(a => (a.Stage, a.Release, a.By) != (wish.Stage, release, by)), new Approval(wish.Stage, release, by, wish.Reason ?? "")] }
                : state with { Requests = [.. state.Requests.Where(r => r.Stage != wish.Stage), new PromotionRequest(wish.Stage, release, by)] };
            try
            {
                await cluster.UpdateAsync(found.With(["status"], changed.Write()), null, "", cancellation).ConfigureAwait(false);
                said();
                return new StageAnswer(name, wish.Stage, release, by);
            }
            catch (KubernetesException e) when (e.IsConflict && attempt < Attempts)
            {
                // The controller wrote meanwhile; on top of that again.
                await Task.Delay(TimeSpan.FromMilliseconds(20 * attempt), TimeProvider.System, cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task<string> ReleaseOfAsync(KubernetesObject found, PipelineState state, StageWish wish, CancellationToken cancellation)
    {
        PipelineSpec pipeline;
        try
        {
            pipeline = PipelineReader.Read(found);
        }
        catch (PromotionException e)
        {
            throw RequestProblem.Refused(e.Message);
        }

        if (pipeline.Find(wish.Stage) is null) throw RequestProblem.NotFound($"pipeline {found.Name}: stage {wish.Stage}", $"Its stages are {string.Join(", ", pipeline.Stages.Select(s => s.Name))}");
        if (wish.Release is not { Length: > 0 } release)
        {
            return state.Of(wish.Stage).Waiting ?? throw RequestProblem.Refused($"pipeline {found.Name}: no release waits to enter {wish.Stage}", "Name one with --release; `capstan get releases` lists all");
        }

        return await cluster.FindAsync(new ObjectKey(Release.Kind, PromotionController.Namespace, release), cancellation).ConfigureAwait(false) is not null
            ? release
            : throw RequestProblem.NotFound($"release {release}", "`capstan get releases` lists all");
    }
}
