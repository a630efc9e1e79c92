using Capstan.Access.Rights;
using Capstan.Api.Applications;
using Capstan.Server.Bindings;
using Capstan.Server.Hosting;
using Capstan.Server.OpenApi;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>/api/v1/applications/NAME/actions</c>: restart, scale, pause … of single live objects.</summary>
internal static class ActionEndpoints
{
    private const string Place = "/applications/{name}/actions";

    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts)
    {
        api.MapGet(Place, http => ListAsync(http, parts())).Needs(Verb.Get, ResourceKind.Applications, "name")
            .Tells("listActions", "What can be done with one of its live objects", typeof(ActionsReport), query: [("object", "KIND/NAME, or KIND/NAMESPACE/NAME as the tree tells it")]);
        api.MapPost(Place, http => RunAsync(http, parts())).Needs(Verb.Action, ResourceKind.Applications, "name")
            .Tells("runAction", "Does something with one of its live objects", typeof(ActionDone), body: typeof(ActionRequest));
    }

    private static async Task ListAsync(HttpContext http, ServerParts parts)
    {
        var wanted = http.Request.Query["object"].FirstOrDefault() is { Length: > 0 } text ? text : throw RequestProblem.Malformed("object: is missing. Give KIND/NAME");
        var (found, actions) = await parts.Actions.ListAsync(Key(http, parts), wanted, http.RequestAborted).ConfigureAwait(false);
        var report = new ActionsReport(found, [.. actions.Select(a => new ActionReport(a.Name, !a.Disabled, [.. a.Parameters.Select(p => new ActionParameterReport(p.Name, p.Default))]))]);
        await Json.WriteAsync(http, report, ApplicationsJson.Default.ActionsReport).ConfigureAwait(false);
    }

    private static async Task RunAsync(HttpContext http, ServerParts parts)
    {
        var wish = await Json.ReadAsync(http, ApplicationsJson.Default.ActionRequest).ConfigureAwait(false);
        if (string.IsNullOrEmpty(wish.Object) || string.IsNullOrEmpty(wish.Action)) throw RequestProblem.Malformed("object and action: give both, such as Deployment/web and restart");
        var done = await parts.Actions.RunAsync(Key(http, parts), wish.Object, wish.Action, wish.Parameters ?? new Dictionary<string, string>(), http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, new ActionDone(done.Written, done.Note.Length > 0 ? done.Note : null), ApplicationsJson.Default.ActionDone).ConfigureAwait(false);
    }

    private static Delivery.Applications.ApplicationKey Key(HttpContext http, ServerParts parts) =>
        ApplicationReports.Key(parts.Applications.Get((string)http.Request.RouteValues["name"]!));
}
