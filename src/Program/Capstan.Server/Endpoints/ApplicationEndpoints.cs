using System.Text.Json;
using Capstan.Access.Rights;
using Capstan.Api.Applications;
using Capstan.Server.Applications;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.OpenApi;
using Capstan.Server.Platform;
using Capstan.Yaml;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>/api/v1/applications</c>: the objects, what steers them, and what is told of them.</summary>
internal static class ApplicationEndpoints
{
    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts)
    {
        var all = api.MapGroup("/applications");
        all.MapGet("", http => ListAsync(http, parts())).Needs(Verb.List, Kind)
            .Tells("listApplications", "Application objects, filtered, sorted and in pages", typeof(JsonElement), query: [.. RouteDescriptions.Paging, .. ApplicationQuery.Parameters]);
        // In which project it will be is in the body, so the handler asks for that.
        all.MapPost("", http => CreateAsync(http, parts())).Needs(Verb.Create, Kind)
            .Tells("createApplication", "Commits a new application to the platform repository", typeof(PlatformCommit), 201, typeof(CreateApplication));
        One(all, "", "GET", Verb.Get, http => Json.WriteAsync(http, Find(http, parts()).Body)).Tells("getApplication", "An Application object", typeof(JsonElement));
        One(all, "", "DELETE", Verb.Delete, http => DeleteAsync(http, parts())).Tells("deleteApplication", "Commits the removal of an application", typeof(PlatformCommit));
        One(all, "/events", "GET", Verb.Get, http => ApplicationEvents.StreamAsync(http, parts(), Name(http)))
            .Tells("watchApplication", "The object now and after each change, as server-sent events", typeof(string), contentType: "text/event-stream");
        One(all, "/sync", "POST", Verb.Sync, http => SyncAsync(http, parts())).Tells("syncApplication", "Starts a sync; it runs on after the answer", status: 202, body: typeof(SyncRequest));
        One(all, "/refresh", "POST", Verb.Sync, http => Done(http, parts().Applications.RefreshAsync(Find(http, parts()), http.RequestAborted)))
            .Tells("refreshApplication", "Looks anew at source and cluster", status: 202);
        One(all, "/terminate", "POST", Verb.Sync, http => Done(http, parts().Applications.TerminateAsync(Find(http, parts()), http.RequestAborted)))
            .Tells("terminateApplication", "Stops the operation that runs", status: 202);
        One(all, "/plan", "GET", Verb.Get, async http =>
            await Json.WriteAsync(http, await parts().Reports.PlanAsync(Find(http, parts()), http.RequestAborted).ConfigureAwait(false), ApplicationsJson.Default.PlanReport).ConfigureAwait(false))
            .Tells("planApplication", "What a sync would change", typeof(PlanReport));
        One(all, "/why", "GET", Verb.Get, async http =>
            await Json.WriteAsync(http, await parts().Reports.WhyAsync(Find(http, parts()), http.RequestAborted).ConfigureAwait(false), ApplicationsJson.Default.WhyReport).ConfigureAwait(false))
            .Tells("whyApplication", "Why it is not green", typeof(WhyReport));
        One(all, "/blame", "GET", Verb.Get, async http => await Json.WriteAsync(http, await parts().Reports.BlameAsync(
            Find(http, parts()), http.Request.Query["object"].ToString(), http.Request.Query["field"].ToString(), http.RequestAborted).ConfigureAwait(false),
            ApplicationsJson.Default.BlameReport).ConfigureAwait(false))
            .Tells("blameApplication", "Where the fields of one of its objects came from: file, line, commit, author", typeof(BlameReport),
                query: [("object", "KIND/NAME or KIND/NAMESPACE/NAME"), ("field", "A field's path; all when it is left out")]);
        One(all, "/tree", "GET", Verb.Get, http => Json.WriteAsync(http, parts().Reports.Tree(Find(http, parts())), ApplicationsJson.Default.TreeNode))
            .Tells("treeApplication", "Its objects and what they own", typeof(TreeNode));
        One(all, "/history", "GET", Verb.Get, http => Json.WriteAsync(http, parts().Reports.History(Find(http, parts())), ApplicationsJson.Default.HistoryReport))
            .Tells("historyApplication", "Its deployments, the newest first", typeof(HistoryReport));
        One(all, "/manifests", "GET", Verb.Get, http => ManifestsAsync(http, parts())).Tells("manifestsApplication", "What its source renders to; values of Secrets are masked", typeof(JsonElement));
        One(all, "/object", "GET", Verb.Get, async http => await Json.WriteAsync(http, (await LiveObjects.FindAsync(http, parts(), Find(http, parts())).ConfigureAwait(false)).Body).ConfigureAwait(false))
            .Tells("getApplicationObject", "One of its objects as the cluster has it; values of Secrets are masked", typeof(JsonElement), query: [("object", "KIND/NAMESPACE/NAME as the tree tells it")]);
        One(all, "/happened", "GET", Verb.Get, async http => await Json.WriteAsync(http,
            new HappenedReport(Name(http), await LiveObjects.EventsAsync(parts(), Find(http, parts()), http.RequestAborted).ConfigureAwait(false)), ApplicationsJson.Default.HappenedReport).ConfigureAwait(false))
            .Tells("happenedApplication", "The cluster's Events about its objects, the newest first", typeof(HappenedReport));
        One(all, "/rollback", "POST", Verb.Rollback, http => RollbackAsync(http, parts()))
            .Tells("rollbackApplication", "One commit that brings its files back", typeof(RollbackReport), body: typeof(RollbackRequest));
    }

    private static IEndpointConventionBuilder One(IEndpointRouteBuilder all, string path, string method, Verb verb, RequestDelegate serve) =>
        all.MapMethods("/{name}" + path, [method], serve).Needs(verb, Kind, "name");

    private const ResourceKind Kind = ResourceKind.Applications;

    private static string Name(HttpContext http) => (string)http.Request.RouteValues["name"]!;

    private static Resources.KubernetesObject Find(HttpContext http, ServerParts parts) => parts.Applications.Get(Name(http));

    private static Task ListAsync(HttpContext http, ServerParts parts)
    {
        var found = ApplicationQuery.Read(http).Apply(parts, GuardMiddleware.PrincipalOf(http));
        var (page, next, _) = ApplicationQuery.Cut(found, http.Request.Query["cursor"].FirstOrDefault(), Paging.Limit(http));
        var items = page.Select(a => parts.Applications.TryGet($"{a.Summary.Namespace}/{a.Name}")?.Body).OfType<YamlMap>();
        var body = YamlMap.Of(("items", new YamlList(items)), ("total", YamlScalar.Integer(found.Count)));
        return Json.WriteAsync(http, next is null ? body : body.With("next", next));
    }

    private static async Task CreateAsync(HttpContext http, ServerParts parts)
    {
        var wish = await Json.ReadAsync(http, ApplicationsJson.Default.CreateApplication).ConfigureAwait(false);
        http.Items[ActivityMiddleware.NameItem] = wish.Name;
        Permit.Demand(http, parts, Verb.Create, Kind, $"{wish.Project ?? "default"}/{wish.Name}");
        var commit = await Platform(parts).CreateAsync(wish, GuardMiddleware.PrincipalOf(http).Name, http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, commit, ApplicationsJson.Default.PlatformCommit, StatusCodes.Status201Created).ConfigureAwait(false);
    }

    private static async Task DeleteAsync(HttpContext http, ServerParts parts) =>
        await Json.WriteAsync(http, await Platform(parts).DeleteAsync(Name(http), GuardMiddleware.PrincipalOf(http).Name, http.RequestAborted).ConfigureAwait(false),
            ApplicationsJson.Default.PlatformCommit).ConfigureAwait(false);

    private static async Task SyncAsync(HttpContext http, ServerParts parts)
    {
        var wish = await Json.ReadAsync(http, ApplicationsJson.Default.SyncRequest).ConfigureAwait(false);
        var application = Find(http, parts);
        if (wish.Revision is not null) Permit.Demand(http, parts, Verb.Override, Kind, FullNames.Of(application));
        await Done(http, parts.Applications.StartSyncAsync(application, GuardMiddleware.PrincipalOf(http).Name, wish.Revision, wish.Prune, http.RequestAborted)).ConfigureAwait(false);
    }

    private static async Task ManifestsAsync(HttpContext http, ServerParts parts)
    {
        var application = Find(http, parts);
        var manifests = await parts.Reports.ManifestsAsync(application, http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, YamlMap.Of(("items", new YamlList(manifests.Select(m => LiveObjects.Mask(m).Body))))).ConfigureAwait(false);
    }

    private static async Task RollbackAsync(HttpContext http, ServerParts parts)
    {
        var wish = await Json.ReadAsync(http, ApplicationsJson.Default.RollbackRequest).ConfigureAwait(false);
        var application = Find(http, parts);
        var report = await parts.Reports.RollbackAsync(application, wish, GuardMiddleware.PrincipalOf(http).Name, http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, report, ApplicationsJson.Default.RollbackReport).ConfigureAwait(false);
    }

    private static PlatformRepository Platform(ServerParts parts) => parts.Platform;

    private static async Task Done(HttpContext http, Task work)
    {
        await work.ConfigureAwait(false);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }
}
