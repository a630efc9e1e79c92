using Capstan.Server.Endpoints;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pages;

/// <summary>The list of applications: filters, search, order and view are in the address.</summary>
internal static class ApplicationsPage
{
    private const int PageSize = 50;

    public static Task ShowAsync(HttpContext http, ServerParts parts)
    {
        var query = ApplicationQuery.Read(http);
        var principal = GuardMiddleware.PrincipalOf(http);
        var grid = http.Request.Query["view"].FirstOrDefault() == "grid";
        var view = grid ? "grid" : "";
        // The chips count what the other filters leave, so that a click on one tells beforehand what comes.
        var wider = (query with { Health = "", Sync = "" }).Apply(parts, principal);
        var found = query.Health.Length + query.Sync.Length == 0 ? wider : query.Apply(parts, principal);
        var (page, next, from) = ApplicationQuery.Cut(found, http.Request.Query["cursor"].FirstOrDefault(), PageSize);
        var model = new ApplicationsModel(
            PageFrame.Of(http, parts, "Applications", "Applications", "/api/v1/events"),
            [.. page.Select(OverviewPage.Row)], found.Count, from,
            next is null ? null : "/applications" + query.With(cursor: next, view: view), from == 0 ? null : "/applications" + query.With(view: view),
            OverviewPage.Counts(wider, query, health: true), OverviewPage.Counts(wider, query, health: false),
            [.. parts.Index.All.Where(a => parts.Rules.May(principal, Access.Rights.Verb.Get, Access.Rights.ResourceKind.Applications, a.FullName)).Select(a => a.Project).Distinct().Order(StringComparer.Ordinal).Take(500)],
            new Dictionary<string, string>
            {
                ["search"] = query.Search,
                ["sync"] = query.Sync,
                ["health"] = query.Health,
                ["project"] = query.Project,
                ["cluster"] = query.Cluster,
                ["namespace"] = query.Namespace,
                ["label"] = query.Label,
                ["sort"] = query.Sort,
                ["view"] = view,
            },
            grid, "/applications" + query.With(view: grid ? "" : "grid"),
            ApplicationQuery.SortKeys.ToDictionary(k => k, k => "/applications" + query.With(sort: k, view: view)), parts.Index.Count > 0, parts.UrlOf(""));
        return PageFrame.ShowAsync(http, Slices.Applications.Create(model));
    }
}
