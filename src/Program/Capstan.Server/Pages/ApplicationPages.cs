using Capstan.Access.Rights;
using Capstan.Api.Applications;
using Capstan.Delivery.Controllers;
using Capstan.Resources;
using Capstan.Server.Applications;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Live;
using Capstan.Server.Pages.Slices;
using Capstan.Sources;
using Capstan.Yaml;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pages;

/// <summary>The pages of one application.</summary>
internal static class ApplicationPages
{
    private const int LongestText = 200_000;

    public static async Task ResourcesAsync(HttpContext http, ServerParts parts)
    {
        var application = Find(http, parts);
        var fold = http.Request.Query["fold"].FirstOrDefault() is { Length: <= 4000 } text ? text : "";
        var tree = parts.Reports.Tree(application);
        var why = await parts.Reports.WhyAsync(application, http.RequestAborted).ConfigureAwait(false);
        // An object that is named twice is folded and unfolded again.
        var toggled = fold.Split(' ', StringSplitOptions.RemoveEmptyEntries).GroupBy(o => o).Where(g => g.Count() % 2 == 1).Select(g => g.Key).ToHashSet(StringComparer.Ordinal);
        var images = (application.Status.At("summary", "images") as YamlList ?? YamlList.Empty).Select(i => i.AsString() ?? "").ToArray();
        await PageFrame.ShowAsync(http, Slices.Application.Create(new ApplicationModel(
            Frame(http, parts, application), Head(http, parts, application, "Resources"), why.Reasons, TreePicture.Of(tree, toggled),
            http.Request.Query["view"].FirstOrDefault() == "table", string.Join(' ', toggled), images))).ConfigureAwait(false);
    }

    public static async Task DiffAsync(HttpContext http, ServerParts parts, bool confirm)
    {
        var application = Find(http, parts);
        var (plan, problem) = await TryAsync(() => parts.Reports.PlanAsync(application, http.RequestAborted)).ConfigureAwait(false);
        await PageFrame.ShowAsync(http, Plan.Create(new PlanModel(Frame(http, parts, application, live: !confirm), Head(http, parts, application, confirm ? "" : "Difference"), plan, problem, confirm,
            http.Request.Query["view"].FirstOrDefault() != "unified"))).ConfigureAwait(false);
    }

    public static async Task ManifestsAsync(HttpContext http, ServerParts parts)
    {
        var application = Find(http, parts);
        var (manifests, problem) = await TryAsync(() => parts.Reports.ManifestsAsync(application, http.RequestAborted)).ConfigureAwait(false);
        await PageFrame.ShowAsync(http, Documents.Create(new DocumentsModel(Frame(http, parts, application), Head(http, parts, application, "Manifests"),
            [.. (manifests ?? []).Take(500).Select(m => new NamedText(m.Key.ToString(), Cut(GoYaml.Write(LiveObjects.Mask(m).Body))))], problem))).ConfigureAwait(false);
    }

    public static Task HistoryAsync(HttpContext http, ServerParts parts)
    {
        var application = Find(http, parts);
        var head = Head(http, parts, application, "History");
        return PageFrame.ShowAsync(http, History.Create(new HistoryModel(Frame(http, parts, application), head, parts.Reports.History(application).Deployments,
            head.RepositoryLink.Length > 0 ? head.RepositoryLink + "/-/compare" : "")));
    }

    public static async Task HappenedAsync(HttpContext http, ServerParts parts)
    {
        var application = Find(http, parts);
        var events = await LiveObjects.EventsAsync(parts, application, http.RequestAborted).ConfigureAwait(false);
        await PageFrame.ShowAsync(http, Happened.Create(new HappenedModel(Frame(http, parts, application), Head(http, parts, application, "Events"), events))).ConfigureAwait(false);
    }

    public static async Task ObjectAsync(HttpContext http, ServerParts parts)
    {
        var application = Find(http, parts);
        var name = http.Request.Query["object"].FirstOrDefault() ?? "";
        var node = Nodes(parts.Reports.Tree(application)).FirstOrDefault(n => n.Object == name);
        var live = "";
        if (node is null || node.Health != "Missing") live = Cut(GoYaml.Write((await LiveObjects.FindAsync(http, parts, application).ConfigureAwait(false)).Body));
        PlannedChange? change = null;
        if (node?.Sync == "OutOfSync")
        {
            var (plan, _) = await TryAsync(() => parts.Reports.PlanAsync(application, http.RequestAborted)).ConfigureAwait(false);
            change = plan?.Changes.FirstOrDefault(c => c.Object == name);
        }
        var events = await LiveObjects.EventsAsync(parts, application, http.RequestAborted).ConfigureAwait(false);
        var hasPods = node is not null && Nodes(node).Any(n => n.Object.StartsWith("Pod/", StringComparison.Ordinal));
        var model = new ObjectModel(Frame(http, parts, application), Head(http, parts, application, ""), name, node?.Health ?? "", node?.Message ?? "", live, change, [.. events.Where(e => e.Object == name)]);
        await PageFrame.ShowAsync(http, Slices.Object.Create(model with
        {
            HasPods = hasPods,
            MayExec = name.StartsWith("Pod/", StringComparison.Ordinal) && parts.OperatorSettings().Terminals
                && parts.Rules.May(GuardMiddleware.PrincipalOf(http), Verb.Exec, ResourceKind.Applications, FullNames.Of(application)),
        })).ConfigureAwait(false);
    }

