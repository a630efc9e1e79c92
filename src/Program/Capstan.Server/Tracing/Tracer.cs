using System.Globalization;
using Capstan.Api.Applications;
using Capstan.Api.Pipelines;
using Capstan.Kubernetes;
using Capstan.Oci.Content;
using Capstan.Oci.References;
using Capstan.Promotion;
using Capstan.Promotion.Pipelines;
using Capstan.Promotion.Running;
using Capstan.Registry.Storage;
using Capstan.Resources;
using Capstan.Server.Bindings;
using Capstan.Server.Problems;

namespace Capstan.Server.Tracing;

/// <summary>Answers where a pod, an image or a commit comes from and where it went: commit → run → checks → images → release → promotions → applications → pods.</summary>
internal sealed class Tracer(ClusterClient cluster, ImageStore images, PromotionHistory history, ApplicationReports reports)
{
    private const int ShortestCommit = 7;
    private const int MostReleases = 50;
    private static readonly GroupKind Pods = new("", "Pod");
    private static readonly GroupKind Applications = new("argoproj.io", "Application");

    /// <summary>Traces.</summary>
    /// <param name="subject"><c>[NAMESPACE/]POD</c>, an image by digest or tag, a digest alone, or a commit of seven digits or more: of the source, or a promotion.</param>
    /// <param name="maySee">Whether who asks may see a release.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<TraceReport> TraceAsync(string subject, Func<Release, bool> maySee, CancellationToken cancellation)
    {
        var pipelines = await PipelinesAsync(cancellation).ConfigureAwait(false);
        var releases = (await ListAsync(Release.Kind, PromotionController.Namespace, cancellation).ConfigureAwait(false)).Select(Read).OfType<Release>().Where(maySee).OrderByDescending(r => r.CreatedAt).ToList();
        var promotions = new List<(PipelineSpec Pipeline, StageSpec Stage, PipelineState State, IReadOnlyList<StageCommit> Commits)>();
        foreach (var (pipeline, state) in pipelines)
        {
            foreach (var stage in pipeline.Stages) promotions.Add((pipeline, stage, state, await history.OfAsync(pipeline, stage, cancellation).ConfigureAwait(false)));
        }

        var (kind, found) = await FindAsync(subject, releases, [.. promotions.SelectMany(p => p.Commits)], cancellation).ConfigureAwait(false);
        if (found.Count == 0) throw RequestProblem.NotFound($"{kind} {subject}: no release", "It was not built here, or its release is gone; `capstan get releases` lists all");
        var traced = new List<TracedRelease>();
        foreach (var release in found.Take(MostReleases))
        {
            var stages = new List<TracedPromotion>();
            foreach (var (pipeline, stage, state, commits) in promotions.Where(p => release.IsFor(p.Pipeline))) stages.AddRange(await StageAsync(release, pipeline, stage, state, commits, cancellation).ConfigureAwait(false));
            traced.Add(Of(release, pipelines.Select(p => p.State).SelectMany(s => s.Quarantined).FirstOrDefault(q => q.Release == release.Name), stages));
        }

        return new TraceReport(subject, kind, traced);
    }

    private async Task<(string Kind, IReadOnlyList<Release> Found)> FindAsync(string subject, List<Release> releases, IReadOnlyList<StageCommit> commits, CancellationToken cancellation)
    {
        if (ImageUse.DigestsIn(subject).ToList() is [var digest, ..]) return ("image", [.. releases.Where(r => Has(r, [digest]))]);
        if (subject.Length >= ShortestCommit && subject.All(char.IsAsciiHexDigitLower))
        {
            var promoted = commits.Where(c => c.Commit.StartsWith(subject, StringComparison.Ordinal)).SelectMany(c => (string[])[c.Release, c.Reverted]).ToHashSet();
            var of = releases.Where(r => r.Commit.StartsWith(subject, StringComparison.Ordinal) || promoted.Contains(r.Name)).ToList();
            if (of.Count > 0) return ("commit", of);
        }

        var pods = await ListAsync(Pods, "", cancellation).ConfigureAwait(false);
        var pod = pods.Where(p => $"{p.Namespace}/{p.Name}" == subject || p.Name == subject).ToList();
        if (pod.Count > 0)
        {
            var digests = pod.SelectMany(ImageUse.Of).SelectMany(ImageUse.DigestsIn).ToHashSet();
            return ("pod", [.. releases.Where(r => Has(r, digests))]);
        }

        if (ImageReference.TryParse(subject, out var reference) && images.FindTag(reference.Name, reference.Tag ?? Tag.Latest) is { } tagged) return ("image", [.. releases.Where(r => Has(r, [tagged]))]);
        return (subject.All(char.IsAsciiHexDigitLower) ? "commit" : "pod or image", []);
    }

