using System.Globalization;
using Capstan.Access.Secrets;
using Capstan.Api.Applications;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Controllers;
using Capstan.Delivery.Explaining;
using Capstan.Delivery.Sync;
using Capstan.Resources;

namespace Capstan.Server.Bindings;

/// <summary>What the engine knows of applications, in the API's words.</summary>
internal sealed class ApplicationReports(ApplicationDesk desk)
{
    public async Task<PlanReport> PlanAsync(KubernetesObject application, CancellationToken cancellation)
    {
        var plan = await desk.PlanAsync(Key(application), null, null, cancellation).ConfigureAwait(false);
        return new PlanReport(application.Name, plan.Revision, [.. plan.Steps.Where(s => s.Action is not (SyncAction.None or SyncAction.Hook)).Select(Change)]);
    }

    public async Task<WhyReport> WhyAsync(KubernetesObject application, CancellationToken cancellation)
    {
        var causes = await desk.WhyAsync(Key(application), cancellation).ConfigureAwait(false);
        var summary = ApplicationSummary.Of(application);
        return new WhyReport(application.Name, summary.Sync, summary.Health, [.. causes.Select(c => new WhyReason(c.What, c.Cause, Time(c.Since), c.Next))]);
    }

    public async Task<BlameReport> BlameAsync(KubernetesObject application, string named, string field, CancellationToken cancellation)
    {
        var (revision, fields) = await desk.BlameAsync(Key(application), named, field, cancellation).ConfigureAwait(false);
        return new BlameReport(application.Name, named, revision, [.. fields.Select(f => new BlamedField(f.Field, f.Value, [.. f.Sources.Select(Blamed)], f.Live, Filled(f.Manager)))]);
    }

    public TreeNode Tree(KubernetesObject application)
    {
        var summary = ApplicationSummary.Of(application);
        return new TreeNode($"Application/{application.Namespace}/{application.Name}", summary.Sync, summary.Health, null, [.. desk.Tree(Key(application)).Select(Node)]);
    }

    /// <summary>The keys of all objects of an application, also of those that follow from others.</summary>
    public IReadOnlyList<ObjectKey> Keys(KubernetesObject application)
    {
        var keys = new List<ObjectKey>();
        var next = new Queue<ObjectNode>(desk.Tree(Key(application)));
        while (next.TryDequeue(out var node))
        {
            keys.Add(node.Key);
            foreach (var child in node.Children) next.Enqueue(child);
        }
        return keys;
    }

    public HistoryReport History(KubernetesObject application) => new(application.Name,
        [.. desk.History(Key(application)).Select(d => new Api.Applications.Deployment(d.Id, d.Revision, Filled(d.Author), Filled(d.Subject), Time(d.FinishedAt) ?? "", d.Initiator.ToString(), d.Outcome.ToString()))]);

    public Task<IReadOnlyList<KubernetesObject>> ManifestsAsync(KubernetesObject application, CancellationToken cancellation) =>
        desk.ManifestsAsync(Key(application), cancellation);

    /// <summary>What the source wants, with the values of Secrets: for comparing, and never to be shown as it is.</summary>
    public async Task<IReadOnlyList<KubernetesObject>> WantedAsync(KubernetesObject application, CancellationToken cancellation) =>
        [.. (await desk.PlanAsync(Key(application), null, null, cancellation).ConfigureAwait(false)).Steps.Select(s => s.Desired?.Object).OfType<KubernetesObject>()];

    public async Task<RollbackReport> RollbackAsync(KubernetesObject application, RollbackRequest wish, string user, CancellationToken cancellation)
    {
        var outcome = await desk.RollbackAsync(Key(application), wish.To, user, wish.DryRun, cancellation).ConfigureAwait(false);
        return new RollbackReport(outcome.From, outcome.To, outcome.Diff, outcome.Commit, outcome.Pinned);
    }

    internal static ApplicationKey Key(KubernetesObject application) => new(application.Namespace, application.Name);

    private static PlannedChange Change(SyncStep step) => new(step.Key.ToString(), step.Action.ToString().ToLowerInvariant(), step.Desired?.Origin.ToString(),
        [.. step.Differences.Select(d => new FieldChange(d.Path, Shown(step, d.Path, d.Wanted?.ToString()), Shown(step, d.Path, d.Live?.ToString()), Filled(d.Manager), Time(d.Time)))]);

    /// <summary>That a value of a Secret differs is told; the value is not.</summary>
    private static string? Shown(SyncStep step, string path, string? value) =>
        value is not null && step.Key.GroupKind is { Group: "", Kind: "Secret" } && !path.StartsWith(".metadata.labels", StringComparison.Ordinal) && !path.StartsWith(".type", StringComparison.Ordinal)
            ? SecretText.Mask
            : value;

    /// <summary>The tree's depth is bounded by whoever owned whom: no deeper than the engine built it.</summary>
    private static TreeNode Node(ObjectNode node)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        return new TreeNode(node.Key.ToString(), node.Sync, node.Health, Filled(node.Message), [.. node.Children.Select(Node)]);
    }

    private static BlamedLine Blamed(BlamedSource blamed) => new(
        blamed.Source.By, Filled(blamed.Source.File), blamed.Source.Line > 0 ? blamed.Source.Line : null,
        blamed.Commit?.Id, blamed.Commit?.AuthorName, Time(blamed.Commit?.Time), blamed.Commit?.Subject, Filled(blamed.Repository));

    private static string? Filled(string text) => text.Length == 0 ? null : text;

    private static string? Time(DateTimeOffset? time) => time?.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