    public static async Task SyncAsync(HttpContext http, ServerParts parts)
    {
        var application = Find(http, parts);
        var form = await PageForm.ReadAsync(http).ConfigureAwait(false);
        await parts.Applications.StartSyncAsync(application, GuardMiddleware.PrincipalOf(http).Name, null, form["prune"].FirstOrDefault() == "true", http.RequestAborted).ConfigureAwait(false);
        PageFrame.GoTo(http, Address(application));
    }

    public static async Task RefreshAsync(HttpContext http, ServerParts parts)
    {
        var application = Find(http, parts);
        await parts.Applications.RefreshAsync(application, http.RequestAborted).ConfigureAwait(false);
        PageFrame.GoTo(http, Address(application));
    }

    public static async Task TerminateAsync(HttpContext http, ServerParts parts)
    {
        var application = Find(http, parts);
        await parts.Applications.TerminateAsync(application, http.RequestAborted).ConfigureAwait(false);
        PageFrame.GoTo(http, Address(application));
    }

    public static async Task RollbackAsync(HttpContext http, ServerParts parts)
    {
        var application = Find(http, parts);
        var to = http.Request.Query["to"].FirstOrDefault() ?? "";
        var (report, problem) = await TryAsync(() => parts.Reports.RollbackAsync(application, new RollbackRequest(to.Length > 0 ? to : null, DryRun: true), GuardMiddleware.PrincipalOf(http).Name, http.RequestAborted)).ConfigureAwait(false);
        await PageFrame.ShowAsync(http, Rollback.Create(new RollbackModel(Frame(http, parts, application, live: false), Head(http, parts, application, ""), report, problem, to))).ConfigureAwait(false);
    }

    public static async Task RollBackNowAsync(HttpContext http, ServerParts parts)
    {
        var application = Find(http, parts);
        var form = await PageForm.ReadAsync(http).ConfigureAwait(false);
        var to = form["to"].FirstOrDefault();
        await parts.Reports.RollbackAsync(application, new RollbackRequest(to is { Length: > 0 } ? to : null), GuardMiddleware.PrincipalOf(http).Name, http.RequestAborted).ConfigureAwait(false);
        PageFrame.GoTo(http, Address(application) + "/history");
    }

    public static KubernetesObject Find(HttpContext http, ServerParts parts) => parts.Applications.Get((string)http.Request.RouteValues["name"]!);

    public static string Address(KubernetesObject application) => "/applications/" + Uri.EscapeDataString(application.Name);

    public static Frame Frame(HttpContext http, ServerParts parts, KubernetesObject application, bool live = true)
    {
        var summary = ApplicationSummary.Of(application);
        return PageFrame.Of(http, parts, application.Name, "Applications", live ? $"/api/v1/events?name={Uri.EscapeDataString(FullNames.Of(application))}" : "",
            summary is { Health: "Healthy", Sync: "OutOfSync" } ? "OutOfSync" : summary.Health);
    }

    public static ApplicationHead Head(HttpContext http, ServerParts parts, KubernetesObject application, string tab)
    {
        var (indexed, principal) = (ApplicationIndex.Read(application), GuardMiddleware.PrincipalOf(http));
        var source = (application.Spec["sources"] is YamlList { Count: > 0 } sources ? sources[0] : application.Spec["source"]) as YamlMap ?? YamlMap.Empty;
        var row = OverviewPage.Row(indexed);
        var own = indexed.Summary.Source.Contains("/git/", StringComparison.Ordinal) && parts.Mirrors.IsLocal(Sources.Git.Urls.RepositoryUrl.Parse(indexed.Summary.Source));
        var policy = application.Spec.At("syncPolicy", "automated") as YamlMap;
        bool On(string name) => policy?[name]?.ToString() == "true";
        var automated = policy is null ? "by hand" : "automated" + (On("prune") ? ", prunes" : "") + (On("selfHeal") ? ", heals" : "");
        var operation = application.Status.At("operationState", "phase")?.AsString() ?? "none yet";
        bool May(Verb verb) => parts.Rules.May(principal, verb, ResourceKind.Applications, indexed.FullName);
        return new ApplicationHead(row, application.Namespace, source["path"]?.AsString() ?? "", source["targetRevision"]?.AsString() ?? "HEAD", indexed.Summary.Revision, indexed.Summary.Source,
            own && parts.Rules.May(principal, Verb.Get, ResourceKind.Repositories, row.Source) ? "/repositories/" + row.Source : "", automated, operation, tab, May(Verb.Sync), May(Verb.Rollback));
    }

    private static IEnumerable<TreeNode> Nodes(TreeNode root)
    {
        var next = new Queue<TreeNode>([root]);
        while (next.TryDequeue(out var node))
        {
            yield return node;
            foreach (var child in node.Children) next.Enqueue(child);
        }
    }

    /// <summary>What cannot be told is said on the page, in the same words as on the command line.</summary>
    public static async Task<(T? Value, string Problem)> TryAsync<T>(Func<Task<T>> work) where T : class
    {
        try
        {
            return (await work().ConfigureAwait(false), "");
        }
        catch (Exception e) when (e is DeliveryException or SourceException)
        {
            return (null, e.Message);
        }
    }

    private static string Cut(string text) => text.Length <= LongestText ? text : text[..LongestText] + "\n… the rest is left out; `kubectl get -o yaml` has all of it\n";
}