    private static bool Has(Release release, HashSet<Digest> digests) => release.Images.Any(i => digests.Contains(i.Reference.Digest!.Value));

    private async Task<IReadOnlyList<TracedPromotion>> StageAsync(Release release, PipelineSpec pipeline, StageSpec stage, PipelineState state, IReadOnlyList<StageCommit> commits, CancellationToken cancellation)
    {
        var own = commits.Where(c => c.Release == release.Name || c.Reverted == release.Name).ToList();
        var holds = state.Of(stage.Name).Release == release.Name;
        // A release of the same bytes as the one before needed no commit of its own.
        if (own.Count == 0) return holds ? [new TracedPromotion(pipeline.Name, stage.Name, state.Of(stage.Name).Commit, stage.Target.Repository, null, [], true, false, await ApplicationsAsync(stage, release, cancellation).ConfigureAwait(false))] : [];
        var traced = new List<TracedPromotion>();
        foreach (var commit in own)
        {
            var current = holds && commit == own[0] && commit.Release == release.Name;
            traced.Add(new TracedPromotion(pipeline.Name, stage.Name, commit.Commit, stage.Target.Repository, commit.At, commit.Approvals, current, commit.Reverted == release.Name,
                current ? await ApplicationsAsync(stage, release, cancellation).ConfigureAwait(false) : []));
        }

        return traced;
    }

    private async Task<IReadOnlyList<TracedApplication>> ApplicationsAsync(StageSpec stage, Release release, CancellationToken cancellation)
    {
        var traced = new List<TracedApplication>();
        foreach (var name in stage.Applications.Select(a => a.Split('/', 2)))
        {
            if (await cluster.FindAsync(new ObjectKey(Applications, name[0], name[1]), cancellation).ConfigureAwait(false) is not { } application) continue;
            var pods = new List<TracedPod>();
            foreach (var key in reports.Keys(application).Where(k => k.GroupKind == Pods))
            {
                if (await cluster.FindAsync(key, cancellation).ConfigureAwait(false) is not { } pod || !Has(release, ImageUse.Of(pod).SelectMany(ImageUse.DigestsIn).ToHashSet())) continue;
                pods.Add(new TracedPod($"{pod.Namespace}/{pod.Name}", pod.Status["phase"]?.AsString() ?? "", [.. ImageUse.Of(new KubernetesObject(pod.Body.Without("status")))]));
            }

            var summary = ApplicationSummary.Of(application);
            traced.Add(new TracedApplication(application.Name, summary.Sync, summary.Health, summary.Revision, pods));
        }

        return traced;
    }

    private static TracedRelease Of(Release release, Quarantine? quarantine, IReadOnlyList<TracedPromotion> promotions) => new(
        release.Name, release.Repository, release.Commit, release.Title, release.Actor, release.CreatedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture), release.Run, release.Workflow,
        [.. release.Checks.Select(c => new TracedCheck(c.Name, c.Conclusion))], release.Tests is { } tests ? $"{tests.Passed} passed, {tests.Failed} failed, {tests.Skipped} skipped" : null,
        [.. release.Images.Select(i => i.Reference.ToString())], quarantine is null ? null : $"{quarantine.Stage}: {quarantine.Reason}", promotions);

    private async Task<IReadOnlyList<(PipelineSpec Spec, PipelineState State)>> PipelinesAsync(CancellationToken cancellation)
    {
        var found = new List<(PipelineSpec, PipelineState)>();
        foreach (var item in await ListAsync(PipelineReader.Kind, PromotionController.Namespace, cancellation).ConfigureAwait(false))
        {
            try
            {
                found.Add((PipelineReader.Read(item), PipelineState.Read(item.Status)));
            }
            catch (PromotionException)
            {
                // Its own status tells what is wrong with it.
                continue;
            }
        }

        return found;
    }

    private static Release? Read(KubernetesObject item)
    {
        try
        {
            return Release.Read(item);
        }
        catch (PromotionException)
        {
            // The controller's log tells what is wrong with it.
            return null;
        }
    }

    private async Task<IReadOnlyList<KubernetesObject>> ListAsync(GroupKind kind, string space, CancellationToken cancellation)
    {
        var resource = await cluster.ResolveAsync(kind, cancellation).ConfigureAwait(false);
        return (await cluster.ListAsync(resource, new ListOptions { Namespace = space }, cancellation).ConfigureAwait(false)).Items;
    }
}
