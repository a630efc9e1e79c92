using Capstan.Access.Rights;
using Capstan.Server.Endpoints;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Pages.Slices;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pages;

/// <summary>Activity and clusters.</summary>
internal static class OtherPages
{
    public static Task ActivityAsync(HttpContext http, ServerParts parts)
    {
        var list = ActivityEndpoints.Read(http, parts);
        var who = http.Request.Query["who"].FirstOrDefault() ?? "";
        var next = list.Next is null ? null : $"/activity?cursor={list.Next}{(who.Length > 0 ? "&who=" + Uri.EscapeDataString(who) : "")}";
        return PageFrame.ShowAsync(http, Activity.Create(new ActivityModel(PageFrame.Of(http, parts, "Activity", "Activity"), list.Items, next, who)));
    }

    public static Task NotificationsAsync(HttpContext http, ServerParts parts) => PageFrame.ShowAsync(http, Slices.Notifications.Create(new NotificationsModel(
        PageFrame.Of(http, parts, "Notifications", "Activity"), NotificationEndpoints.Read(http, parts), http.Request.Query["state"].FirstOrDefault() ?? "")));

    public static async Task ClustersAsync(HttpContext http, ServerParts parts)
    {
        var cluster = await InstanceEndpoints.ClusterAsync(parts, http.RequestAborted).ConfigureAwait(false);
        var findings = parts.Rules.May(GuardMiddleware.PrincipalOf(http), Verb.Get, ResourceKind.Instance)
            ? (await Examination.RunAsync(parts, http.RequestAborted).ConfigureAwait(false)).Findings
            : null;
        await PageFrame.ShowAsync(http, Clusters.Create(new ClustersModel(PageFrame.Of(http, parts, "Clusters", "Clusters"), [cluster], findings))).ConfigureAwait(false);
    }
}
