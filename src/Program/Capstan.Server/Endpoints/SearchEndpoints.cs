using Capstan.Access.Rights;
using Capstan.Api.Instance;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.OpenApi;
using Capstan.Server.Pages;
using Capstan.Server.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>/api/v1/search</c>: places by a part of their name, for the palette and for scripts.</summary>
internal static class SearchEndpoints
{
    private const int Most = 20;

    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts) => api.MapGet("/search", http => Json.WriteAsync(http, Find(http, parts()), InstanceJson.Default.PlaceList))
        .NeedsSignIn(Verb.Get, ResourceKind.Instance).Tells("search", "Applications, repositories and pages by a part of their name", typeof(PlaceList), query: [("q", "The part")]);

    private static PlaceList Find(HttpContext http, ServerParts parts)
    {
        var word = (http.Request.Query["q"].FirstOrDefault() ?? "").Trim();
        if (word.Length > 200) throw RequestProblem.Malformed("q: is longer than 200 characters");
        var principal = GuardMiddleware.PrincipalOf(http);
        bool Fits(string text) => text.Contains(word, StringComparison.OrdinalIgnoreCase);
        var pages = PageMenu.Entries.Select(e => (e.Area, e.Address)).Concat(PageMenu.Others).Where(e => Fits(e.Area)).Select(e => new Place("page", e.Area, e.Address));
        var applications = parts.Index.All.Where(a => Fits(a.Name) && parts.Rules.May(principal, Verb.Get, ResourceKind.Applications, a.FullName)).Take(Most)
            .Select(a => new Place("application", a.Name, "/applications/" + Uri.EscapeDataString(a.Name), a.Summary.IsGreen ? "Healthy" : a.Summary.Health == "Healthy" ? a.Summary.Sync : a.Summary.Health));
        var repositories = word.Length == 0 ? [] : parts.Repositories.List().Where(r => Fits(r.Text) && parts.Rules.May(principal, Verb.Get, ResourceKind.Repositories, r.Text)).Take(Most)
            .Select(r => new Place("repository", r.Text, "/repositories/" + r.Text));
        return new PlaceList([.. applications.Concat(repositories).Concat(pages).OrderBy(p => p.Name.StartsWith(word, StringComparison.OrdinalIgnoreCase) ? 0 : 1).Take(Most)]);
    }
}
