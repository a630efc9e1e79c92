using System.Text.Json;
using Capstan.Access.Rights;
using Capstan.Api.Applications;
using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplicationSets;
using Capstan.Resources;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.OpenApi;
using Capstan.Server.Platform;
using Capstan.Server.Problems;
using Capstan.Yaml;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.Endpoints;

/// <summary><c>/api/v1/applicationsets</c></summary>
internal static class ApplicationSetEndpoints
{
    private const ResourceKind Kind = ResourceKind.ApplicationSets;
    private const string Word = "appset";

    public static void Map(IEndpointRouteBuilder api, Func<ServerParts> parts)
    {
        var all = api.MapGroup("/applicationsets");
        all.MapGet("", http => ListAsync(http, parts())).Needs(Verb.List, Kind).Tells("listApplicationSets", "ApplicationSet objects", typeof(JsonElement));
        // In which projects its Applications will be is in the body, so the handlers ask for those.
        all.MapPost("", http => CreateAsync(http, parts())).Needs(Verb.Create, Kind)
            .Tells("createApplicationSet", "Commits a new ApplicationSet to the platform repository", typeof(PlatformCommit), 201, typeof(ManifestText));
        all.MapPost("/preview", http => PreviewAsync(http, parts())).Needs(Verb.Create, Kind)
            .Tells("previewApplicationSet", "The Applications that a set would make; nothing is written", typeof(SetPreview), body: typeof(ManifestText));
        One(all, "", "GET", Verb.Get, http => Json.WriteAsync(http, Shown(Find(http, parts())).Body)).Tells("getApplicationSet", "An ApplicationSet object", typeof(JsonElement));
        One(all, "", "DELETE", Verb.Delete, http => DeleteAsync(http, parts())).Tells("deleteApplicationSet", "Commits the removal of an ApplicationSet", typeof(PlatformCommit));
        One(all, "/preview", "GET", Verb.Get, async http => await WriteAsync(http, parts(), Find(http, parts())).ConfigureAwait(false))
            .Tells("previewOfApplicationSet", "The Applications that it would make now; nothing is written", typeof(SetPreview));
        One(all, "/why", "GET", Verb.Get, http => Json.WriteAsync(http, SetReports.Why(Find(http, parts())), ApplicationsJson.Default.WhyReport))
            .Tells("whyApplicationSet", "Why it is not up to date", typeof(WhyReport));
        One(all, "/refresh", "POST", Verb.Sync, http => RefreshAsync(http, parts())).Tells("refreshApplicationSet", "Has its generators read everything anew", status: 202);
        One(all, "/approve-deletions", "POST", Verb.Approve, http => ApproveAsync(http, parts()))
            .Tells("approveDeletions", "Agrees to the deletion of the Applications that are held", typeof(DeletionAnswer));
    }

    private static IEndpointConventionBuilder One(IEndpointRouteBuilder all, string path, string method, Verb verb, RequestDelegate serve) =>
        all.MapMethods("/{name}" + path, [method], serve).Needs(verb, Kind, "name");

    private static KubernetesObject Find(HttpContext http, ServerParts parts)
    {
        var name = (string)http.Request.RouteValues["name"]!;
        return parts.Sets.Find(name) ?? throw RequestProblem.NotFound($"appset {name}", "`capstan get appsets` lists all; one that was just created comes with the next sync of the platform repository");
    }

    private static KubernetesObject Shown(KubernetesObject set) => set.Without("metadata", "managedFields");

    private static Task ListAsync(HttpContext http, ServerParts parts)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        var shown = parts.Sets.List().Where(s => parts.Rules.May(principal, Verb.Get, Kind, FullNames.OfSet(s))).Select(s => Shown(s).Body);
        return Json.WriteAsync(http, YamlMap.Of(("items", new YamlList(shown))));
    }

    private static async Task CreateAsync(HttpContext http, ServerParts parts)
    {
        var manifest = await ReadAsync(http, parts).ConfigureAwait(false);
        if (SetDesk.Problems(manifest.Object) is { Count: > 0 } problems) throw RequestProblem.Refused($"appset {manifest.Name}: {string.Join("; ", problems)}");
        var commit = await parts.Platform.PutAsync(manifest, replaces: false, GuardMiddleware.PrincipalOf(http).Name, http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, commit, ApplicationsJson.Default.PlatformCommit, StatusCodes.Status201Created).ConfigureAwait(false);
    }

    private static async Task PreviewAsync(HttpContext http, ServerParts parts) =>
        await WriteAsync(http, parts, (await ReadAsync(http, parts).ConfigureAwait(false)).Object).ConfigureAwait(false);

    // A set reads repositories, clusters and tokens with Capstan's own rights: whoever writes one must be allowed to write the platform repository.
    private static async Task<PlatformManifest> ReadAsync(HttpContext http, ServerParts parts)
    {
        var wish = await Json.ReadAsync(http, ApplicationsJson.Default.ManifestText).ConfigureAwait(false);
        var manifest = PlatformManifest.Read(Word, SetDesk.Kind, wish.Text, parts.Settings.AppNamespaces);
        http.Items[ActivityMiddleware.NameItem] = manifest.Name;
        Permit.Demand(http, parts, Verb.Update, ResourceKind.Repositories, PlatformRepository.Name);
        Permit.Demand(http, parts, Verb.Create, Kind, FullNames.OfSet(manifest.Object));
        return manifest;
    }

    private static async Task WriteAsync(HttpContext http, ServerParts parts, KubernetesObject set)
    {
        set = set.Namespace.Length > 0 ? set : set.WithNamespace(parts.Settings.AppNamespaces[0]);
        var made = await parts.Sets.PreviewAsync(set, http.RequestAborted).ConfigureAwait(false);
        var items = made.Select(m => new SetPreviewItem(m.Application.Name, m.Problem, Element(m.Application)));
        await Json.WriteAsync(http, new SetPreview(set.Name, [.. items]), ApplicationsJson.Default.SetPreview).ConfigureAwait(false);
    }

    private static JsonElement Element(KubernetesObject application)
    {
        using var document = JsonDocument.Parse(application.ToJson());
        return document.RootElement.Clone();
    }

    private static async Task DeleteAsync(HttpContext http, ServerParts parts)
    {
        var commit = await parts.Platform.RemoveAsync(Word, (string)http.Request.RouteValues["name"]!, GuardMiddleware.PrincipalOf(http).Name, http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, commit, ApplicationsJson.Default.PlatformCommit).ConfigureAwait(false);
    }

    private static async Task RefreshAsync(HttpContext http, ServerParts parts)
    {
        var set = Find(http, parts);
        await parts.Sets.RefreshAsync(new ApplicationKey(set.Namespace, set.Name), http.RequestAborted).ConfigureAwait(false);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private static async Task ApproveAsync(HttpContext http, ServerParts parts)
    {
        var set = Find(http, parts);
        var deleted = await parts.Sets.ApproveAsync(new ApplicationKey(set.Namespace, set.Name), http.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(http, new DeletionAnswer(set.Name, deleted, GuardMiddleware.PrincipalOf(http).Name), ApplicationsJson.Default.DeletionAnswer).ConfigureAwait(false);
    }
}
