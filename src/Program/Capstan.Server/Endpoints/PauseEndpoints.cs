using System.Globalization;
using Capstan.Access.Rights;
using Capstan.Api.Applications;
using Capstan.Delivery.Pausing;
using Capstan.Delivery.Projects;
using Capstan.Resources;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.OpenApi;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>pause</c> and <c>resume</c> of applications, ApplicationSets and projects.</summary>
internal static class PauseEndpoints
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(31);

    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts)
    {
        Both(api, parts, "applications", Verb.Sync, ResourceKind.Applications, "Application", (http, name) => Task.FromResult(parts().Applications.Get(name).Key));
        Both(api, parts, "applicationsets", Verb.Sync, ResourceKind.ApplicationSets, "ApplicationSet", (http, name) => Task.FromResult(
            (parts().Sets.Find(name) ?? throw RequestProblem.NotFound($"appset {name}", "`capstan get appsets` lists all")).Key));
        Both(api, parts, "projects", Verb.Update, ResourceKind.Projects, "Project", (http, name) => ProjectAsync(parts(), name, http.RequestAborted));
    }

    private static void Both(IEndpointRouteBuilder api, Func<ServerParts> parts, string place, Verb verb, ResourceKind kind, string word, Func<HttpContext, string, Task<ObjectKey>> find)
    {
        api.MapPost($"/{place}/{{name}}/pause", async http =>
        {
            var wish = await Json.ReadAsync(http, ApplicationsJson.Default.PauseRequest).ConfigureAwait(false);
            var key = await find(http, Name(http)).ConfigureAwait(false);
            await parts().Applications.PauseAsync(key, Read(wish, GuardMiddleware.PrincipalOf(http).Name, parts().Time.GetUtcNow()), http.RequestAborted).ConfigureAwait(false);
            http.Response.StatusCode = StatusCodes.Status202Accepted;
        }).Needs(verb, kind, "name").Tells("pause" + word, "Rests automation until a time, with a reason that everybody sees", status: 202, body: typeof(PauseRequest));
        api.MapPost($"/{place}/{{name}}/resume", async http =>
        {
            var key = await find(http, Name(http)).ConfigureAwait(false);
            await parts().Applications.PauseAsync(key, null, http.RequestAborted).ConfigureAwait(false);
            http.Response.StatusCode = StatusCodes.Status202Accepted;
        }).Needs(verb, kind, "name").Tells("resume" + word, "Lets automation go on", status: 202);
    }

    private static string Name(HttpContext http) => (string)http.Request.RouteValues["name"]!;

    private static Pause Read(PauseRequest wish, string user, DateTimeOffset now)
    {
        if (!DateTimeOffset.TryParse(wish.Until, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var until) || until <= now || until - now > Longest)
        {
            throw RequestProblem.Refused($"until: \"{wish.Until}\" is no time within the next {Longest.TotalDays:0} days; write it like 2030-01-02T15:00:00Z");
        }

        return string.IsNullOrWhiteSpace(wish.Reason) || wish.Reason.Length > 500 || wish.Reason.Any(char.IsControl)
            ? throw RequestProblem.Refused("reason: say in one line of at most 500 characters why automation rests")
            : new Pause("", user, wish.Reason.Trim(), until);
    }

    private static async Task<ObjectKey> ProjectAsync(ServerParts parts, string name, CancellationToken cancellation)
    {
        foreach (var space in ProjectDesk.Namespaces(parts.Settings.AppNamespaces))
        {
            var key = new ObjectKey(ProjectDesk.Kind.GroupKind, space, name);
            if (await parts.Cluster.FindAsync(key, cancellation).ConfigureAwait(false) is not null) return key;
        }
        throw RequestProblem.NotFound($"project {name}", "`capstan get projects` lists all");
    }
}
