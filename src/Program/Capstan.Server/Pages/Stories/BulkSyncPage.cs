using Capstan.Access.Rights;
using Capstan.Resources;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Pages.Slices;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Capstan.Server.Pages.Stories;

/// <summary>The sync of several applications: first the plan of each, then the sync of those that are still wanted.</summary>
internal static class BulkSyncPage
{
    private const int Most = 50;

    public static async Task ShowAsync(HttpContext http, ServerParts parts)
    {
        var (chosen, left) = Choose(http, parts, http.Request.Query["name"]);
        var items = new List<BulkSyncItem>();
        foreach (var application in chosen)
        {
            var (plan, problem) = await ApplicationPages.TryAsync(() => parts.Reports.PlanAsync(application, http.RequestAborted)).ConfigureAwait(false);
            items.Add(new BulkSyncItem(application.Name, plan, problem));
        }
        await PageFrame.ShowAsync(http, BulkSync.Create(new BulkSyncModel(PageFrame.Of(http, parts, "Sync several", "Applications"), items, left))).ConfigureAwait(false);
    }

    public static async Task SyncAsync(HttpContext http, ServerParts parts)
    {
        var form = await PageForm.ReadAsync(http).ConfigureAwait(false);
        var (chosen, left) = Choose(http, parts, form["name"]);
        if (left.Count > 0) throw RequestProblem.Refused(string.Join("; ", left), "Nothing was synced. Choose again");
        var by = GuardMiddleware.PrincipalOf(http);
        var problems = new List<string>();
        foreach (var application in chosen)
        {
            try
            {
                await parts.Applications.StartSyncAsync(application, by.Name, null, form["prune"].FirstOrDefault() == "true", http.RequestAborted).ConfigureAwait(false);
                parts.Activity.Add(by, GuardMiddleware.AddressOf(http), new StatedRight(Verb.Sync, ResourceKind.Applications), application.Name, StatusCodes.Status202Accepted);
            }
            catch (RequestProblem e)
            {
                problems.Add(e.Message);
            }
        }
        if (problems.Count > 0) throw RequestProblem.Conflict(string.Join("; ", problems), "The others were started");
        PageFrame.GoTo(http, "/applications");
    }

    private static (IReadOnlyList<KubernetesObject> Chosen, IReadOnlyList<string> Left) Choose(HttpContext http, ServerParts parts, StringValues names)
    {
        var (chosen, left) = (new List<KubernetesObject>(), new List<string>());
        var principal = GuardMiddleware.PrincipalOf(http);
        foreach (var name in names.OfType<string>().Distinct(StringComparer.Ordinal))
        {
            // What is not there and what may not be seen are told alike.
            var found = parts.Applications.TryGet(name);
            if (found is null || !parts.Rules.May(principal, Verb.Get, ResourceKind.Applications, FullNames.Of(found))) left.Add($"application {(name.Length > 100 ? name[..100] : name)}: does not exist, or you may not see it");
            else if (!parts.Rules.May(principal, Verb.Sync, ResourceKind.Applications, FullNames.Of(found))) left.Add($"application {name}: you may not sync it");
            else if (chosen.Count == Most) left.Add($"application {name}: {Most} at once are enough");
            else chosen.Add(found);
        }
        return (chosen, left);
    }
}
