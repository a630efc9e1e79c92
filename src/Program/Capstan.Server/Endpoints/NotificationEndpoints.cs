using System.Globalization;
using Capstan.Access.Rights;
using Capstan.Api.Notifications;
using Capstan.Server.Hosting;
using Capstan.Server.OpenApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>/api/v1/notifications</c>: what became of every message.</summary>
internal static class NotificationEndpoints
{
    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts) => api.MapGet("/notifications", http => Json.WriteAsync(http, Read(http, parts()), NotificationsJson.Default.NotificationList))
        .Needs(Verb.Get, ResourceKind.Instance)
        .Tells("listNotifications", "Messages about applications and what became of them, those tried last first", typeof(NotificationList),
            query: [.. RouteDescriptions.Paging, ("application", "Only about this one, as NAMESPACE/NAME"), ("state", "delivered, retrying, failed or cleared")]);

    public static NotificationList Read(HttpContext http, ServerParts parts)
    {
        var limit = Paging.Limit(http);
        string Word(string name) => http.Request.Query[name].FirstOrDefault() ?? "";
        var (application, state) = (Word("application"), Word("state"));
        var before = Paging.Decode(http.Request.Query["cursor"].FirstOrDefault()) is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : (long?)null;
        var found = parts.Notifications.Read(before, e => (application.Length == 0 || e.Application == application) && (state.Length == 0 || e.State == state), limit + 1);
        return found.Count > limit
            ? new NotificationList([.. found.Take(limit)], parts.Notifications.Problems, Paging.Encode(found[limit - 1].Id.ToString(CultureInfo.InvariantCulture)))
            : new NotificationList(found, parts.Notifications.Problems);
    }
}
