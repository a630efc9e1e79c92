using Capstan.Access.Rights;
using Capstan.Api.Applications;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
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
        all.MapGet("", http => ListAsync(http, parts())).Needs(Verb.List, Kind);
        // In which project it will be is in the body, so the handler asks for that.
        all.MapPost("", http => CreateAsync(http, parts())).Needs(Verb.Create, Kind);
        all.MapGet("/{name}", http => Json.WriteAsync(http, Find(http, parts()).Body)).Needs(Verb.Get, Kind, "name");
        all.MapDelete("/{name}", http => DeleteAsync(http, parts())).Needs(Verb.Delete, Kind, "name");
        all.MapGet("/{name}/events", http => ApplicationEvents.StreamAsync(http, parts(), Name(http))).Needs(Verb.Get, Kind, "name");
        all.MapPost("/{name}/sync", http => SyncAsync(http, parts())).Needs(Verb.Sync, Kind, "name");
        all.MapPost("/{name}/refresh", http => Done(http, parts().Applications.RefreshAsync(Find(http, parts()), http.RequestAborted))).Needs(Verb.Sync, Kind, "name");
        all.MapPost("/{name}/terminate", http => Done(http, parts().Applications.TerminateAsync(Find(http, parts()), http.RequestAborted))).Needs(Verb.Sync, Kind, "name");
        all.MapGet("/{name}/plan", async http =>
            await Json.WriteAsync(http, await parts().Reports.PlanAsync(Find(http, parts()), http.RequestAborted).ConfigureAwait(false), ApplicationsJson.Default.PlanReport).ConfigureAwait(false)).Needs(Verb.Get, Kind, "name");
        all.MapGet("/{name}/why", async http =>
            await Json.WriteAsync(http, await parts().Reports.WhyAsync(Find(http, parts()), http.RequestAborted).ConfigureAwait(false), ApplicationsJson.Default.WhyReport).ConfigureAwait(false)).Needs(Verb.Get, Kind, "name");
        all.MapGet("/{name}/blame", async http => await Json.WriteAsync(http, await parts().Reports.BlameAsync(
            Find(http, parts()), http.Request.Query["object"].ToString(), http.Request.Query["field"].ToString(), http.RequestAborted).ConfigureAwait(false),
            ApplicationsJson.Default.BlameReport).ConfigureAwait(false)).Needs(Verb.Get, Kind, "name");
        all.MapGet("/{name}/tree", http => Json.WriteAsync(http, parts().Reports.Tree(Find(http, parts())), ApplicationsJson.Default.TreeNode)).Needs(Verb.Get, Kind, "name");
        all.MapGet("/{name}/history", http => Json.WriteAsync(http, parts().Reports.History(Find(http, parts())), ApplicationsJson.Default.HistoryReport)).Needs(Verb.Get, Kind, "name");
        all.MapGet("/{name}/manifests", http => ManifestsAsync(http, parts())).Needs(Verb.Get, Kind, "name");
        all.MapPost("/{name}/rollback", http => RollbackAsync(http, parts())).Needs(Verb.Rollback, Kind, "name");
    }

    private const ResourceKind Kind = ResourceKind.Applications;

    private static string Name(HttpContext http) => (string)http.Request.RouteValues["name"]!;

    private static Resources.KubernetesObject Find(HttpContext http, ServerParts parts) => parts.Applications.Get(Name(http));

    private static Task ListAsync(HttpContext http, ServerParts parts) => Json.WriteAsync(http, Pages.Of(http,
        [.. parts.Applications.List().Where(a => parts.Rules.May(GuardMiddleware.PrincipalOf(http), Verb.Get, Kind, FullNames.Of(a)))]));

    private static async Task CreateAsync(HttpContext http, ServerParts parts)
    {
        var wish = await Json.ReadAsync(http, ApplicationsJson.Default.CreateApplication).ConfigureAwait(false);
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
        await Json.WriteAsync(http, YamlMap.Of(("items", new YamlList(manifests.Select(m => m.Body))))).ConfigureAwait(false);
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
