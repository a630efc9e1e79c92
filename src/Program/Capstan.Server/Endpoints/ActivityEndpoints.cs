using System.Globalization;
using Capstan.Access.Rights;
using Capstan.Api.Activity;
using Capstan.Server.Hosting;
using Capstan.Server.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>/api/v1/activity</c>: who did what, when and from where.</summary>
internal static class ActivityEndpoints
{
    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts) => api.MapGet("/activity", http => Json.WriteAsync(http, Read(http, parts()), ActivityJson.Default.ActivityList))
        .Needs(Verb.Get, ResourceKind.Instance)
        .Tells("listActivity", "Who did what, the newest first", typeof(ActivityList), query: [.. RouteDescriptions.Paging, ("who", "Only of this person or token"), ("resource", "Only with this kind of thing"), ("name", "Only with this thing")]);

    public static ActivityList Read(HttpContext http, ServerParts parts)
    {
        var limit = Paging.Limit(http);
        string Word(string name) => http.Request.Query[name].FirstOrDefault() ?? "";
        var (who, resource, name) = (Word("who"), Word("resource"), Word("name"));
        var before = Paging.Decode(http.Request.Query["cursor"].FirstOrDefault()) is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : (long?)null;
        var found = parts.Activity.Read(before, e => (who.Length == 0 || e.Who.Contains(who, StringComparison.OrdinalIgnoreCase)) && (resource.Length == 0 || e.Resource == resource) && (name.Length == 0 || e.Name == name), limit + 1);
        return found.Count > limit
            ? new ActivityList([.. found.Take(limit)], Paging.Encode(found[limit - 1].Id.ToString(CultureInfo.InvariantCulture)))
            : new ActivityList(found);
    }
}
