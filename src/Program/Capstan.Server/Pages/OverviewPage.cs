using Capstan.Access.Rights;
using Capstan.Server.Endpoints;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Live;
using Capstan.Server.Pages.Slices;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pages;

/// <summary>What is not green, what is on its way, what went out.</summary>
internal static class OverviewPage
{
    private const int Most = 12;
    private static readonly string[] SyncFirst = ["OutOfSync", "Unknown", "Synced"];
    private static readonly string[] WorstFirst = ["Degraded", "Missing", "Unknown", "Progressing", "Suspended", "Healthy"];

    public static Task ShowAsync(HttpContext http, ServerParts parts)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        var none = new ApplicationQuery("", "", "", "", "", "", "", "");
        var all = none.Apply(parts, principal);
        var wrong = all.Where(a => !a.Summary.IsGreen && !a.Summary.IsBusy && a.Summary.Health != "Progressing").OrderBy(a => Array.IndexOf(WorstFirst, a.Summary.Health)).ToArray();
        var moving = all.Where(a => a.Summary.IsBusy || a.Summary.Health == "Progressing").ToArray();
        var recent = all.Where(a => a.ChangedAt.Length > 0).OrderByDescending(a => a.ChangedAt, StringComparer.Ordinal);
        var activity = parts.Rules.May(principal, Verb.Get, ResourceKind.Instance) ? parts.Activity.Read(null, _ => true, 10) : null;
        var worst = wrong.Length > 0 ? wrong[0].Summary.Health is "Healthy" ? "OutOfSync" : wrong[0].Summary.Health : moving.Length > 0 ? "Progressing" : "Healthy";
        return PageFrame.ShowAsync(http, Overview.Create(new OverviewModel(
            PageFrame.Of(http, parts, "Overview", "Overview", "/api/v1/events", worst), all.Count,
            Counts(all, none, health: true), Counts(all, none, health: false),
            [.. wrong.Take(Most).Select(Row)], [.. moving.Take(Most).Select(Row)], [.. recent.Take(Most).Select(Row)], activity)));
    }

    public static IReadOnlyList<StateCount> Counts(IReadOnlyList<IndexedApplication> all, ApplicationQuery query, bool health) => health
        ? [.. WorstFirst.Select(s => new StateCount(s, all.Count(a => a.Summary.Health == s), "/applications" + query.With(health: query.Health == s ? "" : s), query.Health == s))]
        : [.. SyncFirst.Select(s => new StateCount(s, all.Count(a => a.Summary.Sync == s), "/applications" + query.With(sync: query.Sync == s ? "" : s), query.Sync == s))];

    public static ApplicationRow Row(IndexedApplication a) => new(
        a.Name, "/applications/" + Uri.EscapeDataString(a.Name), a.Project, a.Summary.Sync, a.Summary.Health, a.Summary.IsBusy, Show.Short(a.Summary.Revision), a.Summary.Destination,
        ShortCluster(a.Cluster), ShortSource(a.Summary.Source), a.ChangedAt, a.Summary.IsGreen ? "" : a.Message);

    private static string ShortCluster(string cluster) => cluster is "https://kubernetes.default.svc" or "" ? "in-cluster" : cluster;

    private static string ShortSource(string source)
    {
        var at = source.IndexOf("/git/", StringComparison.Ordinal);
        var text = at >= 0 ? source[(at + 5)..] : source;
        return text.EndsWith(".git", StringComparison.Ordinal) ? text[..^4] : text;
    }
}
