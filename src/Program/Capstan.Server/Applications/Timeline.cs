using System.Globalization;
using Capstan.Access.Rights;
using Capstan.Api.Applications;
using Capstan.Promotion;
using Capstan.Promotion.Pipelines;
using Capstan.Resources;
using Capstan.Server.Hosting;
using Capstan.Server.Live;
using Capstan.Server.Problems;
using Capstan.Server.Repositories;
using Capstan.Sources;

namespace Capstan.Server.Applications;

/// <summary>What happened around an application on one axis: commits, runs, promotions, syncs, changes of state, events of the cluster. Who asks finds of each kind
/// what they may see.</summary>
internal static class Timeline
{
    /// <summary>The kinds of entries.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["commit", "run", "promotion", "sync", "state", "event"];

    private const int Most = 300;
    private const int MostOfKind = 60;

    public static async Task<IReadOnlyList<TimelineEntry>> ReadAsync(ServerParts parts, KubernetesObject application, Principal principal, CancellationToken cancellation)
    {
        var source = HostedSource.Of(parts, application);
        var entries = new List<TimelineEntry>();
        if (source is not null && parts.Rules.May(principal, Verb.Get, ResourceKind.Repositories, source.Repository.Text))
        {
            entries.AddRange(await CommitsAsync(parts, source, cancellation).ConfigureAwait(false));
        }
        if (source is not null) entries.AddRange(Runs(parts, source, principal));
        entries.AddRange(Promotions(parts, application, principal));
        entries.AddRange(Syncs(parts, application));
        entries.AddRange(States(parts, application));
        entries.AddRange((await LiveObjects.EventsAsync(parts, application, cancellation).ConfigureAwait(false)).Take(MostOfKind)
            .Select(e => new TimelineEntry(e.At, "event", e.Type == "Warning" ? "warning" : "Unknown", $"{e.Reason}: {e.Object}", e.Count > 1 ? $"{e.Message} (×{e.Count})" : e.Message)));
        return [.. entries.Where(e => e.At.Length > 0).OrderByDescending(e => DateTimeOffset.TryParse(e.At, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : DateTimeOffset.MinValue).Take(Most)];
    }

    private static async Task<IEnumerable<TimelineEntry>> CommitsAsync(ServerParts parts, HostedSource source, CancellationToken cancellation)
    {
        var browser = new RepositoryBrowser(parts, source.Repository);
        try
        {
            if (await browser.ResolveAsync(source.Revision == "HEAD" ? null : source.Revision, cancellation).ConfigureAwait(false) is not { } head) return [];
            var commits = await browser.CommitsAsync(head, null, MostOfKind, cancellation, source.Path).ConfigureAwait(false);
            return commits.Items.Select(c => new TimelineEntry(c.At, "commit", "Unknown", c.Subject, $"{c.Id[..10]} by {c.Author}", $"/repositories/{source.Repository.Text}/-/commit/{c.Id}"));
        }
        catch (Exception e) when (e is RequestProblem or SourceException)
        {
            // A branch that is not there is told by the comparison; the timeline goes without its commits.
            return [];
        }
    }

    private static IEnumerable<TimelineEntry> Runs(ServerParts parts, HostedSource source, Principal principal) => parts.Runs.Among(source.Repository.Text, "")
        .Where(r => r.Repository == source.Repository.Text && parts.Rules.May(principal, Verb.Get, ResourceKind.Runs, RunIndex.FullName(r)))
        .OrderByDescending(r => r.CreatedAt, StringComparer.Ordinal).Take(MostOfKind)
        .Select(r => new TimelineEntry(r.CreatedAt, "run", Pages.Runs.RunStates.Of(r.Status.Phase, r.Status.Conclusion), $"{r.Workflow} #{r.Number}: {r.Status.Title}", $"{r.Event.Name} by {r.Event.Actor}", "/runs/" + Uri.EscapeDataString(r.Name)));

    private static IEnumerable<TimelineEntry> Promotions(ServerParts parts, KubernetesObject application, Principal principal)
    {
        var full = $"{application.Namespace}/{application.Name}";
        foreach (var pipeline in parts.PipelineIndex.Pipelines.Where(p => parts.Rules.May(principal, Verb.Get, ResourceKind.Pipelines, p.Name)))
        {
            PipelineSpec spec;
            try
            {
                spec = PipelineReader.Read(pipeline);
            }
            catch (PromotionException)
            {
                // Its own page says what is wrong with it.
                continue;
            }
            var state = PipelineState.Read(pipeline.Status);
            foreach (var stage in spec.Stages.Where(s => s.Applications.Contains(full)).Select(s => state.Of(s.Name)).Where(s => s is { Release: not null, PromotedAt: not null }))
            {
                yield return new TimelineEntry(Text(stage.PromotedAt!.Value), "promotion", stage.Proven == stage.Release ? "Proven" : "Progressing", $"{stage.Release} entered {stage.Name} of {pipeline.Name}",
                    stage.Commit is { Length: > 10 } commit ? $"by commit {commit[..10]}" : null, "/pipelines/" + Uri.EscapeDataString(pipeline.Name));
            }
        }
    }

    private static IEnumerable<TimelineEntry> Syncs(ServerParts parts, KubernetesObject application) => parts.Reports.History(application).Deployments.Take(MostOfKind)
        .Select(d => new TimelineEntry(d.DeployedAt, "sync", d.Outcome, d.Subject ?? "commit " + d.Revision, $"{(d.Revision.Length > 10 ? d.Revision[..10] : d.Revision)} · {d.StartedBy}",
            $"/applications/{Uri.EscapeDataString(application.Name)}/history"));

    private static IEnumerable<TimelineEntry> States(ServerParts parts, KubernetesObject application) => parts.Index.History.Of(application.Namespace, application.Name)
        .Select(c => new TimelineEntry(Text(c.At), "state", c.To, $"{c.Aspect}: {c.From} → {c.To}", c.Message.Length > 0 ? c.Message : null));

    private static string Text(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
